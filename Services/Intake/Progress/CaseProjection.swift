import Contracts
import EventLog
import Postgres

/// Keeps each step of the work on a ticket as it was told: what the resident sees of it is read from the steps, and how the case
/// stands from the last of them. Many are heard for one that is looked at, so they are read then, not now.
enum CaseProjection {
    static func apply(_ events: [CommittedEvent], _ transaction: inout PostgresTransaction) async throws {
        transaction.enqueue(ProgressQueries.remember(events))
    }
}
