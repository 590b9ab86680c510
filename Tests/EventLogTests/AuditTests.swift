import Contracts
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import EventLog

@Suite struct VerdictTests {
    private let h = [UInt8](repeating: 5, count: 16), other = [UInt8](repeating: 6, count: 16)

    @Test func `one hash tells an equal history from another, a shorter and a trimmed one`() {
        func judge(_ seq: Int64, _ place: OwnPosition) -> AuditVerdict { place.judge(Cursor(seq: seq, hash: h)) }
        #expect(judge(7, OwnPosition(hash: h, head: 9, headHash: other)) == .equal)
        #expect(judge(7, OwnPosition(hash: other, head: 9, headHash: h)) == .different)
        #expect(judge(9, OwnPosition(hash: nil, head: 9, headHash: h)) == .equal)
        #expect(judge(9, OwnPosition(hash: nil, head: 9, headHash: other)) == .different)
        #expect(judge(10, OwnPosition(hash: nil, head: 9, headHash: h)) == .behind)
        #expect(judge(1, OwnPosition(hash: nil, head: nil, headHash: nil)) == .behind)
        #expect(judge(7, OwnPosition(hash: nil, head: 9, headHash: h)) == .trimmed)
        #expect(judge(-1, OwnPosition(hash: h, head: 9, headHash: h)) == .behind)
        #expect(judge(0, OwnPosition(hash: nil, head: 9, headHash: h)) == .different)
        #expect(OwnPosition(hash: nil, head: nil, headHash: nil).judge(.start) == .equal)
    }
}

