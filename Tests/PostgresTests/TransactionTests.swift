import EventLoop
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

private let table = [Migration(version: 1, name: "item", sql: "CREATE TABLE item (id int8 PRIMARY KEY, n int8 NOT NULL DEFAULT 0);")]

private func expectCount(_ wanted: Int, _ pool: PostgresPool, at place: SourceLocation = #_sourceLocation) async throws {
    let found = try await pool.query("SELECT count(*) FROM item", as: Int.self)
    #expect(found == [wanted], sourceLocation: place)
}

/// A count that several tasks may raise.
private final class Tally: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func add() { value.withLock { $0 += 1 } }
}

private final class Notes: Sendable {
    private let notes = Mutex<[String]>([])
    var all: [String] { notes.withLock { $0 } }
    func add(_ note: String) { notes.withLock { $0.append(note) } }
}

struct Refusal: Error, Equatable {}

@Suite(.needsPostgres) struct TransactionTests {
    @Test func `a transaction that only enqueues costs one round trip, an empty one none`() async throws {
        try await TemporaryDatabase.withConfiguration(migrations: table) { configuration in
            let metrics = MetricsRegistry()
            let pool = PostgresPool(configuration, on: .shared, log: Log("test", level: .error), metrics: metrics)
            let running = Task { await pool.run() }
            func trips() -> Int {
                let lines = String(decoding: metrics.render(), as: UTF8.self).split(separator: "\n")
                let line = lines.first { $0.hasPrefix("postgres_round_trip_seconds_count") }
                return line?.split(separator: " ").last.flatMap { Int($0) } ?? -1
            }
            try await pool.execute("SELECT 1")
            let start = trips()
            try await pool.transaction { transaction in
                for id in 1...5 { transaction.enqueue("INSERT INTO item (id) VALUES (\(id))") }
            }
            #expect(trips() == start + 1)
            try await pool.transaction { _ in }
            #expect(trips() == start + 1)
            try await pool.transaction { transaction in
                transaction.enqueue("INSERT INTO item (id) VALUES (6)")
                let seen = try await transaction.query("SELECT count(*) FROM item", as: Int.self)
                #expect(seen == [6])
            }
            #expect(trips() == start + 3)
            await pool.close()
            await running.value
        }
    }

    @Test func `ten thousand enqueued statements travel together`() async throws {
        try await TemporaryDatabase.with(migrations: table) { pool in
            try await pool.transaction { transaction in
                for id in 1...10_000 { transaction.enqueue("INSERT INTO item (id) VALUES (\(id))") }
            }
            try await expectCount(10_000, pool)
        }
    }

