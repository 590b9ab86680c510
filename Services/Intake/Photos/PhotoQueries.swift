import Contracts
import EventLog
import Postgres

/// Every statement about stored photos.
enum PhotoQueries {
    static func jpeg(_ id: PhotoID, of ticket: TicketID) -> SQL {
        "SELECT jpeg FROM photo WHERE id = \(id) AND ticket = \(ticket)"
    }
}
