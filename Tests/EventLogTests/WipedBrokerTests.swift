import Contracts
import EventLoop
import Kafka
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import EventLog

/// Publisher against brokers that speak Kafka's protocol, wiped while it runs. Every safety setting on, and every one off.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct WipedBrokerTests {
    private static let reckless: KafkaConfiguration = ["acks": "0", "enable.idempotence": "false", "max.in.flight": "1000"]
    private static let log = Log("test", level: .error)

    private func emit(_ versions: ClosedRange<Int32>, topic: Topic, _ pool: PostgresPool) async throws {
        let outbox = Sample.outbox()
        let time = Timestamp.now()
        try await pool.transaction { transaction in
            for version in versions {
                outbox.emit(
                    (0..<12 as Range<Int32>).map { part in
                        var event = Sample.event("s\(part)", version: version, topic: topic.name, part: part)
                        event.time = time
                        return event
                    }, in: &transaction)
            }
        }
    }

    /// Runs a sequencer and a publisher beside `body`.
    private func publishing(
        _ pool: PostgresPool, _ topic: Topic, _ configuration: KafkaConfiguration, _ body: (MetricsRegistry) async throws -> Void
    ) async throws {
        let metrics = MetricsRegistry()
        let publisher = Publisher(
            store: PostgresPublisherStore(pool: pool), keeping: [topic], log: Self.log, metrics: metrics
        ) { try KafkaRecordSink(configuration, source: "/street/310106019000/intake", log: Log("test", level: .error)) }
        let bell = Signal()
        let sequencer = Sequencer(
            store: PostgresSequencerStore(pool: pool), hash: Sample.hash, wakeUp: bell, log: Self.log, metrics: metrics
        ) { publisher.accept($0) }
        let tasks = [Task { try await sequencer.run() }, Task { try await publisher.run() }]
        var failure: (any Error)?
        do { try await body(metrics) } catch { failure = error }
        for task in tasks { task.cancel() }
        for task in tasks { _ = try? await task.value }
        if let failure { throw failure }
    }

    private struct Line: Hashable {
        let part: Int32, seq: Int64, hash: [UInt8]
    }

    /// Whether the broker has the whole stream of the topic and nothing else; `ordered`: each number for the first time in its
    /// order. New records may arrive before a loss is noticed; what was lost then comes behind them.
    private func isWhole(
        _ topic: Topic, _ count: Int, ordered: Bool, _ configuration: KafkaConfiguration, _ pool: PostgresPool
    ) async throws -> Bool {
        let owned = try await pool.query(PublisherQueries.next(after: 0, limit: 100_000), as: StreamRecord.self)
        guard owned.count == count else { return false }
        let expected = Set(owned.map { Line(part: $0.event.part, seq: $0.seq, hash: $0.hash) })
        let reader = try KafkaConsumer(configuration, group: nil, topics: [], log: Self.log)
        try await reader.assign(
            Dictionary(uniqueKeysWithValues: (0..<12 as Range<Int32>).map { (KafkaPartition(topic.name, $0), KafkaOffset.beginning) }))
        var found = Set<Line>()
        var heads: [Int32: Int64] = [:]
        var isOrdered = true
        let deadline = ContinuousClock.now + .seconds(3)
        while found.count < expected.count, ContinuousClock.now < deadline {
            guard let batch = try? await reader.nextBatch(until: .now + .milliseconds(300)) else { continue }
            for message in batch {
                let record = try StreamHeaders.parse(message)
                if record.seq > heads[message.partition, default: 0] + 1 { isOrdered = false }
                heads[message.partition] = max(record.seq, heads[message.partition, default: 0])
                found.insert(Line(part: message.partition, seq: record.seq, hash: record.hash))
            }
        }
        await reader.close()
        return found == expected && (isOrdered || !ordered)
    }

    @Test(arguments: [true, false])
    func `a new embedded broker in place of the old one is filled again without anybody's help`(isSafe: Bool) async throws {
        let topic = Topics.tickets
        let port = try FreePort.next()
        let spec = [KafkaTopicSpec(topic)]
        let broker = Mutex<EmbeddedBroker?>(try EmbeddedBroker(port: port, topics: spec))
        var configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:\(port)")
        if !isSafe { configuration = configuration.merging(Self.reckless) }
        let kafka = configuration
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all, poolSize: 6) { pool in
            try await publishing(pool, topic, kafka) { metrics in
                try await emit(1...40, topic: topic, pool)
                await eventually(within: .seconds(30), "the first broker has everything") {
                    try await isWhole(topic, 40 * 12, ordered: isSafe, kafka, pool)
                }
                broker.withLock { $0 = nil }
                try await emit(41...45, topic: topic, pool)
                await eventually(within: .seconds(10), "the port is free again") {
                    let fresh = try EmbeddedBroker(port: port, topics: spec)
                    broker.withLock { $0 = fresh }
                    return true
                }
                await eventually(within: .seconds(40), "the second broker has everything") {
                    try await isWhole(topic, 45 * 12, ordered: false, kafka, pool)
                }
                let begun = ["cluster", "topic", "truncated"].map {
                    metrics.counter("shao_refills_total", "", labels: [("reason", $0)]).value
                }
                #expect(begun.reduce(0, +) > 0)
                #expect(metrics.counter("shao_refilled_total", "").value >= 40 * 12)
                #expect(metrics.counter("shao_producers_recreated_total", "").value > 0)
            }
        }
        broker.withLock { $0 = nil }
    }

    @Test(.enabled(if: Broker.available.count > 1, "SHAO_TEST_KAFKA names no broker"), arguments: [true, false])
    func `topics that were deleted on a real Kafka are made and filled again, also when somebody made them empty`(isSafe: Bool) async throws
    {
        guard let broker = Broker.available.last else { return }
        let topic = isSafe ? Topics.ballots : Topics.alerts
        let cluster = try await FreshCluster(broker, [KafkaTopicSpec(topic)])
        let kafka = isSafe ? cluster.configuration : cluster.configuration.merging(Self.reckless)
        let admin = try KafkaAdmin(cluster.configuration)
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all, poolSize: 6) { pool in
            try await publishing(pool, topic, kafka) { metrics in
                try await emit(1...40, topic: topic, pool)
                await eventually(within: .seconds(30), "the topic has everything") {
                    try await isWhole(topic, 40 * 12, ordered: isSafe, kafka, pool)
                }
                try await admin.deleteTopics([topic.name])
                await eventually(within: .seconds(20), "a refill has begun") { metrics.counter("shao_refilled_total", "").value > 0 }
                try await emit(41...45, topic: topic, pool)
                await eventually(within: .seconds(60), "the topic was made and filled") {
                    try await isWhole(topic, 45 * 12, ordered: false, kafka, pool)
                }
                let once = metrics.counter("shao_refilled_total", "").value
                #expect(once >= 40 * 12)
                try await admin.deleteTopics([topic.name])
                await eventually(within: .seconds(10), "somebody makes it empty") {
                    try await admin.createTopics([KafkaTopicSpec(topic)])
                    return true
                }
                try await emit(46...50, topic: topic, pool)
                await eventually(within: .seconds(60), "the topic was filled") {
                    try await isWhole(topic, 50 * 12, ordered: false, kafka, pool)
                }
                #expect(metrics.counter("shao_refilled_total", "").value > once)
            }
        }
        cluster.keep()
    }
}
