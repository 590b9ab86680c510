import Contracts
import EventLog
import Postgres

/// Keeps the names of communities and departments that routing publishes.
enum LearnDirectory {
    static func areas(_ events: [Envelope<AreaRegistered>], _ transaction: inout PostgresTransaction) async throws {
        let names = events.map { (code: $0.body.area.description, version: $0.version, name: $0.body.name) }
        transaction.enqueue(DirectoryQueries.learn(names, kind: .area))
    }

    static func departments(
        _ events: [Envelope<DepartmentRegistered>], _ transaction: inout PostgresTransaction
    ) async throws {
        let names = events.map { (code: $0.body.department.description, version: $0.version, name: $0.body.name) }
        transaction.enqueue(DirectoryQueries.learn(names, kind: .department))
    }
}