/// The live audit between two databases.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct AuditTests {
    /// Asks the owner's database without HTTP.
    private struct Direct: HistoryJudge {
        let history: HistoryStore
        func judge(_ question: AuditQuestion) async throws -> [AuditVerdict] { try await history.judge(question) }
    }

    /// An owner's database that holds `history` as its stream.
    private func fill(_ owner: PostgresPool, _ history: [StreamRecord]) async throws {
        for record in history {
            let pos = Int64(record.event.part) * 1000 + record.seq
            try await owner.execute(
                """
                INSERT INTO stream (pos, topic, part, seq, h, outbox_id)
                VALUES (\(pos), \(record.event.topic), \(record.event.part), \(record.seq), \(record.hash), \(pos))
                """)
            try await owner.execute(
                "INSERT INTO stream_partition VALUES (\(record.event.topic), \(record.event.part), 0, \(StreamHash.empty)) ON CONFLICT DO NOTHING"
            )
        }
    }

    @Test func `equal histories are counted and written down; one that is not the owner's halts its partition alone`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { owner in
            try await ConsumerWorld.with { world in
                let subjects = ConsumerWorld.subjects(2)
                let history = (0..<3).map { ConsumerWorld.history([subjects[0]], rounds: 5, part: $0) }
                for part in history { try await fill(owner, part) }
                let consumer = world.consumer(FixedSource(all: history.flatMap { $0 }))
                var memory = ConsumerMemory()
                try await consumer.apply(Array(history[0].prefix(3)), &memory)
                let auditor = Auditor(
                    "routing", consumer: consumer, judge: Direct(history: HistoryStore(pool: owner)), pace: LoopPace(),
                    log: Log("test", sink: LogTape()), metrics: world.metrics, now: { 1_795_000_000 })
                try await auditor.audit()
                #expect(world.metrics.gauge("shao_audit_equal", "").value == 12)
                #expect(world.metrics.gauge("shao_audit_last_success_seconds", "").value == 1_795_000_000)
                let written = try await owner.query(
                    "SELECT seq FROM stream_consumer WHERE consumer = 'routing' AND topic = 'tickets.v1' ORDER BY part", as: Int64.self)
                #expect(written == [3] + Array(repeating: 0, count: 11))

                try await world.pool.execute("UPDATE inbox_cursor SET seq = 2, h = decode(repeat('07', 16), 'hex') WHERE part = 1")
                try await world.pool.execute("UPDATE inbox_cursor SET seq = 9 WHERE part = 2")
                try await auditor.audit()
                #expect(world.metrics.gauge("shao_audit_equal", "").value == 10)
                #expect(world.metrics.gauge("shao_audit_different", "").value == 2)
                #expect(consumer.remark?.contains("DIVERGED at 2") == true && consumer.remark?.contains("1 more") == true)
                try await auditor.audit()
                #expect(world.count("shao_diverged_total") == 2, "said once")
                try await consumer.apply(history[1], &memory)
                try await consumer.apply(Array(history[0].suffix(2)), &memory)
                #expect(try await world.cursor(1) == 2)
                #expect(try await world.cursor(0) == 5)
            }
        }
    }

    @Test func `an owner that does not answer is no success, and nothing halts`() async throws {
        struct Nobody: HistoryJudge {
            func judge(_ question: AuditQuestion) async throws -> [AuditVerdict] { throw EventLogError(.unreachable, "gone") }
        }
        try await ConsumerWorld.with { world in
            let consumer = world.consumer(NoSource())
            let auditor = Auditor(
                "routing", consumer: consumer, judge: Nobody(), pace: LoopPace(), log: Log("test", sink: LogTape()),
                metrics: world.metrics, now: { 1 })
            try await auditor.audit()
            #expect(world.metrics.gauge("shao_audit_last_success_seconds", "").value == 0)
            #expect(consumer.trouble == nil && consumer.status.haltedPartitions == nil)
        }
    }

    /// What is told to owners may be thrown away there: it must be on disk here first.
    @Test func `cursors are flushed after they are read and before they are told`() async throws {
        try await ConsumerWorld.with { world in
            let order = Order()
            let consumer = world.consumer(NoSource(), store: OrderedStore(store: world.store, order: order))
            struct Telling: HistoryJudge {
                let order: Order
                func judge(_ question: AuditQuestion) async throws -> [AuditVerdict] {
                    order.add("tell")
                    return question.cursors.map { _ in .equal }
                }
            }
            let auditor = Auditor(
                "routing", consumer: consumer, judge: Telling(order: order), pace: LoopPace(), log: Log("test", sink: LogTape()),
                metrics: world.metrics, now: { 1 })
            try await auditor.audit()
            #expect(order.steps == ["settled", "tell"])
        }
    }

    @Test func `what is settled is on disk`() async throws {
        try await ConsumerWorld.with { world in
            for round in 0..<100 {
                try await world.pool.transaction(.asynchronousCommit) { transaction in
                    _ = try await transaction.execute("INSERT INTO heard (subject, version) VALUES ('a', \(Int32(round)))")
                }
                let written = try await world.pool.query("SELECT pg_current_wal_insert_lsn()::text", as: String.self)
                _ = try await world.store.settled([])
                let onDisk = try await world.pool.query(
                    "SELECT pg_current_wal_flush_lsn() >= \(written.first ?? "")::pg_lsn", as: Bool.self)
                #expect(onDisk == [true])
            }
        }
    }
}

final class Order: Sendable {
    private let kept = Mutex<[String]>([])
    var steps: [String] { kept.withLock { $0 } }
    func add(_ step: String) { kept.withLock { $0.append(step) } }
}

struct OrderedStore: ConsumerStore {
    let store: any ConsumerStore
    let order: Order

    func open(_ partitions: [StreamPartition]) async throws { try await store.open(partitions) }
    func load(_ partitions: Set<StreamPartition>) async throws -> ConsumerPositions {
        order.add("load")
        return try await store.load(partitions)
    }
    func apply(_ step: ApplyStep) async throws -> ApplyOutcome { try await store.apply(step) }
    func settled(_ partitions: Set<StreamPartition>) async throws -> ConsumerPositions {
        order.add("settled")
        return try await store.settled(partitions)
    }
}
