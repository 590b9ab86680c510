import Contracts
import EventLoop
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import EventLog

/// What the event log tells those who watch it, while it works and while it does not.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct WatchTests {
    @Test func `a consumer that stands still behind its owner says for how long, until it goes on`() async throws {
        try await ConsumerWorld.with { world in
            let owner = MuteSource(FixedSource(all: ConsumerWorld.history(ConsumerWorld.subjects(2), rounds: 3)))
            let consumer = world.consumer(owner)
            let running = Task { try await consumer.run() }
            func stalled() -> Double { world.metrics.value("shao_consumer_stalled_seconds") ?? -1 }
            await eventually(within: .seconds(20), "it has stood still") { stalled() > 2 }
            owner.speak()
            await eventually(within: .seconds(20), "it has caught up") { try await world.cursor() == 6 }
            await eventually(within: .seconds(20), "nothing waits") { stalled() < 1 }
            running.cancel()
            _ = try? await running.value
        }
    }

    @Test func `a loop that does not come round is stalled though nobody waits; nothing is said before its first round`() {
        let status = ConsumerStatus()
        #expect(status.stalled(at: .seconds(100)) == nil)
        status.cameRound(at: .seconds(100), waitingSince: nil)
        #expect(status.stalled(at: .seconds(130)) == .seconds(30))
        status.cameRound(at: .seconds(131), waitingSince: .seconds(90))
        #expect(status.stalled(at: .seconds(131)) == .seconds(41))
    }

    @Test func `how late events are applied is counted from the moment at which they happened, and never below nothing`() async throws {
        try await ConsumerWorld.with { world in
            let clock = ManualTimekeeper("2026-11-19T08:00:00.000+08:00")
            let happened = Timestamp(milliseconds: 1_795_000_000_000)
            clock.advance(happened.adding(milliseconds: 90_001) - clock.now())
            let consumer = world.consumer(FixedSource(all: []), clock: clock)
            var memory = ConsumerMemory()
            let history = ConsumerWorld.history(ConsumerWorld.subjects(1), rounds: 2)
            try await consumer.apply([history[0]], &memory)
            #expect(world.metrics.value("shao_apply_delay_seconds_sum") == 90)
            clock.advance(.seconds(-3600))
            try await consumer.apply([history[1]], &memory)
            #expect(world.metrics.value("shao_apply_delay_seconds_sum") == 90)
            #expect(world.metrics.value("shao_apply_delay_seconds_count") == 2)
            try await consumer.apply(history, &memory)
            #expect(world.metrics.value("shao_apply_delay_seconds_count") == 2, "what had been applied is not applied again")
        }
    }

    @Test func `a publisher that follows another leaves what is due, held and sent again to that one`() {
        let metrics = MetricsRegistry()
        let publisher = Publisher(store: NoPublisherStore(), pace: ManualPace(), log: Log("test", level: .error), metrics: metrics) {
            throw EventLogError(.unreachable, "no broker")
        }
        let names = ["shao_publish_lag", "shao_held_records", "shao_refill_remaining"]
        for name in names { metrics.gauge(name, "").set(7) }
        publisher.noteFollowing()
        for name in names { #expect(metrics.value(name) == 0, "\(name)") }
    }

    @Test func `a sequencer that cannot look at its outbox says for how long, from its beginning on`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            let (pace, metrics, store) = (ManualPace(), MetricsRegistry(), ShutStore(PostgresSequencerStore(pool: pool)))
            let sequencer = Sequencer(
                store: store, hash: Sample.hash, wakeUp: Signal(), pace: pace, log: Log("test", level: .error), metrics: metrics
            ) { _ in }
            pace.advance(by: .seconds(50))
            #expect(metrics.value("shao_sequencer_stalled_seconds") == 50)
            store.open()
            let running = Task { try await sequencer.run() }
            await eventually("it has looked") { metrics.value("shao_sequencer_stalled_seconds") == 0 }
            running.cancel()
            _ = try? await running.value
        }
    }

    @Test func `the log's and the database's bytes are counted, dropped partitions are not`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            func size() async throws -> LogSize { try #require(try await pool.query(ArchiveQueries.sizes, as: LogSize.self).first) }
            let before = try await size()
            #expect(before.outbox > 0 && before.stream > 0 && before.database > before.outbox + before.stream)
            try await pool.execute("SELECT make_log_partition('outbox', 9000000, 9000010)")
            let more = try await size()
            #expect(more.outbox > before.outbox && more.stream == before.stream)
            try await pool.execute("DROP TABLE outbox_9000000")
            #expect(try await size().outbox == before.outbox, "one that is dropped at this moment is no failure")
            let metrics = MetricsRegistry()
            LogSizes(metrics).set([before])
            #expect(metrics.value("shao_log_bytes{table=\"outbox\"}") == Double(before.outbox))
            #expect(metrics.value("postgres_database_bytes") == Double(before.database))
        }
    }
}

/// An owner that tells how far it is, and nothing else until it speaks.
private final class MuteSource: StreamSource {
    private let source: FixedSource
    private let isMute = Mutex(true)

    init(_ source: FixedSource) { self.source = source }
    func speak() { isMute.withLock { $0 = false } }

    func heads(of topics: [String]) async throws -> [StreamHead] { try await source.heads(of: topics) }
    func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord] {
        if isMute.withLock({ $0 }) { throw EventLogError(.unreachable, "no word") }
        return try await source.records(partition, from: seq, limit: limit)
    }
}

private struct NoPublisherStore: PublisherStore {
    func lead(_ body: (any PublisherSession) async throws -> Void) async throws -> Bool { false }
}

/// A database that cannot be reached until it is open.
private final class ShutStore: SequencerStore {
    private let store: any SequencerStore
    private let isOpen = Mutex(false)

    init(_ store: any SequencerStore) { self.store = store }
    func open() { isOpen.withLock { $0 = true } }

    func session(_ body: (any SequencerSession) async throws -> Void) async throws {
        guard isOpen.withLock({ $0 }) else { throw EventLogError(.unreachable, "no database") }
        try await store.session(body)
    }
}

extension MetricsRegistry {
    /// A series as it is rendered.
    func value(_ series: String) -> Double? {
        String(decoding: render(), as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { Double($0.dropFirst(series.utf8.count + 1)) }
    }
}
