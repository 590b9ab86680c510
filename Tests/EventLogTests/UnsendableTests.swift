import Contracts
import Kafka
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import EventLog

/// What the broker will not take holds up nothing else, and is not forgotten.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct UnsendableTests {
    private struct World: Sendable {
        let pool: PostgresPool
        let broker = PaperBroker([Topics.tickets, Topics.alerts])
        let metrics = MetricsRegistry()

        /// One record per name, `subject version`, in partition 0.
        func emit(_ names: [(subject: String, version: Int32)], topic: Topic = Topics.tickets) async throws {
            let outbox = Sample.outbox()
            try await pool.transaction { transaction in
                outbox.emit(names.map { Sample.event($0.subject, version: $0.version, topic: topic.name) }, in: &transaction)
            }
            try await Sample.sequence(pool)
        }

        @discardableResult
        func publishing<Value: Sendable>(_ body: (Publisher) async throws -> Value) async throws -> Value {
            let broker = broker
            let publisher = Publisher(
                store: PostgresPublisherStore(pool: pool), pace: QuickPace(), clock: ManualTimekeeper(), log: Log("test", sink: LogTape()),
                metrics: metrics
            ) { broker.sink() }
            let running = [Task { try await publisher.run() }, Task { try await publisher.report() }]
            let result: Result<Value, any Error>
            do { result = .success(try await body(publisher)) } catch { result = .failure(error) }
            for task in running { task.cancel() }
            for task in running { _ = try? await task.value }
            return try result.get()
        }

        func sent(_ topic: Topic = Topics.tickets) -> [String] {
            broker.log(topic).map { "\($0.event.subject) \($0.event.version)" }
        }

        func held() async throws -> [Int64] { try await pool.query("SELECT seq FROM publisher_held ORDER BY seq", as: Int64.self) }
        func count(_ name: String) -> Int { metrics.counter(name, "").value }
        func gauge(_ name: String) -> Double { metrics.gauge(name, "").value }
    }

    private func world(_ body: (World) async throws -> Void) async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in try await body(World(pool: pool)) }
    }

    private static let mixed = (1...20 as ClosedRange<Int32>).flatMap { [("a", $0), ("b", $0), ("c", $0)] }

    @Test func `a record that is never taken is held back with its subject; everything else leaves, each once`() async throws {
        try await world { world in
            world.broker.change {
                $0.refusing = { record, _ in record.event.subject == "b" && record.event.version == 5 ? .messageTooLarge : nil }
            }
            try await world.emit(Self.mixed)
            try await world.publishing { publisher in
                await eventually("all others have left") { world.sent().filter { !$0.hasPrefix("b") }.count == 40 }
                try await world.emit([("b", 21), ("d", 1)])
                await eventually("what comes later leaves too") { world.sent().contains("d 1") }
                await eventually("it is caught up") { publisher.isCaughtUp }
                #expect(publisher.remark?.contains("records are held back, first tickets.v1/0 seq 14") == true)
            }
            #expect(world.sent().filter { $0.hasPrefix("b") }.prefix(4) == ["b 1", "b 2", "b 3", "b 4"], "what came before it has left")
            #expect(!world.sent().contains("b 5") && !world.sent().contains("b 21"))
            #expect(world.broker.now.sends < 90, "62 records, and none of them round and round")
            #expect(world.count("shao_publish_failures_total") == 0)
            #expect(try await world.held().first == 14)
            #expect(world.gauge("shao_held_records") == Double(try await world.held().count))
        }
    }

    @Test func `what was held back is sent in its subject's order when the broker takes it, also by the next publisher`() async throws {
        try await world { world in
            world.broker.change {
                $0.refusing = { record, _ in record.event.subject == "b" && record.event.version == 2 ? .invalidRecord : nil }
            }
            try await world.emit([("b", 1), ("a", 1)])
            try await world.publishing { publisher in
                await eventually("the first have left") { world.sent() == ["b 1", "a 1"] }
                try await world.emit([("b", 2)])
                await eventually("held") { try await world.held().count == 1 }
                try await world.emit([("b", 3), ("a", 2), ("b", 4)])
                await eventually("a goes on") { world.sent().last == "a 2" }
                await eventually("written down") { publisher.isCaughtUp }
            }
            world.broker.change { $0.refusing = nil }
            try await world.publishing { publisher in
                await eventually("nothing is held any more") { try await world.held() == [] }
                await eventually("and nothing is remarked") { publisher.remark == nil }
            }
            // The second publisher may begin a little before where the first stopped.
            var seen: Set<String> = []
            #expect(world.sent().filter { seen.insert($0).inserted } == ["b 1", "a 1", "a 2", "b 2", "b 3", "b 4"])
        }
    }

    @Test func `a batch that is refused as a whole is sent one by one, and only the one at fault stays`() async throws {
        try await world { world in
            world.broker.change { state in
                state.refusing = { record, batch in batch > 1 || record.event.subject == "b" ? .recordListTooLarge : nil }
            }
            try await world.emit([("a", 1), ("b", 1), ("a", 2), ("c", 1)])
            try await world.publishing { _ in await eventually("the others have left") { world.sent() == ["a 1", "a 2", "c 1"] } }
            #expect(try await world.held() == [2])
        }
    }

    @Test(arguments: [KafkaError.Code.topicAuthorizationFailed, .unknownTopic])
    func `a topic that takes nothing waits, the others go on, and it gets everything in order when it is opened`(
        code: KafkaError.Code
    ) async throws {
        try await world { world in
            world.broker.change { $0.refusing = { record, _ in record.event.topic == "alerts.v1" ? code : nil } }
            try await world.emit((1...5).map { ("x", $0) }, topic: Topics.alerts)
            try await world.emit(Self.mixed)
            try await world.publishing { publisher in
                await eventually("the others have left") { world.sent().count == 60 }
                try await world.emit((6...8).map { ("x", $0) }, topic: Topics.alerts)
                await eventually("caught up") { publisher.isCaughtUp }
                #expect(publisher.remark?.contains("alerts.v1 takes no records") == true)
            }
            // The next publisher knows what is owed, and does not stop at it either.
            try await world.publishing { publisher in
                try await world.emit([("d", 1)])
                await eventually("the others go on") { world.sent().last == "d 1" }
                world.broker.change { $0.refusing = nil }
                await eventually("the topic has everything") { world.sent(Topics.alerts) == (1...8).map { "x \($0)" } }
                await eventually("and nothing is remarked") { publisher.remark == nil }
                try await world.emit([("x", 9)], topic: Topics.alerts)
                await eventually("it is sent to as before") { world.sent(Topics.alerts).last == "x 9" }
            }
            #expect(world.count("shao_publish_failures_total") == 0)
        }
    }

    @Test func `a publisher that gets nowhere for a minute says so, and takes it back`() async throws {
        try await world { world in
            world.broker.change { $0.refusing = { _, _ in .requestTimedOut } }
            try await world.emit([("a", 1)])
            try await world.publishing { publisher in
                await eventually("a minute, twenty times as fast") { publisher.remark != nil }
                #expect(publisher.remark?.contains("nothing that is due has reached Kafka") == true)
                #expect(publisher.remark?.contains("on paper") == true)
                await eventually("the gauge says it too") { world.gauge("shao_publish_stalled_seconds") >= 60 }
                world.broker.change { $0.refusing = nil }
                await eventually("taken back") { publisher.remark == nil }
                await eventually("by the gauge too") { world.gauge("shao_publish_stalled_seconds") == 0 }
            }
        }
    }

    @Test func `an event that no producer could send fails the use case, in every partition of the outbox`() async throws {
        try await world { world in
            let outbox = Sample.outbox()
            func emit(_ bytes: Int) async throws {
                var event = Sample.event("a", version: 1)
                event.payload = [UInt8](repeating: 0x20, count: bytes - 1)
                try await world.pool.transaction { outbox.emit([event], in: &$0) }
            }
            try await emit(900_000)
            let error = await #expect(throws: PostgresError.self) { try await emit(900_001) }
            #expect(error?.constraint == "outbox_record_can_be_sent")
            #expect(error.map { FailureClass(of: $0) } == .lasting)
            try await world.pool.execute("SELECT make_log_partition('outbox', 90000000, 91000000)")
            let kept = try await world.pool.query(
                "SELECT count(*) FROM pg_constraint WHERE conrelid = 'outbox_90000000'::regclass AND conname = 'outbox_record_can_be_sent'",
                as: Int.self)
            #expect(kept == [1])
        }
    }

    @Test(arguments: Broker.available)
    func `the largest record that the outbox takes reaches a broker as it is set up`(broker: Broker) async throws {
        let topic = try await broker.makeTopic()
        var record = Sample.stream([Sample.event("a", version: 1, topic: topic)])[0]
        record.event.payload = [UInt8](repeating: 0x20, count: 900_000 - 1)
        let sink = try KafkaRecordSink(broker.configuration(), source: "/street/310106019000/intake", log: Log("test", level: .error))
        for result in try await sink.send([record]) { _ = try result.get() }
        await sink.close(drainingFor: .seconds(1))
    }
}

