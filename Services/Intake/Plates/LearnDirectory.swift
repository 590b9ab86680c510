import Contracts
import EventLog
import Postgres

/// Keeps the plates and names that routing publishes.
enum LearnDirectory {
    static func plates(_ events: [Envelope<PlateRegistered>], _ transaction: inout PostgresTransaction) async throws {
        transaction.enqueue(PlateQueries.learn(events.map { ($0.version, $0.body) }))
    }

    static func areas(_ events: [Envelope<AreaRegistered>], _ transaction: inout PostgresTransaction) async throws {
        transaction.enqueue(PlateQueries.learn(areas: events.map { ($0.version, $0.body) }))
    }

    static func departments(
        _ events: [Envelope<DepartmentRegistered>], _ transaction: inout PostgresTransaction
    ) async throws {
        transaction.enqueue(PlateQueries.learn(departments: events.map { ($0.version, $0.body) }))
    }

    static func categories(_ events: [Envelope<CategoryRegistered>], _ transaction: inout PostgresTransaction) async throws {
        transaction.enqueue(PlateQueries.learn(categories: events.map { ($0.version, $0.body) }))
    }
}
