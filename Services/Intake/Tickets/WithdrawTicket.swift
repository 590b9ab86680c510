import Contracts
import EventLog
import HTTP
import JSON
import Postgres
import ServiceKit

/// `POST /v1/tickets/{id}/withdraw` and the button on the status page: the reporter takes the ticket back 撤回.
///
/// For who holds the private link alone, and only until somebody has taken the case up: from then on it is the street's matter.
/// Doing it twice is doing it once. Routing answers each withdrawal: with `case.withdrawn`, or, when it crossed a decision on the
/// way, with `case.kept`; until then the status page says that it is under way.
struct WithdrawTicket: Sendable {
    let pool: PostgresPool
    let outbox: Outbox
    let links: PrivateLinks
    let clock: any Timekeeper

    private static let reasonBytes = 2_000

    /// The JSON door: `{"reason"?}`, `Authorization: Bearer <token of the private link>`.
    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let id = TicketID(try request.pathParameter("id")), try links.ticket(of: request) == id else {
            throw Problem.notFound("There is no such ticket, or it is not yours.")
        }
        let words = request.body.isEmpty ? Words(reason: nil) : try request.json(Words.self)
        return .json(Answer(id: id, withdrawnAt: try await withdraw(id, reason: words.reason))).with("cache-control", "no-store")
    }

    /// The status page's button.
    func fromPage(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let id = links.open(.status, token: try request.pathParameter("token"), as: TicketID.self) else {
            throw Problem.notFound("This link opens nothing.")
        }
        _ = try await withdraw(id, reason: nil)
        return .redirect(links.page(.status, id))
    }

    private func withdraw(_ id: TicketID, reason: String?) async throws -> Timestamp {
        try await pool.transaction { transaction in
            guard let row = try await transaction.query(WithdrawalQueries.lock(id), as: Withdrawal.self).first else {
                throw Problem.notFound("There is no such ticket, or it is not yours.")
            }
            let state = row.snapshot?.state ?? .reported
            if let before = row.withdrawnAt, row.isWithdrawing || state == .withdrawn { return before }
            if state.isOver { throw Problem.conflict("ticket-closed", "The case is over; it cannot be withdrawn any more.") }
            if state != .reported { throw Problem.conflict("case-under-way", "Work on it has begun; it cannot be withdrawn any more.") }
            let now = clock.now()
            transaction.enqueue(WithdrawalQueries.withdraw(id, at: now))
            outbox.emit(
                TicketWithdrawn(ticket: id, reason: PublicText(scrubbing: reason)), version: 2 + row.withdrawals + row.reviews,
                in: &transaction)
            return now
        }
    }

    private struct Words: JSONObjectDecodable {
        let reason: String?

        init(reason: String?) { self.reason = reason }

        init(members m: inout JSONMembers) throws(JSONError) {
            reason = try m.readIfPresent("reason") { value throws(JSONError) in try value.string(maxBytes: WithdrawTicket.reasonBytes) }
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
