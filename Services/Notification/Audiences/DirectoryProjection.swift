import Contracts
import EventLog
import Postgres

/// Keeps what routing calls areas, departments and plates.
enum DirectoryProjection {
    static func names(
        of kind: Names.Kind, _ events: [Envelope<some RegistrationEvent>], _ transaction: inout PostgresTransaction
    ) {
        transaction.enqueue(NameQueries.learn(kind, events))
    }

    static func retire(
        _ kind: Names.Kind, _ events: [Envelope<some RetirementEvent>], _ transaction: inout PostgresTransaction
    ) {
        transaction.enqueue(NameQueries.retire(kind, events))
    }
}
