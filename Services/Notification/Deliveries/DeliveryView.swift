import Contracts
import EventLog
import JSON
import Postgres

/// A delivery as staff see it: to whom, never where.
struct DeliveryView: PostgresRowDecodable, JSONEncodable {
    let id: DeliveryID
    let event: EventID
    let type: String
    let ticket: TicketID
    let area: String
    let audience: String
    let recipient: String
    let channel: DeliveryChannel
    let template: String
    let state: DeliveryState
    let dueAt: Timestamp
    let attempts: Int
    let trouble: String?
    let createdAt: Timestamp
    let settledAt: Timestamp?
    /// The desk's address with most of it hidden; a resident's is not known here.
    var masked: String?
    /// What was tried; only where one delivery is looked at.
    var log: [AttemptView]?

    init(row: borrowing PostgresRow) throws(PostgresError) {
        id = try row["id"]
        event = try row["event"]
        type = try row["type"]
        ticket = try row["ticket"]
        area = try row["area"]
        audience = try row["audience"]
        recipient = try row["recipient"]
        channel = try row.channel
        template = try row["template"]
        state = try row["state"]
        dueAt = try row["due_at"]
        attempts = try row["attempts"]
        trouble = try row["trouble"]
        createdAt = try row["created_at"]
        settledAt = try row["settled_at"]
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.member("id", id)
            $0.member("event", event)
            $0.member("type", type)
            $0.member("ticket", ticket)
            $0.member("audience", audience)
            $0.member("channel", channel)
            $0.member("to", masked)
            $0.member("template", template)
            $0.member("state", state.rawValue)
            $0.member("attempts", attempts)
            $0.member("trouble", trouble)
            $0.member("created_at", createdAt)
            if state == .queued { $0.member("due_at", dueAt) }
            $0.member("settled_at", settledAt)
            $0.member("log", log)
        }
    }
}

/// One attempt of a delivery.
struct AttemptView: PostgresRowDecodable, JSONEncodable {
    let attempt: Int
    let endedAt: Timestamp
    let outcome: String
    let trouble: String?

    init(row: borrowing PostgresRow) throws(PostgresError) {
        attempt = try row["attempt"]
        endedAt = try row["ended_at"]
        outcome = try row["outcome"]
        trouble = try row["trouble"]
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.member("attempt", attempt)
            $0.member("ended_at", endedAt)
            $0.member("outcome", outcome)
            $0.member("trouble", trouble)
        }
    }
}
