import Contracts
import EventLog
import Postgres

/// Keeps the plates and names that routing publishes.
enum DirectoryProjection {
    static func plates(_ events: [Envelope<PlateRegistered>], _ transaction: inout PostgresTransaction) async throws {
        transaction.enqueue(PlateQueries.learn(events.map { ($0.version, $0.body) }))
    }

    static func categories(_ events: [Envelope<CategoryRegistered>], _ transaction: inout PostgresTransaction) {
        transaction.enqueue(PlateQueries.learn(categories: events.map { ($0.version, $0.body) }))
    }

    static func retirePlates(_ events: [Envelope<PlateRetired>], _ transaction: inout PostgresTransaction) {
        transaction.enqueue(PlateQueries.retire(events.map { ($0.version, $0.subject) }, from: "plate"))
    }

    static func retireCategories(_ events: [Envelope<CategoryRetired>], _ transaction: inout PostgresTransaction) {
        transaction.enqueue(PlateQueries.retire(events.map { ($0.version, $0.subject) }, from: "category"))
    }

    static func names(
        into table: PlateQueries.Names, _ events: [Envelope<some RegistrationEvent>], _ transaction: inout PostgresTransaction
    ) {
        transaction.enqueue(PlateQueries.learn(events.map { ($0.version, $0.body) }, into: table))
    }
}
