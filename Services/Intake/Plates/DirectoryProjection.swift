import Contracts
import EventLog
import Postgres

/// Keeps the plates and names that routing publishes.
enum DirectoryProjection {
    static func plates(_ events: [Envelope<PlateRegistered>], _ transaction: inout PostgresTransaction) async throws {
        transaction.enqueue(PlateQueries.learn(events.map { ($0.version, $0.body) }))
    }

    static func names(
        into table: PlateQueries.Names, _ events: [Envelope<some RegistrationEvent>], _ transaction: inout PostgresTransaction
    ) {
        transaction.enqueue(PlateQueries.learn(events.map { ($0.version, $0.body) }, into: table))
    }
}