    @Test func `an error in the middle of a pipeline names its own statement and line, and nothing is stored`() async throws {
        try await TemporaryDatabase.with(migrations: table) { pool in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.transaction { transaction in
                    transaction.enqueue("INSERT INTO item (id) VALUES (\(1))")
                    transaction.enqueue("INSERT INTO item (id, n) VALUES (\(1), 2)", line: 4711)
                    transaction.enqueue("INSERT INTO item (id) VALUES (\(3))")
                }
            }
            #expect(error?.isUniqueViolation == true)
            #expect(error?.constraint == "item_pkey")
            #expect(error?.statement == "INSERT INTO item (id, n) VALUES ($1, 2)")
            #expect(error?.location?.line == 4711)
            #expect(error.map { "\($0)".contains("Key (id)") } == false, "the detail holds values")
            try await expectCount(0, pool)
        }
    }

    @Test func `a transaction whose error was passed over is not taken for committed`() async throws {
        try await TemporaryDatabase.with(migrations: table, poolSize: 1) { pool in
            let ran = Tally()
            let error = await #expect(throws: PostgresError.self) {
                try await pool.transaction { transaction in
                    transaction.afterCommit { Issue.record("never committed") }
                    try await transaction.execute("INSERT INTO item (id) VALUES (1)")
                    _ = try? await transaction.execute("INSERT INTO nowhere VALUES (1)")
                    ran.add()
                }
            }
            #expect(ran.count == 1)
            #expect(error?.kind == .rolledBack)
            #expect(error?.sqlState == "42P01")
            try await expectCount(0, pool)
        }
    }

    @Test func `the body's own error rolls back and comes out as it is`() async throws {
        try await TemporaryDatabase.with(migrations: table, poolSize: 1) { pool in
            await #expect(throws: Refusal()) {
                try await pool.transaction { transaction in
                    try await transaction.execute("INSERT INTO item (id) VALUES (1)")
                    throw Refusal()
                }
            }
            try await expectCount(0, pool)
        }
    }

    @Test func `what is to happen after a commit happens once, and after it`() async throws {
        try await TemporaryDatabase.with(migrations: table) { pool in
            let log = Notes()
            try await pool.transaction { transaction in
                transaction.afterCommit { log.add("after") }
                transaction.enqueue("INSERT INTO item (id) VALUES (1)")
                log.add("body")
            }
            #expect(log.all == ["body", "after"])
        }
    }

    @Test func `conflicting transactions run again until both are stored`() async throws {
        try await TemporaryDatabase.with(migrations: table) { pool in
            try await pool.execute("INSERT INTO item (id) VALUES (1)")
            let runs = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await pool.transaction(.repeatableRead, retrying: RetryPolicy(attempts: 50)) { transaction in
                            let n = try await transaction.query("SELECT n FROM item WHERE id = 1", as: Int.self).first ?? 0
                            runs.add()
                            // Nobody writes before all have read, so all but one must conflict.
                            await eventually { runs.count >= 4 }
                            try await transaction.execute("UPDATE item SET n = \(n + 1) WHERE id = 1")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let n = try await pool.query("SELECT n FROM item", as: Int.self)
            #expect(n == [4])
            #expect(runs.count >= 7)
            let never = await #expect(throws: PostgresError.self) {
                try await pool.transaction(retrying: .never) { transaction in
                    try await transaction.execute("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")
                }
            }
            #expect(never?.isConflict == true && never?.isRetriable == true)
        }
    }

    @Test func `a snapshot sees one moment and refuses to write`() async throws {
        try await TemporaryDatabase.with(migrations: table) { pool in
            try await pool.transaction(.readOnlySnapshot) { transaction in
                let before = try await transaction.query("SELECT count(*) FROM item", as: Int.self)
                try await pool.execute("INSERT INTO item (id) VALUES (1)")
                let after = try await transaction.query("SELECT count(*) FROM item", as: Int.self)
                #expect(before == [0] && after == [0])
            }
            let error = await #expect(throws: PostgresError.self) {
                try await pool.transaction(.readOnlySnapshot) { $0.enqueue("INSERT INTO item (id) VALUES (2)") }
            }
            #expect(error?.sqlState == "25006")
        }
    }

    @Test func `an asynchronous commit turns the wait off for its own transaction only`() async throws {
        try await TemporaryDatabase.with(poolSize: 1) { pool in
            let inside = try await pool.transaction(.asynchronousCommit) { transaction in
                try await transaction.query("SHOW synchronous_commit", as: String.self)
            }
            let outside = try await pool.query("SHOW synchronous_commit", as: String.self)
            #expect(inside == ["off"] && outside == ["on"])
        }
    }

    @Test func `text that looks like SQL stays a value`() async throws {
        try await TemporaryDatabase.with(migrations: table) { pool in
            let nasty = ["'; DROP TABLE item; --", "$1", "\\'; DELETE FROM item", "\"", "%s", "哨'）"]
            for text in nasty {
                let back = try await pool.query("SELECT \(text) WHERE \(text) = ANY(\(nasty))", as: String.self)
                #expect(back == [text])
                try await pool.execute("CREATE TABLE \(identifier: text) (\(identifier: text) int8)")
                let columns = try await pool.query("SELECT * FROM \(identifier: text)", as: Int.self)
                #expect(columns.isEmpty)
            }
            try await expectCount(0, pool)
            let nul = await #expect(throws: PostgresError.self) { try await pool.query("SELECT \("a\0b")", as: String.self) }
            #expect(nul?.sqlState == "22021")
            let name = await #expect(throws: PostgresError.self) { try await pool.execute("SELECT 1 AS \(identifier: "a\0b")") }
            #expect(name?.kind == .usage)
        }
    }
}

@Suite(.needsPostgres) struct CopyTests {
    @Test func `a hundred thousand rows are copied and the connection goes on in pipeline mode`() async throws {
        try await TemporaryDatabase.with(migrations: table) { pool in
            let stored = try await pool.transaction { transaction in
                transaction.enqueue("INSERT INTO item (id) VALUES (0)")
                let stored = try await transaction.copy(1...100_000, into: "item", columns: ["id", "n"]) { id, row in
                    row.append(id)
                    row.append(id % 7)
                }
                transaction.enqueue("UPDATE item SET n = 9 WHERE id = 0")
                return stored
            }
            #expect(stored == 100_000)
            let sum = try await pool.query("SELECT sum(n)::int8 FROM item", as: Int.self)
            #expect(sum == [(1...100_000).reduce(9) { $0 + $1 % 7 }])
        }
    }

    @Test func `a copy that fails, on either side, stores nothing and leaves a usable connection`() async throws {
        try await TemporaryDatabase.with(migrations: table, poolSize: 1) { pool in
            let twice = await #expect(throws: PostgresError.self) {
                try await pool.transaction { transaction in
                    _ = try await transaction.copy([1, 2, 1], into: "item", columns: ["id"]) { id, row in row.append(id) }
                }
            }
            #expect(twice?.isUniqueViolation == true)
            await #expect(throws: Refusal()) {
                try await pool.transaction { transaction in
                    _ = try await transaction.copy([1, 2], into: "item", columns: ["id"]) { id, _ in throw Refusal() }
                }
            }
            let width = await #expect(throws: PostgresError.self) {
                try await pool.transaction { transaction in
                    _ = try await transaction.copy([1], into: "item", columns: ["id", "n"]) { id, row in row.append(id) }
                }
            }
            #expect(width?.kind == .usage)
            try await expectCount(0, pool)
        }
    }

    @Test func `COPY through a query is refused`() async throws {
        try await TemporaryDatabase.with(migrations: table) { pool in
            await #expect(throws: PostgresError.self) { try await pool.execute("COPY item FROM STDIN") }
            try await expectCount(0, pool)
        }
    }
}
