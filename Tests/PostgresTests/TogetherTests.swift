import Postgres
import TestKit
import Testing

private let table = [Migration(version: 1, name: "item", sql: "CREATE TABLE item (id int8 PRIMARY KEY, n int8 NOT NULL DEFAULT 0);")]

@Suite(.needsPostgres) struct TogetherTests {
    @Test func `several statements travel together, each answer is read as its own type, and each sees what the ones before it wrote`()
        async throws
    {
        try await TemporaryDatabase.with(migrations: table) { pool in
            let (before, names, after) = try await pool.transaction { transaction in
                transaction.enqueue("INSERT INTO item (id) VALUES (1), (2)")
                return try await transaction.query(
                    together: PostgresQuery("SELECT count(*) FROM item", as: Int.self),
                    PostgresQuery("UPDATE item SET n = n + 1 RETURNING 'item ' || id", as: String.self),
                    PostgresQuery("SELECT n FROM item ORDER BY id", as: Int64.self))
            }
            #expect(before == [2])
            #expect(names.sorted() == ["item 1", "item 2"])
            #expect(after == [1, 1])
            #expect(try await pool.query("SELECT count(*) FROM item", as: Int.self) == [2])
        }
    }

    @Test func `a statement behind one that waited for a lock sees what the lock waited for`() async throws {
        try await TemporaryDatabase.with(migrations: table) { pool in
            try await pool.execute("INSERT INTO item (id) VALUES (1)")
            let second = try await pool.transaction { first in
                _ = try await first.query("SELECT id FROM item WHERE id = 1 FOR UPDATE", as: Int64.self)
                let second = Task {
                    try await pool.transaction { transaction in
                        try await transaction.query(
                            together: PostgresQuery("SELECT id FROM item WHERE id = 1 FOR UPDATE", as: Int64.self),
                            PostgresQuery("SELECT id FROM item ORDER BY id", as: Int64.self)
                        ).1
                    }
                }
                // It stands in line: only now is there something new to see.
                await eventually("somebody waits for the lock") {
                    try await pool.query(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
                        as: Int.self
                    ) == [1]
                }
                first.enqueue("INSERT INTO item (id) VALUES (2)")
                return second
            }
            #expect(try await second.value == [1, 2])
        }
    }

    @Test func `statements over one snapshot cannot write, and one that fails leaves the connection usable`() async throws {
        try await TemporaryDatabase.with(migrations: table, poolSize: 1) { pool in
            try await pool.execute("INSERT INTO item (id) VALUES (1)")
            let (ids, isolation) = try await pool.query(
                together: PostgresQuery("SELECT id FROM item", as: Int64.self),
                PostgresQuery("SELECT current_setting('transaction_isolation')", as: String.self))
            #expect(ids == [1] && isolation == ["repeatable read"])
            for (id, wrong) in [(2, "INSERT INTO item (id) VALUES (9) RETURNING id"), (3, "SELECT 1 / 0")] as [(Int64, SQL)] {
                await #expect(throws: PostgresError.self) {
                    _ = try await pool.query(together: PostgresQuery(wrong, as: Int64.self), PostgresQuery("SELECT 1", as: Int32.self))
                }
                try await pool.execute("INSERT INTO item (id) VALUES (\(id))")
            }
            #expect(try await pool.query("SELECT count(*) FROM item", as: Int.self) == [3])
        }
    }

    @Test func `a list in a list is read back as it was, whatever is in it`() async throws {
        try await TemporaryDatabase.with { pool in
            let lists: [[String?]] = [[], ["a", nil], ["{\"x\\y\"}", ",", "NULL", " ", "中文"]]
            let rows = try await pool.query(
                "SELECT u.list::text[] FROM unnest(\(lists.map { PostgresArrayText($0) })) AS u(list)", as: [String?].self)
            #expect(rows == lists)
        }
    }
}
