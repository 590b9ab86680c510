import Postgres
import TestKit
import Testing

@testable import EventLog

/// A transaction that has written and stays open, anywhere in the server: no version of any row may be thrown away.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct OldTransactionTests {
    private static let partition = StreamPartition(topic: "tickets.v1", part: 3)
    private static let steps: Int64 = 5000

    @Test func `beside it a window and a batch look at no more pages than before`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            try await pool.execute(ConsumerQueries.open([Self.partition]))
            try await pool.withConnection { old in
                try await old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
                try await old.execute("SELECT pg_current_xact_id()")
                let fresh = try await pages(pool, at: 0)
                try await pool.execute(
                    """
                    DO $$ BEGIN
                        FOR step IN 0..4999 LOOP
                            UPDATE sequencer_state SET version = step + 1 WHERE version = step;
                            PERFORM advance_cursors('{tickets.v1}', '{3}', ARRAY[step::bigint], ARRAY[step + 1::bigint], ARRAY['\\x00'::bytea], '{1}');
                            COMMIT;
                        END LOOP;
                    END $$
                    """)
                let later = try await pages(pool, at: Self.steps)
                #expect(later.window <= fresh.window + 20, "\(fresh) \(later)")
                #expect(later.batch <= fresh.batch + 20, "\(fresh) \(later)")
                try await old.execute("ROLLBACK")
            }
        }
    }

    /// Pages that the compare-and-sets look at when both stand at `step`; nothing is kept of them.
    private func pages(_ pool: PostgresPool, at step: Int64) async throws -> (window: Int, batch: Int) {
        try await pool.withConnection { connection in
            try await connection.execute("SET enable_seqscan = off")
            let session = PostgresSequencerSession(connection: connection)
            let memory = try await session.load()
            #expect(memory.state.version == step)
            let window = memory.advance(over: [], isLast: true, target: memory.state.snapshot, hash: Sample.hash)
            let batch = ApplyStep.Move(
                partition: Self.partition, before: Cursor(seq: step, hash: [0]), after: Cursor(seq: step + 1, hash: [0]))
            try await connection.execute("BEGIN")
            // Once for the plans and the catalogue.
            for _ in 1...2 {
                try await connection.execute("SAVEPOINT here")
                try await connection.execute(SequencerQueries.advance(from: memory.state, window))
                try await connection.execute(ConsumerQueries.advance([batch]))
                try await connection.execute("ROLLBACK TO here")
            }
            let found = (
                window: try await hits(SequencerQueries.advance(from: memory.state, window), connection),
                batch: try await hits(ConsumerQueries.advance([batch]), connection)
            )
            try await connection.execute("ROLLBACK")
            return found
        }
    }

    private func hits(_ query: SQL, _ connection: PostgresConnection) async throws -> Int {
        let plan = try await connection.query("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) \(query)", as: String.self)
        let line = try #require(plan.first { $0.contains("shared hit=") })
        return try #require(Int(line.split(separator: "shared hit=")[1].prefix { $0.isNumber }))
    }

    @Test func `a partition has one cursor, however often and by whomever it is opened`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            let move = ApplyStep.Move(
                partition: Self.partition, before: .start, after: Cursor(seq: 7, hash: [7]))
            let opening = try await pool.transaction { transaction in
                try await transaction.execute(ConsumerQueries.open([Self.partition]))
                let opening = Task { try await pool.execute(ConsumerQueries.open([Self.partition])) }
                await eventually("the other one waits") {
                    try await pool.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", as: Int64.self) == [1]
                }
                try await transaction.execute(ConsumerQueries.advance([move]))
                return opening
            }
            _ = try await opening.value
            try await pool.execute(ConsumerQueries.open([Self.partition]))
            #expect(try await pool.query("SELECT seq FROM inbox_cursor", as: Int64.self) == [7])
        }
    }
}
