import Postgres

/// Statements about the databases as such.
enum DatabaseQueries {
    static func exists(_ name: String) -> SQL { "SELECT EXISTS (SELECT FROM pg_database WHERE datname = \(name))" }
    static func create(_ name: String, owner: String) -> SQL { "CREATE DATABASE \(identifier: name) OWNER \(identifier: owner)" }
    static func drop(_ name: String) -> SQL { "DROP DATABASE IF EXISTS \(identifier: name) WITH (FORCE)" }
    static func rename(_ name: String, to new: String) -> SQL {
        "ALTER DATABASE \(identifier: name) RENAME TO \(identifier: new)"
    }
    static func copy(_ name: String, from template: String, owner: String) -> SQL {
        "CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: template) OWNER \(identifier: owner)"
    }

    static let plates: SQL = "SELECT count(*) FROM plate"
    static let sessions: SQL = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"

    /// Cuts the sessions of a role, or of everybody.
    static func endSessions(_ database: String) -> SQL {
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = \(database) AND pid <> pg_backend_pid()"
    }

    static func limitSessions(_ role: String, _ count: Int) -> SQL {
        SQL(stringLiteral: "ALTER ROLE \"\(role)\" CONNECTION LIMIT \(count)")
    }

    /// Some hundred megabytes of write-ahead log; the table goes with its session.
    static let writeMuch: SQL = """
        DO $$ BEGIN
            CREATE TABLE much AS SELECT repeat(md5(n::text), 8) AS text FROM generate_series(1, 1500000) AS n;
            DROP TABLE much;
        END $$
        """

    static let checkpoint: SQL = "CHECKPOINT"
    static let ownTransaction: SQL = "SELECT pg_current_xact_id()::text"
}
