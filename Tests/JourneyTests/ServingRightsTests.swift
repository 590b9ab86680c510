import Analytics
import EventLog
import Foundation
import Intake
import Notification
import Postgres
import Routing
import ServiceKit
import Telemetry
import TestKit
import Testing
import Voting

/// What each service's role may do in Postgres, and above all what it may not: tried, on a server set up by `deploy/postgres/setup`.
@Suite(.enabled(if: ScratchServer.isAvailable, Comment(rawValue: ScratchServer.reason)))
struct ServingRightsTests {
    private static let services: [any ServiceMain.Type] = [Intake.self, Routing.self, Notification.self, Voting.self, Analytics.self]
    /// Tables that no program uses any more and a later migration drops.
    private static let unused: Set<String> = ["progress"]
    private static let denied = "42501"

    /// A server with all roles and databases, migrated by their owners.
    private struct World: Sendable {
        let server: ScratchServer

        func pool<Value: Sendable>(
            _ role: String, _ database: String, _ patience: Duration = .seconds(5), _ body: (PostgresPool) async throws -> Value
        ) async throws -> Value {
            // The last `user` counts.
            var place = PostgresConfiguration(
                conninfo: server.conninfo + " user=\(role) dbname=\(database)", poolSize: 2, applicationName: "tests")
            place.leaseTimeout = patience
            return try await TemporaryDatabase.withPool(place, body)
        }

        /// Why a role does not come into a database.
        func refusal(_ role: String, _ database: String) async -> String {
            do {
                try await pool(role, database, .seconds(1)) { _ = try await $0.execute("SELECT 1") }
                return "none: it was let in"
            } catch { return "\(error)" }
        }
    }