@Suite struct DeliveryFailureTests {
    @Test func `what can pass by itself is told from what cannot`() {
        func judge(_ code: KafkaError.Code, isFatal: Bool = false) -> DeliveryFailure {
            DeliveryFailure(of: KafkaError(code, operation: "deliver", message: "", isFatal: isFatal))
        }
        for code: KafkaError.Code in [
            .transport, .messageTimedOut, .notLeader, .requestTimedOut, .notEnoughReplicas, .purged, .outOfOrderSequence, .allBrokersDown,
            .clusterAuthorizationFailed, .authentication, .closed,
        ] {
            #expect(judge(code) == .session, "\(code)")
        }
        for code: KafkaError.Code in [.unknownTopic, .unknownTopicOrPartition, .topicAuthorizationFailed, .invalidTopic, .unknownPartition]
        {
            #expect(judge(code) == .topic, "\(code)")
        }
        for code: KafkaError.Code in [
            .messageTooLarge, .invalidRecord, .recordListTooLarge, .invalidTimestamp, .policyViolation, .invalidMessageSize,
        ] {
            #expect(judge(code) == .record, "\(code)")
            #expect(judge(code, isFatal: true) == .session, "\(code)")
        }
        #expect(DeliveryFailure(of: PaperBroker.Gone()) == .session)
    }
}
