import Contracts
import EventLoop
import Postgres
import Telemetry
import TestKit
import Testing

@testable import EventLog

@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct SequencerTests {
    private func sequencer(_ pool: PostgresPool, _ collected: Collected, _ metrics: MetricsRegistry = MetricsRegistry()) -> Sequencer {
        Sample.sequencer(pool, metrics: metrics) { collected.add($0) }
    }

    private func drain(_ sequencer: Sequencer, _ pool: PostgresPool) async throws {
        try await Sample.sequence(pool, sequencer)
    }

    private func once(_ sequencer: Sequencer, _ memory: inout SequencerMemory?, _ pool: PostgresPool) async throws -> Int {
        var (count, kept) = (0, memory)
        try await PostgresSequencerStore(pool: pool).session { count = try await sequencer.sequenceOnce(&kept, $0) }
        memory = kept
        return count
    }

    private func emit(_ events: [CommittedEvent], _ pool: PostgresPool) async throws {
        let outbox = Sample.outbox()
        try await pool.transaction { outbox.emit(events, in: &$0) }
    }

    /// Dense per partition, chained, and what is stored is what was handed over.
    private func check(_ pool: PostgresPool, count: Int) async throws {
        let stored = try await pool.query(PublisherQueries.next(after: 0, limit: 1_000_000), as: StreamRecord.self)
        #expect(stored.count == count)
        #expect(stored.map(\.pos) == Array(1...Int64(max(1, count))).prefix(count).map { $0 })
        var cursors: [StreamPartition: Cursor] = [:]
        var versions: [String: Int32] = [:]
        for record in stored {
            let partition = StreamPartition(topic: record.event.topic, part: record.event.part)
            #expect(cursors[partition, default: .start].classify(record, hash: Sample.hash) == .next)
            cursors[partition, default: .start].advance(over: record)
            #expect(record.event.version == versions[record.event.subject, default: 0] + 1, "order within \(record.event.subject)")
            versions[record.event.subject] = record.event.version
        }
        let heads = try await pool.query(SequencerQueries.heads, as: StreamHead.self)
        for head in heads { #expect(cursors[head.partition] == Cursor(seq: head.seq, hash: head.hash)) }
    }

    @Test func `a row that commits late is not lost and leaves no hole`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            let sequencer = sequencer(pool, Collected())
            let outbox = Sample.outbox()
            try await pool.transaction { late in
                outbox.emit([Sample.event("late", version: 1)], in: &late)
                _ = try await late.query("SELECT 1", as: Int.self)
                try await emit([Sample.event("early", version: 1)], pool)
                try await drain(sequencer, pool)
                let early = try await pool.query(PublisherQueries.next(after: 0, limit: 10), as: StreamRecord.self)
                #expect(early.map(\.event.subject) == ["early"])
            }
            try await drain(sequencer, pool)
            let all = try await pool.query(PublisherQueries.next(after: 0, limit: 10), as: StreamRecord.self)
            #expect(all.map(\.event.subject) == ["early", "late"])
            try await check(pool, count: 2)
        }
    }

    @Test func `within a window the outbox's order counts, not that of transactions or connections`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            let outbox = Sample.outbox()
            try await pool.transaction { older in
                outbox.emit([Sample.event("other", version: 1)], in: &older)
                _ = try await older.query("SELECT 1", as: Int.self)
                try await emit([Sample.event("s", version: 1)], pool)
                outbox.emit([Sample.event("s", version: 2)], in: &older)
            }
            try await drain(sequencer(pool, Collected()), pool)
            try await check(pool, count: 3)
        }
    }

    @Test func `a rolled back event gets no number`() async throws {
        struct Stop: Error {}
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            let outbox = Sample.outbox()
            await #expect(throws: Stop.self) {
                try await pool.transaction { transaction in
                    outbox.emit([Sample.event("gone", version: 1)], in: &transaction)
                    _ = try await transaction.query("SELECT 1", as: Int.self)
                    throw Stop()
                }
            }
            try await emit([Sample.event("kept", version: 1)], pool)
            try await drain(sequencer(pool, Collected()), pool)
            try await check(pool, count: 1)
        }
    }

    @Test func `a large window is worked through page by page, also by another sequencer`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            let count = Sequencer.pageSize * 2 + 500
            try await emit((1...count).map { Sample.event("s\($0)", version: 1, part: Int32($0 % 12)) }, pool)
            var memory: SequencerMemory?
            #expect(try await once(sequencer(pool, Collected()), &memory, pool) == Sequencer.pageSize)
            try await emit([Sample.event("after", version: 1)], pool)
            try await drain(sequencer(pool, Collected()), pool)
            try await check(pool, count: count + 1)
        }
    }

    @Test func `two sequencers beside writers number each event once and in order`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all, poolSize: 12) { pool in
            let metrics = MetricsRegistry()
            let collected = Collected()
            let running = [sequencer(pool, collected, metrics), sequencer(pool, collected, metrics)].map { sequencer in
                Task { try await sequencer.run() }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 1...8 {
                    group.addTask {
                        let outbox = Sample.outbox()
                        for version in 1...25 as ClosedRange<Int32> {
                            try await pool.transaction { transaction in
                                outbox.emit(
                                    [Sample.event("w\(writer)", version: version, part: Int32(writer % 3))], in: &transaction)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            for task in running { task.cancel() }
            for task in running { _ = try? await task.value }
            try await drain(sequencer(pool, collected), pool)
            try await check(pool, count: 200)
            // A sequencer that was cancelled after its commit hands nothing over: the database has it.
            #expect(Set(collected.records.map(\.pos)).count == collected.records.count)
        }
    }

    @Test func `a sequencer that was overtaken loses the compare-and-set and writes nothing`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            let metrics = MetricsRegistry()
            let slow = sequencer(pool, Collected(), metrics)
            try await emit([Sample.event("a", version: 1)], pool)
            var stale: SequencerMemory?
            _ = try await once(slow, &stale, pool)
            try await emit([Sample.event("a", version: 2)], pool)
            try await drain(sequencer(pool, Collected()), pool)
            try await emit([Sample.event("a", version: 3)], pool)
            _ = try await once(slow, &stale, pool)
            #expect(metrics.counter("shao_sequencer_fenced_total", "").value == 1)
            try await drain(slow, pool)
            try await check(pool, count: 3)
        }
    }
}