    private func with(_ body: (World) async throws -> Void) async throws {
        let secrets = URL(filePath: "/tmp/shao-roles-\(UUID().uuidString.prefix(8).lowercased())")
        try FileManager.default.createDirectory(at: secrets, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: secrets) }
        for service in Self.services {
            for file in ["postgres-\(service.name)", "postgres-\(service.name)-owner"] {
                try Data("it's \"\(file)\" \\ 密".utf8).write(to: secrets.appending(path: file))
            }
        }
        try await ScratchServer.with { server in
            // Twice: as at every start of the set.
            for _ in 0..<2 { try setup(server, secrets) }
            let world = World(server: server)
            for service in Self.services {
                try await world.pool(service.name + "_owner", service.name) { pool in
                    let log = Log("test", level: .error)
                    try await Migrator(pool, try service.allMigrations, log: log).migrate()
                    for _ in 0..<2 { try await service.rights.grant(to: service.name, in: pool, log: log) }
                }
            }
            try await body(world)
        }
    }

    private func setup(_ server: ScratchServer, _ secrets: URL) throws {
        let process = Process()
        let folder = FileManager.default.currentDirectoryPath + "/deploy/postgres"
        process.executableURL = URL(filePath: folder + "/setup")
        process.environment = [
            "PATH": "/usr/bin:/bin", "SECRETS": secrets.path(), "ROLES": folder + "/roles.sql", "PGHOST": server.socketFolder,
            "PGUSER": "postgres",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private func outcome(_ statement: SQL, _ pool: PostgresPool) async -> String? {
        do {
            try await pool.execute(statement)
            return nil
        } catch let error as PostgresError {
            return error.sqlState ?? error.message
        } catch { return "\(error)" }
    }

    private struct Column: Sendable {
        let table: String
        let kind: String
        let column: String
    }

    /// Every table and view that is not a part of another, with a column that can be written.
    private static let tables: SQL = """
        SELECT c.relname::text AS name, c.relkind::text AS kind, min(a.attname)::text AS attribute FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition GROUP BY c.relname, c.relkind
        """

    @Test func `each role has the rights that its service declares, and on no table another`() async throws {
        try await with { world in
            for service in Self.services {
                let columns = try await world.pool(service.name + "_owner", service.name) { pool in
                    try await pool.query(Self.tables) { row in
                        Column(table: try row["name"], kind: try row["kind"], column: try row["attribute"])
                    }
                }
                let declared = Dictionary(service.rights.tables.map { ($0.table, $0.rights) }, uniquingKeysWith: { $0.union($1) })
                #expect(Set(columns.map(\.table)) == Set(declared.keys).union(columns.map(\.table).filter(Self.unused.contains)))
                try await world.pool(service.name, service.name) { pool in
                    for column in columns { await tryAll(column, declared[column.table] ?? [], service.name, pool) }
                }
            }
        }
    }

    /// EXPLAIN asks for the rights and does nothing.
    private func tryAll(_ column: Column, _ rights: Set<TableRights.Right>, _ service: String, _ pool: PostgresPool) async {
        let (table, name): (SQL, SQL) = ("\(identifier: column.table)", "\(identifier: column.column)")
        let attempts: [(TableRights.Right, SQL)] = [
            (.read, "EXPLAIN SELECT \(name) FROM \(table)"), (.add, "EXPLAIN INSERT INTO \(table) DEFAULT VALUES"),
            (.change, "EXPLAIN UPDATE \(table) SET \(name) = NULL"), (.remove, "EXPLAIN DELETE FROM \(table)"),
        ]
        for (right, statement) in attempts where column.kind != "v" || right == .read {
            let expected = rights.contains(right) ? nil : Self.denied
            #expect(await outcome(statement, pool) == expected, "\(service): \(right.rawValue) on \(column.table)")
        }
        #expect(await outcome("TRUNCATE \(table)", pool) == (column.kind == "v" ? "42809" : Self.denied), "\(service): \(column.table)")
    }

    /// What nobody who serves may do, in any of the five databases.
    private static let attempts: [String] = [
        "CREATE TABLE mine (n integer)", "CREATE TEMPORARY TABLE mine (n integer)", "CREATE SCHEMA mine", "CREATE SEQUENCE mine",
        "CREATE FUNCTION mine() RETURNS void LANGUAGE sql AS ''", "CREATE VIEW mine AS SELECT 1", "CREATE EXTENSION file_fdw",
        "ALTER TABLE outbox ADD COLUMN mine integer", "ALTER TABLE outbox OWNER TO CURRENT_USER", "DROP TABLE stream CASCADE",
        "CREATE INDEX ON outbox (subject)", "ALTER TABLE inbox_cursor DISABLE TRIGGER ALL", "DROP TRIGGER one_cursor ON inbox_cursor",
        "SET session_replication_role = 'replica'", "CREATE TRIGGER mine BEFORE INSERT ON outbox EXECUTE FUNCTION keep_one_cursor()",
        "UPDATE outbox SET payload = '\\x00'", "DELETE FROM outbox", "UPDATE stream SET h = '\\x00'", "DELETE FROM stream",
        "UPDATE outbox_0 SET payload = '\\x00'", "DELETE FROM stream_0", "SELECT payload FROM outbox_0", "DROP TABLE outbox_0",
        "ALTER TABLE outbox DETACH PARTITION outbox_0", "UPDATE log_partition SET archived_at = now()", "DELETE FROM archived_part",
        "UPDATE stream_partition SET seq = 0", "DELETE FROM inbox_cursor", "UPDATE shao_migration SET checksum = ''",
        "SELECT setval(pg_get_serial_sequence('outbox', 'id'), 1)",
        "ALTER FUNCTION drop_log_partition(text, bigint, bigint) SECURITY INVOKER",
        "CREATE OR REPLACE FUNCTION keep_one_cursor() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SELECT pg_read_file('/etc/hostname')", "SELECT pg_ls_dir('/')", "SELECT lo_import('/etc/hostname')", "SELECT lo_create(0)",
        "COPY outbox TO '/tmp/shao-outbox'", "COPY outbox TO PROGRAM 'cat'", "COPY outbox FROM PROGRAM 'echo'",
        "SELECT passwd FROM pg_shadow", "SELECT rolpassword FROM pg_authid", "CREATE ROLE mine", "ALTER ROLE CURRENT_USER SUPERUSER",
        "CREATE DATABASE mine", "ALTER SYSTEM SET fsync = off", "SELECT pg_switch_wal()", "SELECT pg_reload_conf()",
        "SELECT pg_create_physical_replication_slot('mine')", "SELECT pg_stat_file('/etc/hostname')",
    ]

    @Test func `what would change tables, history, files, roles or the server is denied`() async throws {
        try await with { world in
            for service in Self.services {
                try await world.pool(service.name, service.name) { pool in
                    let more = ["SET ROLE \(service.name)_owner", "SET ROLE postgres"]
                    for attempt in Self.attempts + more {
                        #expect(await outcome(SQL(stringLiteral: attempt), pool) == Self.denied, "\(service.name): \(attempt)")
                    }
                    // The owner's functions check what they are asked.
                    #expect(await outcome("SELECT drop_log_partition('stream', 0, 1000000)", pool) == "SH002")
                    #expect(await outcome("SELECT close_log_range(0, 'nowhere')", pool) == "SH002")
                    #expect(await outcome("SELECT make_log_partition('shao_migration', 0, 10)", pool) != nil)
                    let forged: SQL = "SELECT drop_log_partition('shao_migration; DROP TABLE outbox', 0, 0)"
                    #expect(await outcome(forged, pool) == nil, "does nothing")
                    #expect(await outcome("EXPLAIN SELECT * FROM outbox", pool) == nil, "all of it is still there")
                }
            }
        }
    }

    @Test func `no role of ours comes into another's database, nor into the server's own`() async throws {
        try await with { world in
            let names = Self.services.map { $0.name }
            for role in names + names.map({ $0 + "_owner" }) {
                let others = (names + ["postgres", "template1"]).filter { !role.hasPrefix($0) }
                // At once: each takes as long as its pool is patient.
                let words = await withTaskGroup(of: (String, String).self) { group in
                    for database in others { group.addTask { (database, await world.refusal(role, database)) } }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                for (database, words) in words {
                    #expect(words.contains("permission denied for database"), "\(role) in \(database): \(words)")
                }
            }
        }
    }

    @Test func `a right that is missing is named before anything is served, and migrate gives it back`() async throws {
        try await with { world in
            let log = Log("test", level: .error)
            try await world.pool("intake_owner", "intake") { owner in
                try await world.pool("intake", "intake") { pool in
                    #expect(try await Intake.rights.missing(in: pool) == [])
                    #expect(try await ServingRights.isOwner(pool) == false)
                    try await owner.execute("REVOKE INSERT, SELECT ON outbox FROM intake")
                    try await owner.execute("REVOKE EXECUTE ON FUNCTION forget_foreign_transactions() FROM intake")
                    try await owner.execute("GRANT TRUNCATE ON ticket TO intake")
                    let missing = try await Intake.rights.missing(in: pool)
                    #expect(missing == ["SELECT, INSERT on outbox", "EXECUTE on forget_foreign_transactions()"])
                    try await Intake.rights.grant(to: "intake", in: owner, log: log)
                    #expect(try await Intake.rights.missing(in: pool) == [])
                    #expect(await outcome("TRUNCATE ticket", pool) == Self.denied, "what is too much is taken again")
                    try await owner.execute("REVOKE USAGE ON SCHEMA public FROM intake")
                    #expect(try await Intake.rights.missing(in: pool) == ["USAGE on schema public"])
                }
                for (role, words) in [("intake_owner", "owns the tables"), ("nobody", "no role “nobody”")] {
                    let error = await #expect(throws: PostgresError.self) {
                        try await Intake.rights.grant(to: role, in: owner, log: log)
                    }
                    #expect(error?.message.contains(words) == true)
                }
            }
        }
    }
}
