import Postgres
import Telemetry
import TestKit
import Testing

@Suite(.needsPostgres) struct MigratorTests {
    private let log = Log("test", level: .error)
    private let steps = [
        Migration(version: 1, name: "tables", sql: "CREATE TABLE a (id int8); -- two statements\nCREATE TABLE b (id int8);"),
        Migration(version: 3, name: "rows", sql: "INSERT INTO a VALUES (1); INSERT INTO b SELECT 2 FROM pg_sleep(0.05);"),
    ]

    @Test func `missing steps are applied once, in order, and pending names them`() async throws {
        try await TemporaryDatabase.with { pool in
            try await pool.execute("DROP TABLE IF EXISTS shao_migration")
            let migrator = Migrator(pool, steps.reversed(), log: log)
            let before = try await migrator.pending()
            #expect(before == steps)
            let applied = try await migrator.migrate()
            #expect(applied == steps)
            let again = try await migrator.migrate()
            let pending = try await migrator.pending()
            #expect(again.isEmpty && pending.isEmpty)
            let next = steps + [Migration(version: 4, name: "more", sql: "INSERT INTO a VALUES (3)")]
            let more = try await Migrator(pool, next, log: log).migrate()
            #expect(more.map(\.version) == [4])
        }
    }

    @Test func `several migrators at once apply each step once`() async throws {
        try await TemporaryDatabase.with(poolSize: 6) { pool in
            let applied = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<5 { group.addTask { try await Migrator(pool, steps, log: log).migrate().count } }
                return try await group.reduce(0, +)
            }
            #expect(applied == 2)
            let rows = try await pool.query("SELECT count(*) FROM a", as: Int.self)
            #expect(rows == [1])
        }
    }

    @Test func `edited, unknown and late steps are refused before anything is done`() async throws {
        try await TemporaryDatabase.with { pool in
            try await Migrator(pool, steps, log: log).migrate()
            let last = Migration(version: 9, name: "last", sql: "CREATE TABLE z (id int8)")
            let edited = [Migration(version: 1, name: "tables", sql: steps[0].sql + " "), steps[1], last]
            let unknown = [steps[0], last]
            let late = [steps[0], Migration(version: 2, name: "late", sql: "SELECT 1"), steps[1], last]
            for (history, reason) in [(edited, "was edited"), (unknown, "does not know"), (late, "higher version")] {
                let error = await #expect(throws: PostgresError.self) { try await Migrator(pool, history, log: log).migrate() }
                #expect(error?.kind == .migration)
                #expect(error?.message.contains(reason) == true)
                await #expect(throws: PostgresError.self) { try await Migrator(pool, history, log: log).pending() }
            }
            let tables = try await pool.query("SELECT to_regclass('z') IS NULL", as: Bool.self)
            #expect(tables == [true])
        }
    }

    @Test func `a library's next step comes after steps of the service that is older`() async throws {
        try await TemporaryDatabase.with { pool in
            let service = Migration(version: 101, name: "service", sql: "CREATE TABLE s (id int8)")
            try await Migrator(pool, steps + [service], log: log).migrate()
            let last = steps.map(\.version).max() ?? 0
            let next = Migration(version: last + 1, name: "next", sql: "CREATE TABLE n (id int8)")
            #expect(try await Migrator(pool, steps + [next, service], log: log).migrate() == [next])
        }
    }

    @Test func `a step that fails leaves nothing behind and names its line`() async throws {
        try await TemporaryDatabase.with { pool in
            let bad = steps + [Migration(version: 4, name: "bad", sql: "CREATE TABLE c (id int8);\n\nSELEKT 1;")]
            let error = await #expect(throws: PostgresError.self) { try await Migrator(pool, bad, log: log).migrate() }
            #expect(error?.message == "V4 bad: syntax error at or near \"SELEKT\" (line 3)")
            let state = try await pool.query("SELECT to_regclass('a') IS NOT NULL AND to_regclass('c') IS NULL", as: Bool.self)
            #expect(state == [true])
            let ends = steps + [Migration(version: 4, name: "ends", sql: "CREATE TABLE d (id int8); COMMIT;")]
            let early = await #expect(throws: PostgresError.self) { try await Migrator(pool, ends, log: log).migrate() }
            #expect(early?.message.contains("ended the transaction") == true)
        }
    }

    @Test func `a library's steps stand beside the service's`() async throws {
        try await TemporaryDatabase.with(migrations: steps) { pool in
            let own = [Migration(version: 1, name: "log", sql: "CREATE TABLE l (id int8)")]
            let applied = try await Migrator(pool, own, component: "eventlog", log: log).migrate()
            let service = try await Migrator(pool, steps, log: log).pending()
            #expect(applied == own && service.isEmpty)
        }
    }
}
