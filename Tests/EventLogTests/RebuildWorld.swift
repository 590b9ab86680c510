import Contracts
import EventLoop
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import EventLog

/// An owner whose stream grows while it is read, and that can be made to stand still.
final class GrowingOwner: StreamSource {
    private struct State {
        var records: [StreamPartition: [StreamRecord]] = [:]
        var isHeld = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var reads = 0
    }
    private let state = Mutex(State())

    /// Numbers and chains events, as a sequencer does; answers the new records.
    @discardableResult
    func add(_ events: [CommittedEvent]) -> [StreamRecord] {
        state.withLock { state in
            events.map { event in
                let partition = StreamPartition(topic: event.topic, part: event.part)
                let last = state.records[partition]?.last
                let seq = (last?.seq ?? 0) + 1
                let record = StreamRecord(
                    pos: seq, seq: seq, hash: Sample.hash.next(after: last?.hash ?? StreamHash.empty, seq: seq, event), event: event)
                state.records[partition, default: []].append(record)
                return record
            }
        }
    }

    var reads: Int { state.withLock { $0.reads } }

    /// From now on readers wait until `release`.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let waiting = state.withLock { state in
            defer { (state.isHeld, state.waiting) = (false, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord] {
        await withCheckedContinuation { continuation in
            let waits = state.withLock { state in
                state.reads += 1
                if state.isHeld { state.waiting.append(continuation) }
                return state.isHeld
            }
            if !waits { continuation.resume() }
        }
        // Fewer than asked for, as a service with a limit of its own answers.
        return state.withLock { Array(($0.records[partition] ?? []).dropFirst(Int(seq - 1)).prefix(min(limit, 300))) }
    }

    func heads(of topics: [String]) async throws -> [StreamHead] { [] }
}

/// A service's database with one projection of two tables that have all that a copy may lose: storage options, named indexes and
/// constraints, an identity, a serial, a foreign key, a grant.
struct RebuildWorld: Sendable {
    static let tables = Migration(
        version: 101, name: "counted",
        sql: """
            CREATE TABLE counted (subject text PRIMARY KEY, version integer NOT NULL CONSTRAINT counts CHECK (version > 0),
                total bigint NOT NULL, twice bigint GENERATED ALWAYS AS (2 * total) STORED) WITH (fillfactor = 70);
            CREATE INDEX counted_by_version ON counted (version) WHERE version > 1;
            CREATE UNIQUE INDEX counted_upper ON counted (upper(subject));
            CREATE TABLE counted_step (n bigint GENERATED ALWAYS AS IDENTITY, k serial, subject text NOT NULL, version integer NOT NULL,
                CONSTRAINT step_once UNIQUE (subject, version),
                CONSTRAINT step_of FOREIGN KEY (subject) REFERENCES counted (subject));
            GRANT SELECT ON counted TO PUBLIC;
            """)

    /// Not to be run twice for one event: the sum would tell.
    static let projection = Projection(
        "counts", tables: ["counted", "counted_step"],
        Subscriptions([
            .batch(TicketWithdrawn.self) { events, transaction in
                let (subjects, versions) = (events.map(\.subject), events.map(\.version))
                transaction.enqueue(
                    """
                    INSERT INTO counted (subject, version, total) SELECT s, v, v FROM unnest(\(subjects), \(versions)) AS u(s, v)
                    ON CONFLICT (subject) DO UPDATE SET version = excluded.version, total = counted.total + excluded.total
                    """)
                transaction.enqueue(
                    "INSERT INTO counted_step (subject, version) SELECT * FROM unnest(\(subjects), \(versions))")
                Sample.outbox().emit([Sample.event("echo", version: 1)], in: &transaction)
            }
        ]))

    let pool: PostgresPool
    let owner = GrowingOwner()
    let rebuilder: Rebuilder

