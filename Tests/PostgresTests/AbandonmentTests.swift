import EventLoop
import Postgres
import TestKit
import Testing

/// What others notice of a task that is cancelled while its statement is under way.
@Suite(.needsPostgres) struct AbandonmentTests {
    @Test func `a cancelled statement fails none of those behind it on its connection, and its task goes on at once`() async throws {
        try await withLock { lock, pool in
            try await pool.withConnection { connection in
                let pid = try await connection.query("SELECT pg_backend_pid()", as: Int32.self)
                let cancelled = Task { try await connection.execute(Self.waiting) }
                await eventually { try await lock.query(Self.waiters, as: Int.self) == [1] }
                let neighbours = (0..<50).map { n in Task { try await connection.query("SELECT \(n)", as: Int.self).first } }
                cancelled.cancel()
                // The lock is still held: the server has not answered.
                await expectCancelled(cancelled)
                try await lock.execute(Self.unlock)
                for (n, neighbour) in neighbours.enumerated() { #expect(try await neighbour.value == n) }
                #expect(try await connection.query("SELECT pg_backend_pid()", as: Int32.self) == pid)
            }
        }
    }

    @Test func `a cancelled statement of the pool costs no connection, and nobody is lent it before the answer came`() async throws {
        try await withLock { lock, pool in
            let pid = try await pool.query("SELECT pg_backend_pid()", as: Int32.self)
            let cancelled = Task { try await pool.execute(Self.waiting) }
            await eventually { try await lock.query(Self.waiters, as: Int.self) == [1] }
            cancelled.cancel()
            await expectCancelled(cancelled)
            let next = Task { try await pool.query("SELECT pg_backend_pid()", as: Int32.self) }
            try await lock.execute(Self.unlock)
            #expect(try await next.value == pid)
        }
    }

    @Test func `a cancelled transaction is rolled back, and its connection goes on`() async throws {
        try await withLock { lock, pool in
            try await pool.execute("CREATE TABLE t (id int8)")
            let pid = try await pool.query("SELECT pg_backend_pid()", as: Int32.self)
            let cancelled = Task {
                try await pool.transaction { transaction in
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                    try await transaction.execute(Self.waiting)
                }
            }
            await eventually { try await lock.query(Self.waiters, as: Int.self) == [1] }
            cancelled.cancel()
            await expectCancelled(cancelled)
            try await lock.execute(Self.unlock)
            #expect(try await pool.query("SELECT pg_backend_pid()", as: Int32.self) == pid)
            #expect(try await pool.query("SELECT count(*) FROM t", as: Int.self) == [0])
        }
    }

    @Test func `a transaction cancelled between two statements holds nothing for the next`() async throws {
        try await TemporaryDatabase.with(poolSize: 1) { pool in
            try await pool.execute("CREATE TABLE t (id int8)")
            let pid = try await pool.query("SELECT pg_backend_pid()", as: Int32.self)
            let cancelled = Task {
                try await pool.transaction { transaction in
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await transaction.execute("INSERT INTO t VALUES (2)")
                }
            }
            await expectCancelled(cancelled)
            #expect(try await pool.query("SELECT count(*) FROM t", as: Int.self) == [0])
            #expect(try await pool.query("SELECT pg_backend_pid()", as: Int32.self) == pid)
        }
    }

    @Test func `when every other of hundreds of statements is cancelled the rest are answered, over the same connections`() async throws {
        try await TemporaryDatabase.with(poolSize: 3, adjust: { ($0.minimumConnections, $0.abandonedTimeout) = (3, .seconds(60)) }) {
            pool in
            await eventually { try await Self.backends(pool).count == 3 }
            let before = try await Self.backends(pool)
            let tasks = (0..<600).map { n in Task { try await pool.query("SELECT \(n) FROM pg_sleep(0.001)", as: Int.self).first } }
            for n in stride(from: 1, to: 600, by: 2) {
                if n % 3 == 0 { _ = try await tasks[n - 1].value }
                tasks[n].cancel()
            }
            for n in stride(from: 0, to: 600, by: 2) { #expect(try await tasks[n].value == n) }
            #expect(try await Self.backends(pool) == before)
        }
    }

    private static let waiting: SQL = "SELECT pg_advisory_xact_lock(29)"
    private static let unlock: SQL = "SELECT pg_advisory_unlock(29)"
    private static let waiters: SQL = """
        SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """

    private static func backends(_ pool: PostgresPool) async throws -> [Int32] {
        try await pool.query("SELECT pid FROM pg_stat_activity WHERE datname = current_database() ORDER BY pid", as: Int32.self)
    }

    /// A pool of one connection, and somebody who holds a lock that its statements may wait for.
    private func withLock(_ body: (PostgresConnection, PostgresPool) async throws -> Void) async throws {
        try await TemporaryDatabase.withConfiguration { configuration in
            var lonely = configuration
            (lonely.poolSize, lonely.abandonedTimeout) = (1, .seconds(60))
            try await TemporaryDatabase.withPool(configuration) { other in
                try await TemporaryDatabase.withPool(lonely) { pool in
                    try await other.withConnection { lock in
                        try await lock.execute("SELECT pg_advisory_lock(29)")
                        try await body(lock, pool)
                    }
                }
            }
        }
    }

    private func expectCancelled<Value: Sendable>(_ task: Task<Value, any Error>) async {
        let error = await #expect(throws: PostgresError.self) { _ = try await task.value }
        #expect(error?.kind == .cancelled)
    }
}
