import Contracts
import EventLog
import Postgres

/// Every statement about contacts, which are personal data.
enum ContactQueries {
    static func note(_ ticket: TicketID, reader: String, purpose: String, at: Timestamp) -> SQL {
        """
        INSERT INTO contact_reading (ticket, reader, purpose, read_at)
        SELECT ticket, \(reader), \(purpose), \(at) FROM contact WHERE ticket = \(ticket)
        """
    }

    static func phone(_ ticket: TicketID) -> SQL { "SELECT phone FROM contact WHERE ticket = \(ticket)" }
}
