public import Postgres
import Telemetry

/// The scratch server's role that owns nothing: what serves may do is tried with it.
public enum ServingRole {
    public static let name = "shao_test_serving"
    private static let password = "of-a-scratch-server"
    /// "SHAO" and "ROLE" in ASCII.
    private static let lock: Int64 = 0x5348_414F_524F_4C45

    /// Makes the role, once a server, grants it `rights` in the database, and answers its connection string there.
    ///
    /// - Parameter conninfo: the owner's connection string, the database included.
    public static func grant(_ rights: ServingRights, in database: PostgresConfiguration, conninfo: String) async throws -> String {
        try await TemporaryDatabase.withPool(database) { pool in
            try await make(name, pool)
            try await rights.grant(to: name, in: pool, log: Log("test", level: .error))
        }
        return login(name, conninfo)
    }

    /// A role that may sign in and was granted nothing.
    public static func make(_ role: String, _ pool: PostgresPool) async throws {
        try await pool.transaction { transaction in
            transaction.enqueue("SELECT pg_advisory_xact_lock(\(lock))")
            let known = try await transaction.query("SELECT 1 FROM pg_roles WHERE rolname = \(role)", as: Int32.self)
            guard known.isEmpty else { return }
            transaction.enqueue("CREATE ROLE \(identifier: role) LOGIN")
            transaction.enqueue(SQL(stringLiteral: "ALTER ROLE \(role) PASSWORD '\(password)'"))
        }
    }

    /// The same place by another role: of a repeated keyword libpq takes the last.
    public static func login(_ role: String, _ conninfo: String) -> String { conninfo + " user=\(role) password=\(password)" }
}
