import Contracts
import Kafka
import Postgres
import Telemetry
import TestKit
import Testing

@testable import EventLog

/// Records that are held back, beside a broker that loses records and a database that was restored.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct HeldRecordTests {
    private func publishing(
        _ pool: PostgresPool, _ broker: PaperBroker, handed: [StreamRecord] = [], _ body: () async throws -> Void
    ) async throws {
        let publisher = Publisher(
            store: PostgresPublisherStore(pool: pool), pace: QuickPace(), clock: ManualTimekeeper(), log: Log("test", sink: LogTape()),
            metrics: MetricsRegistry()
        ) { broker.sink() }
        publisher.accept(handed)
        let running = Task { try await publisher.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        running.cancel()
        _ = try? await running.value
        try result.get()
    }

    private func emit(_ events: [CommittedEvent], _ pool: PostgresPool) async throws {
        let outbox = Sample.outbox()
        try await pool.transaction { outbox.emit(events, in: &$0) }
        try await Sample.sequence(pool)
    }

    private func held(_ pool: PostgresPool) async throws -> [Int64] {
        try await pool.query("SELECT seq FROM publisher_held ORDER BY seq", as: Int64.self)
    }

    @Test func `a topic that is gone while all that is due there is held back is made, and gets it`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            let broker = PaperBroker([Topics.alerts])
            broker.change { $0.refusing = { _, _ in .messageTooLarge } }
            try await emit([Sample.event("x", version: 1, topic: Topics.alerts.name)], pool)
            try await publishing(pool, broker) {
                await eventually("held") { try await held(pool) == [1] }
                broker.change { state in
                    state.refusing = nil
                    state.logs[Topics.alerts.name] = nil
                }
                await eventually("made and filled") { broker.log(Topics.alerts).map(\.event.subject) == ["x"] }
                await eventually("nothing is held any more") { try await held(pool) == [] }
            }
        }
    }

    @Test func `what was handed over before a restore is not sent after it`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            let broker = PaperBroker([Topics.tickets])
            try await emit([Sample.event("a", version: 1), Sample.event("b", version: 1)], pool)
            let lost = Sample.stream(["x", "y", "z"].map { Sample.event($0, version: 1) })
            try await publishing(pool, broker, handed: lost) {
                await eventually("both have left") { broker.log(Topics.tickets).count >= 2 }
                try await emit([Sample.event("c", version: 1)], pool)
                await eventually("and what comes next") { broker.log(Topics.tickets).count >= 3 }
            }
            #expect(broker.log(Topics.tickets).map(\.event.subject) == ["a", "b", "c"])
        }
    }

    @Test func `what is held back is on the disk at once, and a number that was given out again has the subject it has now`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            try await pool.execute("CREATE TABLE commits (waits text NOT NULL)")
            try await pool.execute(
                """
                CREATE FUNCTION note_commit() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN INSERT INTO commits VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$
                """)
            try await pool.execute(
                """
                CREATE CONSTRAINT TRIGGER note AFTER INSERT ON publisher_held DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION note_commit()
                """)
            let partition = StreamPartition(topic: "tickets.v1", part: 0)
            func record(_ subject: String) -> HeldRecord {
                HeldRecord(partition: partition, seq: 7, subject: subject, reason: "\(subject) is large")
            }
            _ = try await PostgresPublisherStore(pool: pool).lead { session in
                try await session.hold([record("of before the restore")])
                try await session.hold([record("of now")])
                #expect(try await session.held() == [record("of now")])
            }
            #expect(try await pool.query("SELECT waits FROM commits", as: String.self) == ["on"])
        }
    }
}
