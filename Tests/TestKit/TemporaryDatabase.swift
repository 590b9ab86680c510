import EventLoop
import FoundationEssentials
public import Postgres
import Synchronization
import Telemetry

/// A database of its own for a suite: cloned from a migrated template in some 50 ms, dropped afterwards.
///
/// Templates are named by their migrations' content and kept on the scratch server, so a run makes each only once.
public enum TemporaryDatabase {
    /// A superuser's connection string of a scratch server, from `SHAO_TEST_POSTGRES`.
    public static let conninfo: String? = ProcessInfo.processInfo.environment["SHAO_TEST_POSTGRES"]

    /// For `.enabled(if: TemporaryDatabase.isAvailable, TemporaryDatabase.reason)`.
    public static var isAvailable: Bool { conninfo != nil }
    public static let reason = "SHAO_TEST_POSTGRES names no scratch server"

    public struct Unavailable: Error {}

    /// Runs `body` with a pool on a fresh database that has `migrations`.
    @discardableResult
    public static func with<Value: Sendable>(
        migrations: [Migration] = [], poolSize: Int = 4, adjust: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        try await withConfiguration(migrations: migrations, poolSize: poolSize) { configuration in
            var adjusted = configuration
            adjust(&adjusted)
            return try await withPool(adjusted, body)
        }
    }

    /// The same for tests that build their own pools.
    @discardableResult
    public static func withConfiguration<Value: Sendable>(
        migrations: [Migration] = [], poolSize: Int = 4, _ body: (PostgresConfiguration) async throws -> Value
    ) async throws -> Value {
        guard let conninfo else { throw Unavailable() }
        let configuration = PostgresConfiguration(conninfo: conninfo, poolSize: poolSize, applicationName: "tests")
        let name = "shao_test_\(UUID().uuidString.lowercased().filter { $0 != "-" })"
        try await withPool(administration(conninfo)) { admin in
            let template = try await makeTemplate(migrations, configuration, admin)
            try await admin.execute("CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: template)")
        }
        do {
            let value = try await body(configuration.database(name))
            try await drop(name, conninfo)
            return value
        } catch {
            try? await drop(name, conninfo)
            throw error
        }
    }

    /// A running pool, closed when `body` is done.
    @discardableResult
    public static func withPool<Value: Sendable>(
        _ configuration: PostgresConfiguration, _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let pool = PostgresPool(configuration, on: .shared, log: Log("test", level: .error))
        let running = Task(executorPreference: EventLoop.shared) { await pool.run() }
        do {
            let value = try await body(pool)
            await pool.close()
            await running.value
            return value
        } catch {
            await pool.close(within: .zero)
            await running.value
            throw error
        }
    }

    private static func drop(_ name: String, _ conninfo: String) async throws {
        try await withPool(administration(conninfo)) { admin in
            try await admin.execute("DROP DATABASE IF EXISTS \(identifier: name) WITH (FORCE)")
        }
    }

    /// Patient: many suites clone at the same time.
    private static func administration(_ conninfo: String) -> PostgresConfiguration {
        var configuration = PostgresConfiguration(conninfo: conninfo, poolSize: 1, applicationName: "tests-admin")
        configuration.statementTimeout = .seconds(300)
        return configuration
    }

    /// Makes the template once, even when several test processes start at the same time: an advisory lock is held
    /// meanwhile. The template flag is set last, so a half-made one is never used.
    private static func makeTemplate(
        _ migrations: [Migration], _ configuration: PostgresConfiguration, _ admin: PostgresPool
    ) async throws -> String {
        let name = "shao_template_\(fingerprint(migrations))"
        let ready: SQL = "SELECT count(*) FROM pg_database WHERE datname = \(name) AND datistemplate"
        if try await admin.query(ready, as: Int.self) == [1] { return name }
        try await admin.withConnection { connection in
            try await connection.execute("SELECT pg_advisory_lock(\(Int64(0x5348_414F_5445_5354)))")
            if try await connection.query(ready, as: Int.self) == [1] { return }
            try await connection.execute("DROP DATABASE IF EXISTS \(identifier: name) WITH (FORCE)")
            try await connection.execute("CREATE DATABASE \(identifier: name)")
            try await withPool(configuration.database(name)) { pool in
                try await Migrator(pool, migrations, log: Log("test", level: .error)).migrate()
            }
            try await connection.execute("ALTER DATABASE \(identifier: name) IS_TEMPLATE true")
        }
        return name
    }

    /// FNV-1a over versions and texts: names a template, proves nothing.
    private static func fingerprint(_ migrations: [Migration]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for migration in migrations.sorted(by: { $0.version < $1.version }) {
            for byte in "\(migration.version)\0\(migration.name)\0\(migration.sql)\0".utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
            }
        }
        return String(hash, radix: 16)
    }
}
