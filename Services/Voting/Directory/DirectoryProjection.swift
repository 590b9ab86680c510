import Contracts
import EventLog
import Postgres

/// Keeps the names of communities and departments that routing publishes.
enum DirectoryProjection {
    static func names(
        of kind: DirectoryQueries.Kind, _ events: [Envelope<some RegistrationEvent>], _ transaction: inout PostgresTransaction
    ) {
        transaction.enqueue(DirectoryQueries.learn(events, kind: kind))
    }
}
