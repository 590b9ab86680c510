import Contracts
import EventLoop
import Postgres
import Telemetry
import TestKit
import Testing

@testable import EventLog

/// A broker that loses what it had acknowledged gets it again.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct RefillTests {
    /// A stream in a database, a broker on paper, and the loops between them.
    private struct Street: Sendable {
        let pool: PostgresPool
        let broker: PaperBroker
        let metrics = MetricsRegistry()
        let topic = Topics.tickets
        let clock = ManualTimekeeper()

        func emit(_ versions: ClosedRange<Int32>, parts: Range<Int32> = 0..<3, age: Duration = .zero) async throws {
            let outbox = Sample.outbox()
            let time = clock.now() - age
            try await pool.transaction { transaction in
                for version in versions {
                    let events = parts.map { part in
                        var event = Sample.event("s\(part)", version: version, part: part)
                        event.time = time
                        return event
                    }
                    outbox.emit(events, in: &transaction)
                }
            }
            try await Sample.sequence(pool)
        }

        @discardableResult
        func publishing<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
            let broker = broker
            let publisher = Publisher(
                store: PostgresPublisherStore(pool: pool), keeping: [topic, Topics.alerts], pace: QuickPace(), clock: clock,
                log: Log("test", level: .error), metrics: metrics
            ) { broker.sink() }
            let running = Task { try await publisher.run() }
            let value = try await body()
            running.cancel()
            _ = try? await running.value
            return value
        }

        func counter(_ name: String, _ reason: String? = nil) -> Int {
            metrics.counter(name, "", labels: reason.map { [("reason", $0)] } ?? []).value
        }

        /// No partition has anything left to be filled, as the next publisher will find it.
        func owesNothing() async throws -> Bool {
            let owed: SQL = """
                SELECT (SELECT count(*) FROM publisher_place WHERE refill_from IS NOT NULL)
                    + (SELECT count(*) FROM publisher_state WHERE cluster_id IS DISTINCT FROM \(broker.now.id))
                """
            return try await pool.query(owed, as: Int.self) == [0]
        }

        /// Every partition of the stream is on the broker: each number for the first time in order, with its own hash.
        func isComplete(from first: Int64 = 1) async throws -> Bool {
            for part in 0..<3 as Range<Int32> {
                let owned = try await StreamStore(pool: pool).records(
                    StreamPartition(topic: topic.name, part: part), from: first, limit: 10_000)
                let here = broker.log(topic, part)
                guard Set(here.map(\.seq)).isSuperset(of: owned.map(\.seq)) else { return false }
                guard
                    here.allSatisfy({ record in
                        owned.contains { $0.seq == record.seq && $0.hash == record.hash && $0.event == record.event }
                    })
                else { return false }
            }
            return true
        }
    }

    private func street(saysOffsets: Bool = true, _ body: (Street) async throws -> Void) async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            try await body(Street(pool: pool, broker: PaperBroker([Topics.tickets], saysOffsets: saysOffsets)))
        }
    }

    @Test(arguments: [true, false])
    func `an emptied cluster gets its topics and every record within their retention, in order`(saysOffsets: Bool) async throws {
        try await street(saysOffsets: saysOffsets) { street in
            try await street.emit(1...5, age: street.topic.retention + .seconds(7200))
            try await street.emit(6...60)
            try await street.publishing {
                await eventually("all is published") { try await street.isComplete() }
                #expect(street.broker.now.created == ["alerts.v1"])
                street.broker.change { state in
                    state.id = "paper-2"
                    state.logs = [:]
                    state.sends = 0
                }
                try await street.emit(61...70)
                await eventually("the new cluster has what the old one had, and what came since") { try await street.isComplete(from: 6) }
            }
            let log = street.broker.log(street.topic)
            #expect(log.map(\.seq) == Array(6...70), "in order, nothing twice, nothing that its retention would have deleted")
            #expect(street.counter("shao_refills_total", "cluster") == 1)
            // What came since may have found its topic missing before the new cluster was noticed: then it is owed as well.
            #expect((55 * 3...65 * 3).contains(street.counter("shao_refilled_total")))
            let delays = try #require(street.metrics.value("shao_publish_delay_seconds_count"))
            #expect((60 * 3...70 * 3).contains(Int(delays)), "what is sent again says nothing of today's delays")
            #expect(street.counter("shao_producers_recreated_total") >= 1)
            #expect(street.broker.now.created.suffix(2).sorted() == ["alerts.v1", "tickets.v1"])
        }
    }

    @Test func `what was filled when a publisher ended is not filled again by the next`() async throws {
        try await street { street in
            try await street.emit(1...20)
            try await street.publishing { await eventually("published") { try await street.isComplete() } }
            street.broker.change { state in
                state.id = "paper-2"
                state.logs = [Topics.tickets.name: [:]]
            }
            try await street.publishing {
                await eventually("filled, and noted as filled") {
                    guard try await street.isComplete() else { return false }
                    return try await street.owesNothing()
                }
            }
            street.broker.change { $0.sends = 0 }
            try await street.emit(21...21)
            try await street.publishing { await eventually("published") { try await street.isComplete() } }
            #expect(street.broker.now.sends == 3)
            #expect(street.counter("shao_refills_total", "cluster") == 1)
        }
    }

    @Test func `a partition that lost its end gets just that again, also by a publisher that was not there`() async throws {
        try await street { street in
            try await street.emit(1...40)
            try await street.publishing {
                await eventually("published") { try await street.isComplete() }
                street.broker.change { $0.sends = 0 }
                street.broker.cut(street.topic, 1, last: 7)
                await eventually("the end is there again") { try await street.isComplete() }
            }
            #expect(street.broker.log(street.topic, 1).map(\.seq) == Array(1...40))
            #expect(street.broker.now.sends == 7)
            street.broker.cut(street.topic, 2, last: 9)
            try await street.publishing { await eventually("the end is there again") { try await street.isComplete() } }
            #expect(street.broker.log(street.topic, 2).map(\.seq) == Array(1...40))
            #expect(street.counter("shao_refills_total", "truncated") == 2)
            #expect(street.counter("shao_refilled_total") == 16)
        }
    }

    @Test func `an end that was lost and grew again is noticed by the receipts`() async throws {
        try await street { street in
            try await street.emit(1...40)
            try await street.publishing {
                await eventually("published") { try await street.isComplete() }
                street.broker.change { $0.sends = 0 }
                street.broker.cut(street.topic, 1, last: 7)
                try await street.emit(41...52, parts: 1..<2)
                await eventually("nothing is missing") { try await street.isComplete() }
            }
            #expect(street.counter("shao_refills_total", "truncated") == 1)
            #expect(street.broker.now.sends <= 12 + 7 + 12)
        }
    }

    @Test func `without receipts, records that never arrived are missed at the second look`() async throws {
        try await street(saysOffsets: false) { street in
            try await street.emit(1...30)
            try await street.publishing {
                await eventually("published") { try await street.isComplete() }
                street.broker.change { $0.dropping = 4 }
                try await street.emit(31...33)
                await eventually("nothing is missing") { try await street.isComplete() }
            }
            #expect(street.counter("shao_refills_total", "truncated") >= 1)
            street.broker.cut(street.topic, 0, last: 11)
            try await street.publishing { await eventually("nothing is missing") { try await street.isComplete() } }
        }
    }

    @Test func `a topic that is gone is made again and filled from its beginning`() async throws {
        try await street { street in
            try await street.emit(1...25)
            try await street.publishing {
                await eventually("published") { try await street.isComplete() }
                street.broker.change { $0.logs = [:] }
                await eventually("the topic is filled") { try await street.isComplete() }
            }
            #expect(street.counter("shao_refills_total", "topic") == 1)
            #expect(street.broker.log(street.topic, 2).map(\.seq) == Array(1...25))
        }
    }

    @Test func `a lead that cannot save what it knows ends, and does not go on unwatched`() async throws {
        try await street { street in
            try await street.emit(1...5)
            try await street.publishing {
                await eventually("published") { try await street.isComplete() }
                try await street.pool.execute("ALTER TABLE publisher_place ADD CONSTRAINT no_room CHECK (seq < 6) NOT VALID")
                try await street.emit(6...7)
                await eventually("the lead has ended") { street.counter("shao_publish_failures_total") > 0 }
                try await street.pool.execute("ALTER TABLE publisher_place DROP CONSTRAINT no_room")
                await eventually("published") { try await street.isComplete() }
                street.broker.change { state in
                    state.id = "paper-2"
                    state.logs = [:]
                }
                await eventually("filled again") { try await street.isComplete() }
                await eventually("what could not be saved is saved") {
                    try await street.pool.query("SELECT seq FROM publisher_place ORDER BY topic, part", as: Int64.self) == [7, 7, 7]
                }
            }
        }
    }

    @Test func `a publisher that was overtaken saves nothing and begins anew`() async throws {
        try await street { street in
            try await street.emit(1...5)
            try await street.publishing {
                await eventually("published, and written down") {
                    try await street.pool.query("SELECT acked_pos FROM publisher_state", as: Int64.self) == [15]
                }
                try await street.pool.execute("UPDATE publisher_state SET lead = lead + 1, acked_pos = 0")
                try await street.emit(6...6)
                await eventually("the one that took over is believed") {
                    try await street.pool.query("SELECT acked_pos FROM publisher_state", as: Int64.self) == [18]
                }
            }
            #expect(street.broker.log(street.topic).map(\.seq) == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6])
        }
    }
}
