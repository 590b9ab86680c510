import Contracts
import EventLoop
import Kafka
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import EventLog

/// Producer's database → sequencer → publisher → broker → consumer → consumer's database.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct StreamTests {
    private static let applied = Migration(
        version: 101, name: "applied",
        sql: "CREATE TABLE applied (n bigint GENERATED ALWAYS AS IDENTITY, subject text, version integer, UNIQUE (subject, version))")

    private static let subscriptions = Subscriptions([
        .batch(TicketWithdrawn.self) { events, transaction in
            transaction.enqueue(
                "INSERT INTO applied (subject, version) SELECT * FROM unnest(\(events.map(\.subject)), \(events.map(\.version)))")
        }
    ])

    private func consumer(_ feed: any RecordFeed, _ pool: PostgresPool, _ owner: any StreamSource, _ metrics: MetricsRegistry)
        -> StreamConsumer
    {
        StreamConsumer(
            feed: feed, store: PostgresConsumerStore(pool: pool, subscriptions: Self.subscriptions), owners: owner,
            topics: Self.subscriptions.topics, hash: Sample.hash, pace: LoopPace(), log: Log("test", level: .error), metrics: metrics)
    }

    private func makePublisher(_ pool: PostgresPool, _ servers: KafkaConfiguration) -> Publisher {
        let log = Log("test", level: .error)
        return Publisher(store: PostgresPublisherStore(pool: pool), log: log, metrics: MetricsRegistry()) {
            try KafkaRecordSink(servers, source: "/street/310106019000/intake", log: log)
        }
    }

    /// Applies `records` as if they had come from Kafka, without a broker.
    private func offline(_ pool: PostgresPool, _ owner: any StreamSource, _ metrics: MetricsRegistry) async throws -> StreamConsumer {
        try await pool.execute(ConsumerQueries.open((0..<12).map { StreamPartition(topic: "tickets.v1", part: $0) }))
        return consumer(SilentFeed(), pool, owner, metrics)
    }

    private func seen(_ pool: PostgresPool) async throws -> [String] {
        try await pool.query("SELECT subject || ' ' || version FROM applied ORDER BY n", as: String.self)
    }

    private func history(_ count: Int32) -> [StreamRecord] {
        Sample.stream(
            (1...count).map { version in
                var event = Sample.event(Self.ticket.description, version: version)
                event.payload = Array("{\"ticket\":\"\(Self.ticket)\"}".utf8)
                return event
            })
    }
    private static let ticket = Sample.ticket()

    @Test func `duplicates are dropped, gaps are filled from the owner, order is kept`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all + [Self.applied]) { pool in
            let metrics = MetricsRegistry()
            let history = history(40)
            let consumer = try await offline(pool, FixedSource(all: history), metrics)
            var memory = ConsumerMemory()
            try await consumer.apply(Array(history[0..<3]), &memory)
            try await consumer.apply(Array(history[1..<5]), &memory)
            try await consumer.apply([history[29], history[28], history[39]], &memory)
            let seen = try await seen(pool)
            #expect(seen == (1...40).map { "\(Self.ticket) \($0)" })
            #expect(metrics.counter("shao_duplicates_total", "").value == 2)
            #expect(metrics.counter("shao_gaps_total", "").value == 1)
            #expect(metrics.counter("shao_repaired_total", "").value == 35)
        }
    }

    @Test func `a forged record is disproved by the owner and dropped, and nothing halts`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all + [Self.applied]) { pool in
            let metrics = MetricsRegistry()
            let history = history(4)
            let consumer = try await offline(pool, FixedSource(all: history), metrics)
            var memory = ConsumerMemory()
            var forged = history[1]
            var ahead = history[3]
            forged.event.payload = Array("{\"ticket\":\"\(Sample.ticket())\"}".utf8)
            ahead.seq = 900
            try await consumer.apply([history[0], forged, history[2], ahead], &memory)
            var again = history[3]
            again.hash = [UInt8](repeating: 1, count: 16)
            try await consumer.apply([again], &memory)
            let seen = try await seen(pool)
            #expect(seen == (1...4).map { "\(Self.ticket) \($0)" })
            #expect(metrics.counter("shao_forged_records_total", "").value == 2)
            #expect(consumer.trouble == nil && consumer.status.haltedPartitions == nil)
        }
    }

    @Test func `another history at the owner halts its partition and no other`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all + [Self.applied]) { pool in
            let history = history(3)
            var others = history.map(\.event)
            others[0].subject = Sample.ticket().description
            let other = Sample.stream(
                [Sample.event(Self.ticket.description, version: 9, part: 1)].map { event in
                    var event = event
                    event.payload = history[0].event.payload
                    return event
                })
            let consumer = try await offline(pool, FixedSource(all: Sample.stream(others)), MetricsRegistry())
            var memory = ConsumerMemory()
            try await consumer.apply([history[0]], &memory)
            try await consumer.apply([Sample.stream(others)[1]] + other, &memory)
            try await consumer.apply([history[1]], &memory)
            let seen = try await seen(pool)
            #expect(seen == ["\(Self.ticket) 1", "\(Self.ticket) 9"])
            #expect(consumer.remark?.contains("DIVERGED") == true)
        }
    }

    @Test func `an owner that has fewer events than are applied here is a divergence`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all + [Self.applied]) { pool in
            let history = history(5)
            let consumer = try await offline(pool, FixedSource(all: Array(history.prefix(2))), MetricsRegistry())
            var memory = ConsumerMemory()
            try await consumer.apply(Array(history.prefix(3)), &memory)
            #expect(consumer.trouble == nil && consumer.status.haltedPartitions == nil)
            try await consumer.apply([history[4]], &memory)
            #expect(consumer.remark?.contains("DIVERGED") == true)
        }
    }

    @Test func `while an owner is silent its gap stays open and other partitions go on`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all + [Self.applied]) { pool in
            let history = history(3)
            let other = Sample.stream(
                [Sample.event(Self.ticket.description, version: 9, part: 1)].map { event in
                    var event = event
                    event.payload = history[0].event.payload
                    return event
                })
            let consumer = try await offline(pool, NoSource(), MetricsRegistry())
            var memory = ConsumerMemory()
            try await consumer.apply([history[0], history[2]] + other, &memory)
            let seen = try await seen(pool)
            #expect(seen == ["\(Self.ticket) 1", "\(Self.ticket) 9"])
            #expect(consumer.trouble == nil && consumer.status.haltedPartitions == nil)
        }
    }

    @Test func `two consumers of one database cannot both apply a record`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all + [Self.applied], poolSize: 8) { pool in
            let history = history(60)
            let consumers = [
                try await offline(pool, FixedSource(all: history), MetricsRegistry()),
                try await offline(pool, FixedSource(all: history), MetricsRegistry()),
            ]
            await withTaskGroup { group in
                for consumer in consumers {
                    group.addTask {
                        var memory = ConsumerMemory()
                        for start in stride(from: 0, to: 60, by: 6) {
                            try? await consumer.applyForSure(Array(history[start..<(start + 6)]), &memory)
                        }
                    }
                }
            }
            let seen = try await seen(pool)
            #expect(seen == (1...60).map { "\(Self.ticket) \($0)" })
        }
    }

    @Test(arguments: Broker.available)
    func `events travel from one database to another once and in order, also when published again`(broker: Broker) async throws {
        let topic = "tickets.v1"
        let cluster = try await FreshCluster(broker, [KafkaTopicSpec(topic, partitions: 12)])
        defer { cluster.keep() }
        let servers = cluster.configuration
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { owner in
            try await TemporaryDatabase.with(migrations: EventLogMigrations.all + [Self.applied]) { hearer in
                let log = Log("test", level: .error)
                let publisher = makePublisher(owner, servers)
                let sequencer = Sequencer(
                    store: PostgresSequencerStore(pool: owner), hash: Sample.hash, wakeUp: Signal(), log: log,
                    metrics: MetricsRegistry()
                ) { publisher.accept($0) }
                let tickets = (0..<30).map { _ in Sample.ticket() }
                let outbox = Sample.outbox()
                for version in 1...20 as ClosedRange<Int32> {
                    try await owner.transaction { transaction in
                        for ticket in tickets {
                            outbox.emit(TicketWithdrawn(ticket: ticket), version: version, in: &transaction)
                        }
                    }
                }
                var groupless = servers
                groupless["auto.offset.reset"] = "earliest"
                let (group, settings) = (Broker.uniqueName("group"), groupless)
                let feed = try KafkaRecordFeed { () throws(KafkaError) in
                    try KafkaConsumer(settings, group: group, topics: [topic], log: log)
                }
                let consumer = consumer(feed, hearer, StreamStore(pool: owner), MetricsRegistry())
                let tasks = [
                    Task { try await sequencer.run() }, Task { try await publisher.run() }, Task { try await consumer.run() },
                ]
                await eventually(within: .seconds(40), "all events are applied") {
                    try await hearer.query("SELECT count(*) FROM applied", as: Int64.self) == [600]
                }
                try await owner.execute("UPDATE publisher_state SET acked_pos = 0")
                tasks[1].cancel()
                _ = try? await tasks[1].value
                let again = makePublisher(owner, servers)
                let republishing = Task { try await again.run() }
                try await owner.transaction { transaction in
                    outbox.emit(TicketWithdrawn(ticket: tickets[0]), version: 21, in: &transaction)
                }
                await eventually(within: .seconds(40), "the event after the repetition is applied") {
                    try await hearer.query("SELECT count(*) FROM applied", as: Int64.self) == [601]
                }
                let disorder = try await hearer.query(
                    "SELECT count(*) FROM (SELECT version, lag(version, 1, 0) OVER (PARTITION BY subject ORDER BY n) AS before FROM applied) x WHERE version <> before + 1",
                    as: Int64.self)
                #expect(disorder == [0])
                let (mine, theirs) = try await (
                    owner.query(
                        "SELECT topic || part || ' ' || seq || ' ' || encode(h, 'hex') FROM stream_head ORDER BY 1", as: String.self),
                    hearer.query(
                        "SELECT topic || part || ' ' || seq || ' ' || encode(h, 'hex') FROM inbox_cursor WHERE seq > 0 ORDER BY 1",
                        as: String.self)
                )
                #expect(mine == theirs, "both histories have the same hashes")
                for task in tasks + [republishing] { task.cancel() }
                await feed.close()
            }
        }
    }
}
