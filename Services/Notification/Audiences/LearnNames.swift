import Contracts
import EventLog
import Postgres

/// Keeps what routing calls areas, departments and plates.
enum LearnNames {
    static func areas(_ events: [Envelope<AreaRegistered>], _ transaction: inout PostgresTransaction) async throws {
        transaction.enqueue(
            NameQueries.learn(.area, events.map { NamedCode(code: $0.subject, version: $0.version, name: $0.body.name) }))
    }

    static func departments(
        _ events: [Envelope<DepartmentRegistered>], _ transaction: inout PostgresTransaction
    ) async throws {
        transaction.enqueue(
            NameQueries.learn(.department, events.map { NamedCode(code: $0.subject, version: $0.version, name: $0.body.name) }))
    }

    static func plates(_ events: [Envelope<PlateRegistered>], _ transaction: inout PostgresTransaction) async throws {
        transaction.enqueue(
            NameQueries.learn(.plate, events.map { NamedCode(code: $0.subject, version: $0.version, name: $0.body.name) }))
    }
}

/// A code and what it is called at a version.
struct NamedCode: Sendable {
    let code: String
    let version: Int32
    let name: String
}
