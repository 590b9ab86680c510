import Actions
import Contracts
import Crypto
import EventLog
import HTTP
import Pages
import Postgres
import ServiceKit

/// `POST /s/<token>/review`: ``RequestReview`` from the status page. The same form again is the same request; any other that comes too late,
/// or too long, is shown again with the reason (409, 422), and what was typed stays on the page.
///
/// Routing reopens the case for the street, never for who refused it.
struct ReviewTicket: Sendable {
    let pool: PostgresPool
    let outbox: Outbox
    let links: PrivateLinks
    let clock: any Timekeeper
    let status: ShowStatus

    func fromPage(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let id = links.open(.status, token: try request.pathParameter("token"), as: TicketID.self) else {
            throw Problem.notFound("This link opens nothing.")
        }
        let input = try ActionInput(form: try request.form(), for: RequestReview.fields)
        let action: RequestReview
        do throws(FieldMistakes) { action = try RequestReview(input) } catch {
            return try await status.show(id, request, typed: .init(input: input, errors: FormErrors(error)), status: 422)
        }
        if let refusal = try await ask(action, of: id, hash: SHA256.hash(request.body)) {
            let errors = FormErrors(FieldMistakes(all: RequestReview.fields.map { .init(field: $0.key, reason: .invalid(refusal)) }))
            return try await status.show(id, request, typed: .init(input: input, errors: errors), status: 409)
        }
        return .redirect(links.path(.status, id))
    }

    /// Why it is not taken; nil when it is, or was before.
    private func ask(_ action: RequestReview, of id: TicketID, hash: [UInt8]) async throws -> Text? {
        try await pool.transaction { transaction in
            guard let row = try await transaction.query(ReviewQueries.lock(id), as: Review.self).first else {
                throw Problem.notFound("This link opens nothing.")
            }
            let own = try await transaction.query(ProgressQueries.steps(id), as: ProgressStep.self)
            let other = try await transaction.query(ProgressQueries.steps(ofTargetOf: own), as: ProgressStep.self)
            let window = ReviewWindow(steps: other.isEmpty ? own : other, asked: row.refusal, now: clock.now())
            switch action.perform(on: window, id, isSameForm: row.hash == hash) {
            case .repeated: return nil
            case .refuse(let why): return why
            case .ask(let event, let refusal):
                transaction.enqueue(ReviewQueries.request(id, of: refusal, hash: hash, at: clock.now()))
                outbox.emit(event, version: 2 + row.withdrawals + row.reviews, in: &transaction)
                return nil
            }
        }
    }
}
