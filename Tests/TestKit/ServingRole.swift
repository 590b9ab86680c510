public import Postgres
import Telemetry

/// The scratch server's role that owns nothing: what serves may do is tried with it.
public enum ServingRole {
    public static let name = "shao_test_serving"
    private static let password = "of-a-scratch-server"
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

    /// A role that may sign in and was granted nothing. Advisory locks are a database's own, so two makers meet at the name.
    public static func make(_ role: String, _ pool: PostgresPool) async throws {
        try await pool.execute(
            SQL(
                stringLiteral: """
                    DO $do$ BEGIN
                        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(role)') THEN
                            CREATE ROLE \(role) LOGIN PASSWORD '\(password)';
                        END IF;
                    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
                    END $do$
                    """))
    }

    /// The same place by another role: of a repeated keyword libpq takes the last.
    public static func login(_ role: String, _ conninfo: String) -> String { conninfo + " user=\(role) password=\(password)" }
}
