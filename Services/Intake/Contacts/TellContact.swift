import Contracts
import EventLog
import HTTP
import JSON
import Postgres
import ServiceKit

/// `GET /internal/contacts/{ticket}?reader=…&purpose=…`: how to reach who reported, for notification at the moment it sends.
/// Personal data never travels on Kafka; each reading is written down before the answer.
struct TellContact: Sendable {
    let pool: PostgresPool
    let access: ServiceGuard
    let clock: any Timekeeper

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        try access.check(request)
        guard let ticket = TicketID(try request.pathParameter("ticket")),
            let reader = try request.query("reader"), let purpose = try request.query("purpose"),
            reader.utf8.count <= 64, purpose.utf8.count <= 64
        else { throw Problem(400, "bad-query", detail: "ticket, reader and purpose are needed") }
        let phone = try await pool.transaction { transaction in
            transaction.enqueue(ContactQueries.note(ticket, reader: reader, purpose: purpose, at: clock.now()))
            return try await transaction.query(ContactQueries.phone(ticket), as: String.self).first
        }
        guard let phone else { throw Problem.notFound("There is no contact for this ticket.") }
        return .json(Contact(phone: phone)).with("cache-control", "no-store")
    }
}

private struct Contact: JSONObjectEncodable {
    let phone: String
    func write(members o: inout JSONObjectWriter) { o.member("phone", phone) }
}
