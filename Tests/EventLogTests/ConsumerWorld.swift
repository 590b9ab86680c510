import Contracts
import EventLoop
import Kafka
import Postgres
import Synchronization
import Telemetry
import TestKit

@testable import EventLog

/// A service's database whose handler writes down what it hears, in order, and fails for the subjects in `forbidden`.
struct ConsumerWorld {
    static let migrations =
        EventLogMigrations.all + [
            Migration(
                version: 101, name: "heard",
                sql: """
                    CREATE TABLE heard (n bigint GENERATED ALWAYS AS IDENTITY, subject text, version integer, UNIQUE (subject, version));
                    CREATE TABLE forbidden (subject text PRIMARY KEY, state text NOT NULL DEFAULT 'P0001');
                    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                    DECLARE f forbidden%ROWTYPE;
                    BEGIN
                        SELECT * INTO f FROM forbidden WHERE subject = NEW.subject;
                        IF FOUND THEN RAISE EXCEPTION 'this subject fails' USING ERRCODE = f.state; END IF;
                        RETURN NEW;
                    END $$;
                    CREATE TRIGGER refuse BEFORE INSERT ON heard FOR EACH ROW EXECUTE FUNCTION refuse();
                    """)
        ]

    static let subscriptions = Subscriptions([
        .batch(TicketWithdrawn.self) { events, transaction in
            transaction.enqueue(
                "INSERT INTO heard (subject, version) SELECT * FROM unnest(\(events.map(\.subject)), \(events.map(\.version)))")
        }
    ])

    let pool: PostgresPool
    let metrics = MetricsRegistry()
    let parked: ParkedSubjects

    init(_ pool: PostgresPool) {
        self.pool = pool
        parked = ParkedSubjects(pool: pool, subscriptions: Self.subscriptions, metrics: metrics)
    }

    /// Runs `body` on a database of its own.
    static func with(_ body: (ConsumerWorld) async throws -> Void) async throws {
        try await TemporaryDatabase.with(migrations: migrations, poolSize: 8) { pool in
            let world = ConsumerWorld(pool)
            try await pool.execute(ConsumerQueries.open((0..<12).map { StreamPartition(topic: "tickets.v1", part: $0) }))
            try await body(world)
        }
    }

    var store: PostgresConsumerStore { PostgresConsumerStore(pool: pool, subscriptions: Self.subscriptions) }

    /// One replica of the service's consumer.
    func consumer(
        _ owner: any StreamSource, feed: any RecordFeed = SilentFeed(), store: (any ConsumerStore)? = nil,
        pace: any Pace = LoopPace(), clock: any Timekeeper = SystemTimekeeper(), ceiling: Int = 100, metrics: MetricsRegistry? = nil
    ) -> StreamConsumer {
        StreamConsumer(
            feed: feed, store: store ?? self.store, owners: owner, topics: Self.subscriptions.topics, hash: Sample.hash, pace: pace,
            clock: clock, ceiling: ceiling, log: Log("test", sink: LogTape()), metrics: metrics ?? self.metrics)
    }

    func forbid(_ subject: String, state: String = "P0001") async throws {
        try await pool.execute("INSERT INTO forbidden VALUES (\(subject), \(state))")
    }

    func allow(_ subject: String) async throws { try await pool.execute("DELETE FROM forbidden WHERE subject = \(subject)") }

    /// `subject version` in the order of applying.
    func heard(_ subject: String? = nil) async throws -> [String] {
        try await pool.query(
            "SELECT subject || ' ' || version FROM heard WHERE subject = \(subject) OR \(subject == nil) ORDER BY n", as: String.self)
    }

    func cursor(_ part: Int32 = 0) async throws -> Int64? {
        try await pool.query("SELECT seq FROM inbox_cursor WHERE topic = 'tickets.v1' AND part = \(part)", as: Int64.self).first
    }

    func count(_ counter: String) -> Int { metrics.counter(counter, "").value }

    /// A partition's history: each subject's versions rise, subjects take turns.
    static func history(_ subjects: [String], rounds: Int32, part: Int32 = 0) -> [StreamRecord] {
        Sample.stream(
            (1...rounds).flatMap { version in
                subjects.map { subject in
                    var event = Sample.event(subject, version: version, part: part)
                    event.payload = Array("{\"ticket\":\"\(subject)\"}".utf8)
                    return event
                }
            })
    }

    static func subjects(_ count: Int) -> [String] { (0..<count).map { _ in Sample.ticket().description } }
}

/// Time that passes when told.
final class ManualPace: Pace {
    private let now = Mutex(Duration.zero)

    func elapsed() -> Duration { now.withLock { $0 } }
    func advance(by duration: Duration) { now.withLock { $0 += duration } }
    func pause(for duration: Duration) async throws(CancellationError) { advance(by: duration) }
    func random(in range: ClosedRange<Int>) -> Int { range.upperBound }
    func bell() -> any Bell { Signal() }
}

/// Counts what a consumer asks its database.
final class CountingStore: ConsumerStore {
    private let store: any ConsumerStore
    private let counts = Mutex((loads: 0, steps: 0))
    var loads: Int { counts.withLock { $0.loads } }
    var steps: Int { counts.withLock { $0.steps } }

    init(_ store: any ConsumerStore) { self.store = store }

    func open(_ partitions: [StreamPartition]) async throws { try await store.open(partitions) }
    func load(_ partitions: Set<StreamPartition>) async throws -> ConsumerPositions {
        counts.withLock { $0.loads += 1 }
        return try await store.load(partitions)
    }
    func apply(_ step: ApplyStep) async throws -> ApplyOutcome {
        counts.withLock { $0.steps += 1 }
        return try await store.apply(step)
    }
    func settled(_ partitions: Set<StreamPartition>) async throws -> ConsumerPositions { try await store.settled(partitions) }
}

/// A Kafka that brings what the test gives it.
final class ScriptedFeed: RecordFeed {
    private struct State {
        var batches: [FeedBatch] = []
        var closed = false
        var assignment: Set<StreamPartition> = []
    }
    private let state = Mutex(State())
    private let more = Signal()

    /// What the group gives while nothing comes.
    var holdsAssignment: Set<StreamPartition> {
        get { state.withLock { $0.assignment } }
        set { state.withLock { $0.assignment = newValue } }
    }

    func bring(_ records: [StreamRecord], assignment: Set<StreamPartition> = []) {
        let messages = records.map { record -> KafkaMessage in
            let sent = StreamHeaders.record(record, source: "/street/310106019000/intake")
            return KafkaMessage(
                topic: sent.topic, partition: record.event.part, offset: record.seq, key: sent.key, value: sent.value, headers: sent.headers
            )
        }
        state.withLock { $0.batches.append(FeedBatch(messages: messages, assignment: assignment)) }
        more.raise()
    }

    func next(upTo limit: Int, within patience: Duration) async throws -> FeedBatch? {
        if let batch = take() { return batch }
        if state.withLock({ $0.closed }) { return nil }
        _ = try await more.wait(until: .now + patience)
        if state.withLock({ $0.closed }) { return nil }
        return take() ?? FeedBatch(messages: [], assignment: holdsAssignment)
    }

    private func take() -> FeedBatch? { state.withLock { $0.batches.isEmpty ? nil : $0.batches.removeFirst() } }

    func done(with batch: FeedBatch) async {}
    func close() async {
        state.withLock { $0.closed = true }
        more.raise()
    }
}
