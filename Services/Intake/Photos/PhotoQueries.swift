import Contracts
import EventLog
import Postgres

/// Every statement about stored photos.
enum PhotoQueries {
    static func jpeg(_ id: PhotoID) -> SQL { "SELECT jpeg FROM photo WHERE id = \(id)" }
}
