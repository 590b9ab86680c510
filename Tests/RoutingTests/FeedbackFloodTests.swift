import Contracts
import Crypto
import EventLoop
import JSON
import Kafka
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import EventLog
@testable import Routing

extension FeedbackOverBroker {
    /// 2 000 records from departments, every tenth of them bad: who did nothing wrong notices nothing.
    @Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
    struct FeedbackFloodTests {
        private static let count = 2_000
        private static let log = Log("test", level: .error)

        /// What is sent, and how many of it must be refused.
        private struct Flood {
            var records: [KafkaRecord] = []
            /// Content that must lie on a dead-letter topic, once: `topic code`.
            var letters: [String] = []
            var taken = 0, repeated = 0
        }

        private static func record(_ event: any Event, from department: String, id: String) -> KafkaRecord {
            let cloud = CloudEvent(
                id: id, source: "/department/\(department)", type: type(of: event).fullType, subject: event.subject,
                partitionKey: event.subject
            )
            return KafkaRecord(
                topic: "feedback.\(department).v1", key: Array(event.subject.utf8), value: event.json,
                headers: cloud.headers.map { KafkaHeader($0.name, $0.value) })
        }

        private func flood(_ calls: [DispatchCalled], _ departments: [String]) -> Flood {
            var flood = Flood()
            for number in 0..<Self.count {
                let call = calls[(number + number / 40) % calls.count]
                let own = call.department.description
                let good = Self.record(
                    FeedbackProgressed(dispatch: call.dispatch, ticket: call.ticket, text: "进展 \(number)"), from: own, id: "word-\(number)")
                guard number % 10 == 9 else {
                    flood.records.append(good)
                    flood.taken += 1
                    continue
                }
                let place = number / 40
                let other = departments[place % departments.count]
                switch number / 10 % 4 {
                case 0:
                    var large = good
                    large.topic = "feedback.\(other).v1"
                    let head = Array(#"{"dispatch":"\#(call.dispatch)","ticket":"\#(call.ticket)","text":""#.utf8)
                    large.value = head + [UInt8](repeating: 0x78, count: 1_000_100 - head.count)
                    flood.records.append(large)
                    flood.letters.append("\(large.topic) bad-json")
                case 1:
                    var malformed = good
                    malformed.value = Array("{\"number\":\(number)".utf8)
                    flood.records.append(malformed)
                    flood.letters.append("\(malformed.topic) bad-json")
                case 2:
                    let stranger = departments.first { $0 != "paishui" && $0 != "shizheng" } ?? ""
                    flood.records.append(
                        Self.record(FeedbackSigned(dispatch: call.dispatch, ticket: call.ticket), from: stranger, id: "forged-\(number)"))
                    flood.letters.append("feedback.\(stranger).v1 not-your-dispatch")
                default:
                    // The record ten before was refused, the one before taken: either comes again as it was.
                    flood.records.append(flood.records[number - (place % 2 == 0 ? 1 : 20)])
                    flood.repeated += 1
                }
            }
            return flood
        }

        /// When each probe was said, and how long it took to its topic.
        private final class Probes: Sendable {
            private let state = Mutex<(said: [String: ContinuousClock.Instant], took: [Duration])>(([:], []))
            func say(_ id: String) { state.withLock { $0.said[id] = .now } }
            func hear(_ id: String) {
                state.withLock { state in if let since = state.said.removeValue(forKey: id) { state.took.append(.now - since) } }
            }
            func begin() { state.withLock { $0.took = [] } }
            var waiting: Int { state.withLock { $0.said.count } }
            var took: [Duration] { state.withLock { $0.took.sorted() } }
        }

        @Test(arguments: Broker.available)
        func `with every tenth of 2 000 records bad all calls go on, and each refused one is on its dead-letter topic once`(
            broker: Broker
        ) async throws {
            try await TestDesk.with(poolSize: 8) { desk in
                let departments = desk.city.directory.departments.keys.sorted()
                let topics = departments.flatMap { [Topics.dispatch($0), Topics.feedback($0), Topics.feedback($0).deadLetter] }
                let cluster = try await FreshCluster(broker, (topics + [Topics.cases]).map { KafkaTopicSpec($0) })
                var calls: [DispatchCalled] = []
                for number in 1...20 {
                    let ticket = try desk.ticket(number, plate: desk.plate(), category: "P01003")
                    try await desk.hear([ticket])
                    calls += try await desk.payloads(DispatchCalled.self, of: ticket.ticket)
                }
                for call in calls {
                    try await desk.feedback(
                        FeedbackSigned(dispatch: call.dispatch, ticket: call.ticket), from: call.department.description)
                }
                let flood = flood(calls, departments.map(\.description))
                let probes = Probes()
                let metrics = MetricsRegistry()
                try await running(desk, cluster.configuration, departments, probes, metrics) { outbox in
                    let counts = ["accepted", "refused", "repeated"].map { metrics.counter("shao_foreign_\($0)_total", "") }
                    try await Self.call(departments, calls[0], 0, outbox, desk.pool, probes)
                    await eventually(within: .seconds(30), "calls go out") { probes.waiting == 0 }
                    probes.begin()
                    let sending = Task { try await Self.send(flood.records, cluster.configuration) }
                    var round: Int32 = 0
                    let deadline = ContinuousClock.now + .seconds(90)
                    while counts.reduce(0, { $0 + $1.value }) < Self.count, ContinuousClock.now < deadline {
                        round += 1
                        try await Self.call(departments, calls[0], round, outbox, desk.pool, probes)
                        try await EventLoop.shared.sleep(for: .milliseconds(50))
                    }
                    try await sending.value
                    #expect(try await Self.stored(departments, cluster.configuration) == Self.count)
                    #expect(counts.map(\.value) == [flood.taken, flood.letters.count, flood.repeated])
                    await eventually(within: .seconds(20), "all calls have arrived") { probes.waiting == 0 }
                    let took = probes.took
                    let (half, worst) = (took[took.count / 2], try #require(took.last))
                    print("\(broker): \(took.count) calls beside \(Self.count) records: half within \(half), the slowest \(worst)")
                    #expect(half < .seconds(1))
                    #expect(worst < .seconds(60), "none is stuck; the goal is one second where nothing else runs")
                    let letters = try await Self.letters(departments, flood.letters.count, cluster.configuration)
                    #expect(letters.sorted() == flood.letters.sorted())
                }
                cluster.keep()
            }
        }

        /// Runs what routing runs between its database and Kafka, and one who reads all calls.
        private func running(
            _ desk: TestDesk, _ kafka: KafkaConfiguration, _ departments: [DepartmentCode], _ probes: Probes, _ metrics: MetricsRegistry,
            _ body: (Outbox) async throws -> Void
        ) async throws {
            let bell = Signal()
            let outbox = Outbox(ids: desk.ids, clock: desk.clock) { bell.raise() }
            let publisher = Publisher(store: PostgresPublisherStore(pool: desk.pool), log: Self.log, metrics: metrics) {
                try KafkaRecordSink(kafka, source: "/street/310106019000/routing", log: Self.log)
            }
            let sequencer = Sequencer(
                store: PostgresSequencerStore(pool: desk.pool), hash: StreamHash(key: .init(Array("key".utf8))), wakeUp: bell,
                log: Self.log,
                metrics: metrics
            ) { publisher.accept($0) }
            let group = Broker.uniqueName("group")
            let feed = try KafkaRecordFeed { () throws(KafkaError) in
                try KafkaConsumer(
                    kafka.merging(["auto.offset.reset": "earliest"]), group: group,
                    topics: departments.map { Topics.feedback($0).name }, log: Self.log)
            }
            let foreign = ForeignConsumer(
                feed: feed, group: group, pool: desk.pool, outbox: outbox, pace: LoopPace(), log: Self.log, metrics: metrics,
                handle: desk.use.feedback.handle)
            let reader = try KafkaConsumer(kafka, group: nil, topics: [], log: Self.log)
            try await reader.assign(
                Dictionary(
                    uniqueKeysWithValues: departments.flatMap { department in
                        (0..<3 as Range<Int32>).map { (KafkaPartition(Topics.dispatch(department).name, $0), KafkaOffset.beginning) }
                    }))
            let tasks = [
                Task { try await publisher.run() }, Task { try await sequencer.run() }, Task { try await foreign.run() },
                Task {
                    while let batch = try await reader.nextBatch() {
                        for message in batch { if let id = message.header("ce_id") { probes.hear(String(decoding: id, as: UTF8.self)) } }
                    }
                },
            ]
            let result: Result<Void, any Error>
            do { result = .success(try await body(outbox)) } catch { result = .failure(error) }
            await feed.close()
            await reader.close()
            for task in tasks { task.cancel() }
            for task in tasks { _ = try? await task.value }
            try result.get()
        }

        /// As a department's careless client: its limit is the broker's.
        private static func send(_ records: [KafkaRecord], _ kafka: KafkaConfiguration) async throws {
            let producer = try KafkaProducer(kafka.merging(["message.max.bytes": "1048000"]), log: log)
            for result in try await producer.send(records) { _ = try result.get() }
            await producer.close()
        }

        /// How many records of departments the broker has.
        private static func stored(_ departments: [DepartmentCode], _ kafka: KafkaConfiguration) async throws -> Int64 {
            let admin = try KafkaAdmin(kafka, log: log)
            var stored: Int64 = 0
            for department in departments {
                for part in 0..<3 as Range<Int32> {
                    stored += try await admin.watermarks(KafkaPartition(Topics.feedback(department).name, part)).high
                }
            }
            return stored
        }

        /// One call to each department.
        private static func call(
            _ departments: [DepartmentCode], _ body: DispatchCalled, _ round: Int32, _ outbox: Outbox, _ pool: PostgresPool,
            _ probes: Probes
        ) async throws {
            let events = departments.map { outbox.prepare(body, topic: Topics.dispatch($0), version: round) }
            try await pool.transaction { transaction in
                outbox.emit(events, in: &transaction)
                for event in events { probes.say(EventID(event.id).description) }
            }
        }

        /// `topic code` of each letter there is. A publisher that began anew sends the same letter, with its number, again.
        private static func letters(_ departments: [DepartmentCode], _ count: Int, _ kafka: KafkaConfiguration) async throws -> [String] {
            let reader = try KafkaConsumer(kafka, group: nil, topics: [], log: log)
            try await reader.assign(
                Dictionary(
                    uniqueKeysWithValues: departments.map {
                        (KafkaPartition(Topics.feedback($0).deadLetter.name, 0), KafkaOffset.beginning)
                    }))
            var letters: [String] = []
            var seen: Set<String> = []
            var quiet = 0
            let deadline = ContinuousClock.now + .seconds(60)
            while letters.count < count || quiet < 3, ContinuousClock.now < deadline {
                guard let batch = try await reader.nextBatch(until: .now + .milliseconds(300)) else { break }
                quiet = batch.isEmpty ? quiet + 1 : 0
                for message in batch {
                    let text = { (name: String) in message.header(name).map { String(decoding: $0, as: UTF8.self) } ?? "-" }
                    #expect(text("dlt-reason").count > 10)
                    guard seen.insert("\(message.topic) \(text("shao-seq"))").inserted else { continue }
                    letters.append("\(text("kafka_dlt-original-topic")) \(text("kafka_dlt-exception-fqcn"))")
                }
            }
            await reader.close()
            return letters
        }
    }
}