    static func with(_ body: (RebuildWorld) async throws -> Void) async throws {
        let migrations = EventLogMigrations.all + [tables]
        try await TemporaryDatabase.withConfiguration(migrations: migrations, poolSize: 6) { configuration in
            try await TemporaryDatabase.withPool(configuration) { pool in
                let world = RebuildWorld(pool, configuration)
                try await pool.execute(ConsumerQueries.open(projection.partitions))
                try await body(world)
                world.owner.release()
                await world.rebuilder.cancel()
            }
        }
    }

    private init(_ pool: PostgresPool, _ configuration: PostgresConfiguration) {
        let owner = owner
        self.pool = pool
        rebuilder = Rebuilder(
            projections: [Self.projection], database: configuration, live: pool, hash: Sample.hash, owners: { owner },
            log: Log("test", level: .error), metrics: MetricsRegistry())
    }

    /// What happened at the owner: subjects' next versions, over all partitions.
    func happen(_ subjects: Range<Int>, versions: ClosedRange<Int32>) -> [StreamRecord] {
        owner.add(
            versions.flatMap { version in
                subjects.map { number in
                    // Subjects are tickets: the event's contract wants one.
                    let subject = "0193ddcc-0000-7000-8000-\(String(1_000_000_000_00 + number))"
                    var event = Sample.event(subject, version: version, part: Int32(number % 12))
                    event.payload = Array("{\"ticket\":\"\(subject)\"}".utf8)
                    return event
                }
            })
    }

    /// As the live consumer applies: cursors and effects in one transaction. A subject to park fails at its first event.
    func apply(_ records: [StreamRecord], parking subject: String? = nil) async throws {
        let store = PostgresConsumerStore(pool: pool, subscriptions: Self.projection.subscriptions)
        var rest = records[...]
        if let first = records.firstIndex(where: { $0.event.subject == subject }) {
            let positions = try await store.load(Set(records.map(\.partition)))
            if first > 0 { _ = try await store.apply(ApplyStep(Array(records[..<first]), at: positions)) }
            let then = try await store.load(Set(records.map(\.partition)))
            _ = try await store.apply(ApplyStep([records[first]], at: then, poison: "made to"))
            rest = records[(first + 1)...]
        }
        _ = try await store.apply(ApplyStep(Array(rest), at: try await store.load(Set(rest.map(\.partition)))))
    }

    var parked: ParkedSubjects { ParkedSubjects(pool: pool, subscriptions: Self.projection.subscriptions, metrics: MetricsRegistry()) }

    /// Starts a rebuild and waits for its end.
    func rebuild(check: Bool = false) async throws -> RebuildProgress {
        _ = try rebuilder.start("counts", checkOnly: check)
        return try await end()
    }

    func end() async throws -> RebuildProgress {
        await eventually(within: .seconds(60), "the rebuild ends") { rebuilder.progress?.phase.isEnd == true }
        return try #require(rebuilder.progress)
    }

    /// All that the tables are made of, as the catalogue tells it.
    func shape() async throws -> [String] {
        try await pool.query(
            """
            SELECT relname || ' ' || coalesce(array_to_string(reloptions, ','), '') || ' ' || coalesce(relacl::text, '') FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relname LIKE 'counted%'
            UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text LIKE 'counted%'
            UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename LIKE 'counted%'
            UNION ALL SELECT column_name || ' ' || data_type || ' ' || is_nullable || coalesce(column_default, '') || is_identity
                || coalesce(generation_expression, '') FROM information_schema.columns WHERE table_schema = 'public' AND table_name LIKE 'counted%'
            ORDER BY 1
            """, as: String.self)
    }

    func schemas() async throws -> [String] {
        try await pool.query("SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'rebuild%'", as: String.self)
    }

    /// What the fold must say: subject and version each once, and the sum of versions.
    func contents() async throws -> [String] {
        try await pool.query(
            """
            SELECT subject || ' ' || version || ' ' || total || ' ' || twice FROM counted
            UNION ALL SELECT 'step ' || subject || ' ' || version FROM counted_step ORDER BY 1
            """, as: String.self)
    }
}
