import Contracts
import EventLog
import HTTP
import Pages
import Postgres
import ServiceKit

/// `POST /s/<token>/review`: the reporter asks for a review 复核 of a refusal, once for each, while its window is open.
///
/// Routing reopens the case for the street, never for who refused it.
struct RequestReview: Sendable {
    let pool: PostgresPool
    let outbox: Outbox
    let links: PrivateLinks
    let clock: any Timekeeper

    private static let reasonLimit = 1_000
    /// What stands for a reason where none is given: asking is enough.
    private static let noReason = "反映人申请复核"

    func fromPage(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let id = links.open(.status, token: try request.pathParameter("token"), as: TicketID.self) else {
            throw Problem.notFound("This link opens nothing.")
        }
        let words = try request.form().one("reason") ?? ""
        guard words.unicodeScalars.count <= Self.reasonLimit else {
            let detail = "At most \(Self.reasonLimit) characters."
            throw Problem(422, "text-too-long", detail: detail, errors: [.init(pointer: "#/reason", code: "text-too-long", detail: detail)])
        }
        try await ask(id, reason: words.allSatisfy(\.isWhitespace) ? Self.noReason : words)
        return .redirect(links.path(.status, id))
    }

    private func ask(_ id: TicketID, reason: String) async throws {
        try await pool.transaction { transaction in
            guard let row = try await transaction.query(ReviewQueries.lock(id), as: Review.self).first else {
                throw Problem.notFound("This link opens nothing.")
            }
            let own = try await transaction.query(ProgressQueries.steps(id), as: ProgressStep.self)
            let other = try await transaction.query(ProgressQueries.steps(ofTargetOf: own), as: ProgressStep.self)
            let refusal: Timestamp
            switch ReviewWindow(steps: other.isEmpty ? own : other, asked: row.refusal, now: clock.now()) {
            case .asked: return
            case .closed: throw Problem.conflict("no-review", "There is no refusal that could be reviewed now.")
            case .open(_, let of): refusal = of
            }
            transaction.enqueue(ReviewQueries.request(id, of: refusal, at: clock.now()))
            outbox.emit(
                TicketReviewRequested(ticket: id, reason: PublicText(scrubbing: reason)), version: 2 + row.withdrawals + row.reviews,
                in: &transaction)
        }
    }
}

/// Whether a refusal may be reviewed; pure.
enum ReviewWindow: Sendable, Equatable {
    case closed
    /// - Parameter of: when routing refused.
    case open(until: Timestamp, of: Timestamp)
    /// It was asked for, and the case has not moved yet.
    case asked

    /// - Parameters:
    ///   - steps: of the case, in their order.
    ///   - asked: the refusal that a review was last asked of.
    init(steps: [ProgressStep], asked: Timestamp?, now: Timestamp) {
        guard let last = steps.last, let event = last.caseEvent, event.snapshot.state == .declined,
            let refused = steps.last(where: { $0.caseEvent is CaseDeclined })?.time
        else {
            self = .closed
            return
        }
        let until = event.snapshot.clocks.first { $0.kind == .appeal }?.dueAt
        if asked == refused {
            self = .asked
        } else if let until, now < until {
            self = .open(until: until, of: refused)
        } else {
            self = .closed
        }
    }
}
