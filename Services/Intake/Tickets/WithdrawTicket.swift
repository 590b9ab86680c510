import Actions
import Contracts
import EventLog
import HTTP
import JSON
import Postgres
import ServiceKit

/// `POST /v1/tickets/{id}/withdraw` and the button on the status page: the reporter takes the ticket back 撤回.
///
/// ``Withdraw`` says who may, when and what is said. Routing answers each withdrawal: with `case.withdrawn`, or, when it crossed a decision on the
/// way, with `case.kept`; until then the status page says that it is under way.
struct WithdrawTicket: Sendable {
    let pool: PostgresPool
    let outbox: Outbox
    let links: PrivateLinks
    let clock: any Timekeeper

    /// The JSON door: `{"reason"?}`, `Authorization: Bearer <token of the private link>`.
    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let id = TicketID(try request.pathParameter("id")), try links.ticket(of: request) == id else {
            throw Problem.notFound("There is no such ticket, or it is not yours.")
        }
        let input = try request.input(for: Withdraw.fields)
        let action: Withdraw
        do { action = try Withdraw(input) } catch { throw Problem.invalid(error) }
        return .json(Answer(id: id, withdrawnAt: try await perform(action, on: id))).with("cache-control", "no-store")
    }

    /// The status page's button.
    func fromPage(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let id = links.open(.status, token: try request.pathParameter("token"), as: TicketID.self) else {
            throw Problem.notFound("This link opens nothing.")
        }
        _ = try await perform(Withdraw(), on: id)
        return .redirect(links.page(.status, id))
    }

    private func perform(_ action: Withdraw, on id: TicketID) async throws -> Timestamp {
        try await pool.transaction { transaction in
            guard let row = try await transaction.query(WithdrawalQueries.lock(id), as: Withdrawal.self).first else {
                throw Problem.notFound("There is no such ticket, or it is not yours.")
            }
            switch try action.perform(on: row, id) {
            case .repeated(let before): return before
            case .withdraw(let event):
                let now = clock.now()
                transaction.enqueue(WithdrawalQueries.withdraw(id, at: now))
                outbox.emit(event, version: 2 + row.withdrawals + row.reviews, in: &transaction)
                return now
            }
        }
    }

    private struct Answer: JSONObjectEncodable {
        let id: TicketID
        let withdrawnAt: Timestamp

        func write(members o: inout JSONObjectWriter) {
            o.member("id", id)
            o.member("withdrawn_at", withdrawnAt)
        }
    }
}

extension PrivateLinks {
    /// The ticket whose private link's token came along: `Authorization: Bearer <token>` or `?token=`; nil without a valid one.
    func ticket(of request: HTTPRequest) throws(Problem) -> TicketID? {
        var token = try request.query("token")
        if token == nil, let header = request.header("authorization"), header.hasPrefix("Bearer ") {
            token = String(header.dropFirst(7))
        }
        return token.flatMap { open(.status, token: $0, as: TicketID.self) }
    }
}
