import Contracts
import Crypto
import EventLog
import HTTP
import Pages
import Postgres
import ServiceKit

/// `POST /s/<token>/review`: the reporter asks for a review 复核 of a refusal, once, while its window is open. What the street decides
/// then is final. The same form again is the same request; any other that comes too late, or too long, is shown again with the reason
/// (409, 422), and what was typed stays on the page.
///
/// Routing reopens the case for the street, never for who refused it.
struct RequestReview: Sendable {
    let pool: PostgresPool
    let outbox: Outbox
    let links: PrivateLinks
    let clock: any Timekeeper
    let status: ShowStatus

    private static let reasonLimit = 1_000
    /// What stands for a reason where none is given: asking is enough.
    private static let noReason = "反映人申请复核"

    func fromPage(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let id = links.open(.status, token: try request.pathParameter("token"), as: TicketID.self) else {
            throw Problem.notFound("This link opens nothing.")
        }
        let words = try request.form().one("reason") ?? ""
        guard words.unicodeScalars.count <= Self.reasonLimit else {
            return try await status.show(id, request, typed: .init(words: words, wrong: .reviewTooLong), status: 422)
        }
        let reason = words.allSatisfy(\.isWhitespace) ? Self.noReason : words
        if let refusal = try await ask(id, reason: reason, hash: SHA256.hash(request.body)) {
            return try await status.show(id, request, typed: .init(words: words, wrong: refusal), status: 409)
        }
        return .redirect(links.path(.status, id))
    }

    /// Why it is not taken; nil when it is, or was before.
    private func ask(_ id: TicketID, reason: String, hash: [UInt8]) async throws -> Text? {
        try await pool.transaction { transaction in
            guard let row = try await transaction.query(ReviewQueries.lock(id), as: Review.self).first else {
                throw Problem.notFound("This link opens nothing.")
            }
            let own = try await transaction.query(ProgressQueries.steps(id), as: ProgressStep.self)
            let other = try await transaction.query(ProgressQueries.steps(ofTargetOf: own), as: ProgressStep.self)
            let refusal: Timestamp
            switch ReviewWindow(steps: other.isEmpty ? own : other, asked: row.refusal, now: clock.now()) {
            case .asked where row.hash == hash: return nil
            case .asked: return .reviewAskedBefore
            case .decided: return .reviewDecided
            case .underWay: return .reviewUnderWay
            case .closed: return .noReview
            case .open(_, let of): refusal = of
            }
            transaction.enqueue(ReviewQueries.request(id, of: refusal, hash: hash, at: clock.now()))
            outbox.emit(
                TicketReviewRequested(ticket: id, reason: PublicText(scrubbing: reason)), version: 2 + row.withdrawals + row.reviews,
                in: &transaction)
            return nil
        }
    }
}

/// Whether a refusal may be reviewed; pure.
enum ReviewWindow: Sendable, Equatable {
    case closed
    /// - Parameter of: when routing refused.
    case open(until: Timestamp, of: Timestamp)
    /// It was asked for, and the street has not decided yet.
    case asked
    /// The refusal is what the street decided when it was asked for a review.
    case decided
    /// The refused case was taken up again before this reporter asked: by another whose ticket it is too, or by the street.
    case underWay

    /// - Parameters:
    ///   - steps: of the case, in their order.
    ///   - asked: the refusal that a review was last asked of.
    init(steps: [ProgressStep], asked: Timestamp?, now: Timestamp) {
        let refusals = steps.filter { $0.caseEvent is CaseDeclined }.map(\.time)
        guard let snapshot = steps.last?.caseEvent?.snapshot, let refused = refusals.last else {
            self = .closed
            return
        }
        let until = snapshot.clocks.first { $0.kind == .appeal }?.dueAt
        self =
            switch snapshot.state {
            case .reported: asked == refused ? .asked : .underWay
            case .declined where asked == refused: .asked
            case .declined where asked != nil && asked == refusals.dropLast().last: .decided
            case .declined: if let until, now < until { .open(until: until, of: refused) } else { .closed }
            default: .closed
            }
    }
}
