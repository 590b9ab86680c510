public import Telemetry

/// Brings a database to the program's schema, forward only, and refuses a history that is not the program's.
///
/// What was applied stands in `shao_migration` with a checksum. Any number of migrators may start at once: an advisory
/// lock lets one work, the others find it done.
public struct Migrator: Sendable {
    private let pool: PostgresPool
    private let migrations: [Migration]
    private let table: String
    private let log: Log

    /// - Parameter component: a library's own sequence of steps beside the service's, kept in `shao_migration_<component>`.
    public init(_ pool: PostgresPool, _ migrations: [Migration], component: String? = nil, log: Log) {
        self.pool = pool
        self.migrations = migrations
        table = component.map { "shao_migration_\($0)" } ?? "shao_migration"
        self.log = log
    }

    /// Applies what is missing, each step in its own transaction, and answers what it applied.
    ///
    /// A step that fails leaves nothing behind and stops; those before it stay. Throws a `migration` error, before
    /// anything is done, when an applied step was edited, is unknown here, or a new one is older than the last applied of its
    /// kind: versions below 100 are a library's, the others the service's.
    @discardableResult
    public func migrate() async throws -> [Migration] {
        let ordered = try Migration.ordered(migrations)
        return try await pool.withConnection { connection in
            try await connection.liftDeadlines()
            // Longer than any migration should hold it; a hung one is named instead of waited for.
            try await connection.execute("SET lock_timeout = '10min'")
            try await connection.execute("SELECT pg_advisory_lock(\(Self.lock))")
            try await createTable(connection)
            let missing = try await unapplied(of: ordered, connection)
            for migration in missing { try await apply(migration, connection) }
            return missing
        }
    }

    /// What `migrate()` would apply. Changes nothing; throws like it when the histories do not fit.
    public func pending() async throws -> [Migration] {
        let ordered = try Migration.ordered(migrations)
        return try await pool.withConnection { connection in
            let found = try await connection.query("SELECT to_regclass(\(table)) IS NOT NULL", as: Bool.self)
            return found == [true] ? try await unapplied(of: ordered, connection) : ordered
        }
    }

    private func createTable(_ connection: PostgresConnection) async throws {
        try await connection.execute(
            """
            CREATE TABLE IF NOT EXISTS \(identifier: table) (
                version bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now())
            """)
    }

    private struct Applied: Sendable {
        let version: Int
        let name: String
        let checksum: String
    }

    private func unapplied(of ordered: [Migration], _ connection: PostgresConnection) async throws -> [Migration] {
        let applied = try await connection.query(
            "SELECT version, name, checksum FROM \(identifier: table) ORDER BY version"
        ) { row in Applied(version: try row["version"], name: try row["name"], checksum: try row["checksum"]) }
        let checksums = try await checksums(of: ordered, connection)
        let known = Dictionary(zip(ordered, checksums).map { ($0.version, ($0, $1)) }, uniquingKeysWith: { first, _ in first })
        for step in applied {
            guard let (migration, checksum) = known[step.version] else {
                throw PostgresError(
                    .migration,
                    "the database has V\(step.version) \(step.name), which this program does not know: is the program older?")
            }
            guard checksum == step.checksum else {
                throw PostgresError(
                    .migration, "V\(step.version) \(migration.name) was edited after it was applied: write a new step instead")
            }
        }
        let done = Set(applied.map(\.version))
        let missing = ordered.filter { !done.contains($0.version) }
        for late in missing {
            // A library's steps and the service's are two histories, each with its own last one.
            let last = applied.last { ($0.version < Self.firstOfService) == (late.version < Self.firstOfService) }
            guard let last, late.version < last.version else { continue }
            throw PostgresError(
                .migration, "V\(late.version) \(late.name) is missing, but V\(last.version) is applied: give it a higher version")
        }
        return missing
    }

    /// Versions below are of the library under the service (the event log), which goes on in releases after the service's steps.
    private static let firstOfService = 100

    /// Postgres computes them, so that this module needs no hash of its own.
    private func checksums(of ordered: [Migration], _ connection: PostgresConnection) async throws -> [String] {
        let texts = ordered.map { Array($0.sql.utf8) }
        return try await connection.query(
            "SELECT encode(sha256(t), 'hex') FROM unnest(\(texts)) WITH ORDINALITY AS u(t, n) ORDER BY n", as: String.self)
    }

    private func apply(_ migration: Migration, _ connection: PostgresConnection) async throws {
        log.info("migrating", ["version": .int(migration.version), "name": .string(migration.name)])
        let text = Array(migration.sql.utf8)
        do {
            try await connection.transaction { transaction in
                try await transaction.script(migration.sql)
                try await transaction.execute(
                    """
                    INSERT INTO \(identifier: table) (version, name, checksum)
                    VALUES (\(migration.version), \(migration.name), encode(sha256(\(text)), 'hex'))
                    """)
            }
        } catch let error as PostgresError {
            throw PostgresError(
                .migration, "V\(migration.version) \(migration.name): \(error.message)", sqlState: error.sqlState,
                detail: error.detail, hint: error.hint, constraint: error.constraint)
        }
    }

    /// "SHAO" and "MIGR" in ASCII: unlike any number a service would choose.
    private static let lock: Int64 = 0x5348_414F_4D49_4752
}
