import Contracts
import Crypto
import EventLog
import EventLoop
import FoundationEssentials
import JSON
import Postgres
import Telemetry

/// Fills an owner's outbox with a plausible history of about so many events and has the real sequencer number them: what a service
/// finds after years. All topics go into the one database; whoever reads them is told that it owns them all.
struct History {
    let events: Int
    let key: [UInt8]
    private let pool: PostgresPool
    private let random: Randomness

    /// Events of one transaction.
    private static let batch = 2000
    /// Between two tickets: some 250 a day.
    private static let interval: Int64 = 345_000
    private static let hour: Int64 = 3_600_000

    /// - Parameter key: of the streams' hashes; the services that read must have the same.
    init(conninfo: String, events: Int, key: [UInt8], seed: UInt64) {
        self.events = events
        self.key = key
        random = Randomness(seed: seed)
        var configuration = PostgresConfiguration(conninfo: conninfo, poolSize: 4, applicationName: "history")
        configuration.statementTimeout = .seconds(600)
        configuration.settings = [("enable_seqscan", "off"), ("jit", "off"), ("max_parallel_workers_per_gather", "0")]
        pool = PostgresPool(configuration, on: .shared, log: Log("history", level: .error))
    }

    struct Report: JSONObjectEncodable {
        let events: Int, tickets: Int
        let seconds: Double

        func write(members o: inout JSONObjectWriter) {
            o.member("events", events)
            o.member("tickets", tickets)
            o.member("seconds", seconds)
            o.member("events_per_second", Double(events) / max(seconds, 0.001))
        }
    }

    func run() async throws -> Report {
        let began = ContinuousClock.now
        let serving = Task(executorPreference: EventLoop.shared) { await pool.run() }
        let wake = Signal()
        let sequencer = Sequencer(
            store: PostgresSequencerStore(pool: pool), hash: StreamHash(key: HMACKey(key)), wakeUp: wake,
            pace: LoopPace(), log: Log("sequencer", level: .warning), metrics: MetricsRegistry()
        ) { _ in }
        let sequencing = Task(executorPreference: EventLoop.shared) { try await sequencer.run() }
        let (written, tickets) = try await write { wake.raise() }
        while try await pool.query(HistoryQueries.unsequenced, as: Int64.self) != [0] {
            try await EventLoop.shared.sleep(for: .milliseconds(50))
        }
        sequencing.cancel()
        _ = try? await sequencing.value
        try await pool.execute(HistoryQueries.tidy)
        await pool.close()
        await serving.value
        return Report(events: written, tickets: tickets, seconds: (ContinuousClock.now - began) / .seconds(1))
    }

    /// In the order of time over all tickets: what happens in an hour that no later ticket can still begin in is written.
    private func write(_ wake: @escaping @Sendable () -> Void) async throws -> (events: Int, tickets: Int) {
        guard let start = Timestamp("2025-11-01T08:00:00.000+08:00") else { throw BenchFailure("no start") }
        var random = random
        var open: [Int64: [CommittedEvent]] = [:]
        var waiting: [CommittedEvent] = []
        var told = 0
        var written = 0
        var tickets = 0
        var hour = start.milliseconds / Self.hour
        let outbox = Outbox(
            ids: UUIDv7Generator(now: { start }, random: { SystemRandom.bytes($0) }), clock: SystemTimekeeper(), wake: wake)
        while told < events || !open.isEmpty {
            let begin = start.adding(milliseconds: Int64(tickets) * Self.interval)
            if told < events {
                guard let tale = TicketHistoryGenerator(tickets, at: begin, Randomness(seed: random.next())) else {
                    throw BenchFailure("no ticket")
                }
                tickets += 1
                told += tale.events.count
                for event in tale.events { open[event.time.milliseconds / Self.hour, default: []].append(event) }
            }
            let end = told < events ? begin.milliseconds / Self.hour : (open.keys.max() ?? hour) + 1
            while hour < end {
                // A stable sort is needed: what happens at one moment keeps its order.
                let past = (open.removeValue(forKey: hour) ?? []).enumerated()
                    .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
                waiting += past.map(\.element)
                hour += 1
            }
            while waiting.count >= Self.batch || (open.isEmpty && !waiting.isEmpty) {
                let batch = Array(waiting.prefix(Self.batch))
                waiting.removeFirst(batch.count)
                try await pool.transaction(.asynchronousCommit) { outbox.emit(batch, in: &$0) }
                written += batch.count
            }
        }
        return (written, tickets)
    }
}

enum HistoryQueries {
    static let unsequenced: SQL = """
        SELECT (SELECT count(*) FROM outbox) - (SELECT coalesce(sum(seq), 0)::bigint FROM stream_head)
        """
    static let tidy: SQL = "ANALYZE"
}
