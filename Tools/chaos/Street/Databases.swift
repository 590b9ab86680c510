import EventLoop
import Postgres
import Synchronization
import Telemetry

/// The superuser's view of the five databases: what is looked at after a fault goes past every link.
final class Databases: Sendable {
    private let settings: PostgresSettings
    private let services: [String]
    private let admin: PostgresPool
    private let pools: [String: PostgresPool]
    private let running = Mutex<[Task<Void, Never>]>([])

    init(_ settings: PostgresSettings, _ services: [String]) {
        self.settings = settings
        self.services = services
        func pool(_ database: String, _ size: Int) -> PostgresPool {
            var configuration = PostgresConfiguration(
                conninfo: "\(settings.superuser) dbname=\(database)", poolSize: size, minimumConnections: 0, applicationName: "chaos")
            configuration.maximumBackOff = .milliseconds(200)
            configuration.statementTimeout = .seconds(60)
            return PostgresPool(configuration, on: .shared, log: Log("chaos", level: .error, sink: Silence()))
        }
        admin = pool("postgres", 2)
        pools = Dictionary(uniqueKeysWithValues: services.map { ($0, pool(settings.database($0), 3)) })
    }

    func open() async {
        for pool in [admin] + pools.values {
            let task = Task(executorPreference: EventLoop.shared) { await pool.run() }
            running.withLock { $0.append(task) }
        }
    }

    func close() async {
        for pool in [admin] + pools.values { await pool.close(within: .zero) }
        for task in running.withLock({ $0 }) { await task.value }
    }

    func pool(_ service: String) -> PostgresPool { pools[service] ?? admin }
    var server: PostgresPool { admin }

    func count(_ service: String, _ sql: SQL) async throws -> Int64 {
        try await pool(service).query(sql, as: Int64.self).first ?? 0
    }

    func texts(_ service: String, _ sql: SQL) async throws -> [String] { try await pool(service).query(sql, as: String.self) }

    /// Whether it had to be made; the caller then migrates it.
    func makeTemplate(_ service: String) async throws -> Bool {
        let name = settings.database(service)
        guard try await admin.query(DatabaseQueries.exists(name + "_fresh"), as: Bool.self) != [true] else { return false }
        try await admin.execute(DatabaseQueries.drop(name))
        try await admin.execute(DatabaseQueries.create(name, owner: settings.role(service)))
        return true
    }

    /// What was just migrated becomes the template.
    func keepTemplate(_ service: String) async throws {
        let name = settings.database(service)
        _ = try await admin.query(DatabaseQueries.endSessions(name), as: Int64.self)
        try await admin.execute(DatabaseQueries.rename(name, to: name + "_fresh"))
    }

    func copyTemplates() async throws {
        for service in services {
            let name = settings.database(service)
            try await admin.execute(DatabaseQueries.drop(name))
            try await admin.execute(DatabaseQueries.copy(name, from: name + "_fresh", owner: settings.role(service)))
        }
    }

    func dropAll() async throws {
        for service in services {
            let name = settings.database(service)
            try await admin.execute(DatabaseQueries.drop(name))
            try await admin.execute(DatabaseQueries.drop(name + "_fresh"))
        }
    }
}

/// What the tool's own pools would say while Postgres is down on purpose.
struct Silence: LogSink {
    func write(_ line: [UInt8]) {}
}
