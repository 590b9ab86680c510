import Contracts
import Crypto
import EventLoop
import FoundationEssentials
import JSON
import Kafka
import Postgres
import Telemetry
import TestKit
import Testing

@testable import EventLog
@testable import Routing

extension FeedbackOverBroker {
    /// Two units that share their topics beside one that has its own: paishui and shizheng are called together to drains, ludeng to lamps.
    @Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
    struct SharedTopicTests {
        private static let log = Log("test", level: .error)

        /// What a department's program sends.
        private struct Word {
            let event: any FeedbackEvent
            let topic: Topic
            let key: String
        }

        private func departments() throws -> (paishui: DepartmentTopics, shizheng: DepartmentTopics, ludeng: DepartmentTopics) {
            func code(_ text: String) throws -> DepartmentCode { try known(DepartmentCode(text)) }
            return (
                DepartmentTopics(try code("paishui"), isShared: true), DepartmentTopics(try code("shizheng"), isShared: true),
                DepartmentTopics(try code("ludeng"))
            )
        }

        /// Drains and a lamp, three rounds of them.
        private func calls(_ desk: TestDesk) async throws -> [DispatchCalled] {
            var calls: [DispatchCalled] = []
            for number in 1...6 {
                let ticket = try desk.ticket(number, plate: desk.plate(), category: number % 2 == 1 ? "P01003" : "P01006")
                try await desk.hear([ticket])
                calls += try await desk.payloads(DispatchCalled.self, of: ticket.ticket)
            }
            return calls
        }

        private static func records(on topic: Topic, _ kafka: KafkaConfiguration, count: Int) async throws -> [KafkaMessage] {
            let reader = try KafkaConsumer(kafka, group: nil, topics: [], log: log)
            try await reader.assign(
                Dictionary(
                    uniqueKeysWithValues: (0..<Int32(clamping: topic.partitions)).map { (KafkaPartition(topic.name, $0), .beginning) }))
            var records: [KafkaMessage] = []
            var seen: Set<String> = []
            let deadline = ContinuousClock.now + .seconds(60)
            while records.count < count, ContinuousClock.now < deadline, let batch = try await reader.nextBatch(until: deadline) {
                records += batch.filter { seen.insert("\($0.partition) \(text($0, "shao-seq"))").inserted }
            }
            await reader.close()
            return records
        }

        private static func text(_ message: KafkaMessage, _ header: String) -> String {
            message.header(header).map { String(decoding: $0, as: UTF8.self) } ?? "-"
        }

        private static func key(_ message: KafkaMessage) -> String { String(decoding: message.key ?? [], as: UTF8.self) }

        @Test(arguments: Broker.available)
        func `each hears its own calls in order, and nobody on a shared topic speaks for another`(broker: Broker) async throws {
            let (paishui, shizheng, ludeng) = try departments()
            try await ChangedCity.sharing(["paishui", "shizheng"]) { folder in
                try await TestDesk.with(poolSize: 8, folder: folder) { desk in
                    let topics = Topics.all(departments: [paishui, shizheng, ludeng])
                    let cluster = try await FreshCluster(broker, topics.map { KafkaTopicSpec($0) })
                    let kafka = cluster.configuration
                    let calls = try await calls(desk)
                    try await running(desk, kafka) {
                        let shared = try await Self.records(on: Topics.sharedDispatch, kafka, count: 6)
                        let own = try await Self.records(
                            on: ludeng.dispatch, kafka, count: calls.count { $0.department == ludeng.department })
                        try check(shared, calls, of: [paishui, shizheng])
                        try check(own, calls, of: [ludeng])
                        try await speak(calls, kafka, desk)
                    }
                    let audit = try await HistoryStore(pool: desk.pool).deep()
                    #expect(audit.disorder == 0 && audit.holes == 0, "one change of a case may call two units of one topic")
                    cluster.keep()
                }
            }
        }

        /// Each department's records lie in one partition, in the order in which it was called, and say all that own topics say.
        private func check(_ records: [KafkaMessage], _ calls: [DispatchCalled], of departments: [DepartmentTopics]) throws {
            for department in departments {
                let wanted = calls.filter { $0.department == department.department }
                #expect(!wanted.isEmpty)
                let found = records.filter { department.isShared ? Self.key($0) == department.department.description : true }
                let heard = try found.map { try DispatchCalled.decode($0.value ?? []) }
                #expect(heard.allSatisfy { $0.department == department.department }, "nobody else's")
                for (message, call) in zip(found, heard) {
                    #expect(Self.text(message, "ce_subject") == call.ticket.description)
                    #expect(Self.text(message, "ce_partitionkey") == Self.key(message) && Self.key(message) == department.key(call.ticket))
                    #expect(
                        message.partition == department.dispatch.partition(forKey: Self.key(message)), "where every client looks for it")
                    #expect(!message.headers.contains { $0.name == "shao-record-key" })
                }
                guard department.isShared else {
                    #expect(Set(heard.map(\.dispatch)) == Set(wanted.map(\.dispatch)))
                    continue
                }
                #expect(heard.map(\.dispatch) == wanted.map(\.dispatch), "in order")
                #expect(Set(found.map(\.partition)).count == 1)
            }
        }

        /// Says what is to be taken and what is to be refused, and waits for both.
        private func speak(_ calls: [DispatchCalled], _ kafka: KafkaConfiguration, _ desk: TestDesk) async throws {
            let (paishui, shizheng, ludeng) = try departments()
            func call(_ department: DepartmentTopics) throws -> DispatchCalled {
                try #require(calls.first { $0.department == department.department })
            }
            func signed(_ call: DispatchCalled, by department: DepartmentTopics?) -> FeedbackSigned {
                FeedbackSigned(dispatch: call.dispatch, ticket: call.ticket, department: department?.department)
            }
            let (drain, co, lamp) = (try call(paishui), try call(shizheng), try call(ludeng))
            let shared = Topics.sharedFeedback
            let refused: [(String, Word)] = [
                ("not-your-dispatch", Word(event: signed(co, by: paishui), topic: shared, key: "paishui")),
                ("not-a-shared-department", Word(event: signed(lamp, by: ludeng), topic: shared, key: "ludeng")),
                ("not-your-dispatch", Word(event: signed(lamp, by: paishui), topic: shared, key: "paishui")),
                ("department-missing", Word(event: signed(drain, by: nil), topic: shared, key: "paishui")),
                ("key-not-department", Word(event: signed(drain, by: paishui), topic: shared, key: drain.ticket.description)),
                ("key-not-department", Word(event: signed(drain, by: paishui), topic: shared, key: "shizheng")),
                ("other-department", Word(event: signed(drain, by: paishui), topic: ludeng.feedback, key: drain.ticket.description)),
            ]
            func cases() async throws -> [String] { try await desk.said(drain.ticket).filter { $0.hasPrefix("cases.v1") } }
            let before = try await cases()
            try await Self.send(refused.map(\.1), kafka)
            let letters =
                try await Self.records(on: shared.deadLetter, kafka, count: 6)
                + Self.records(on: ludeng.feedback.deadLetter, kafka, count: 1)
            #expect(letters.map { Self.text($0, "kafka_dlt-exception-fqcn") }.sorted() == refused.map(\.0).sorted())
            #expect(try await cases() == before, "what is refused changes nothing")

            try await Self.send(
                [
                    Word(event: signed(drain, by: paishui), topic: shared, key: "paishui"),
                    Word(event: signed(co, by: shizheng), topic: shared, key: "shizheng"),
                    Word(event: signed(lamp, by: ludeng), topic: ludeng.feedback, key: lamp.ticket.description),
                ], kafka)
            for call in [drain, co, lamp] {
                await eventually(within: .seconds(30), "\(call.department) has signed") {
                    try await desk.file(call.ticket).serviceCase.dispatch(call.dispatch)?.stage == .signed
                }
            }
        }

        private static func send(_ words: [Word], _ kafka: KafkaConfiguration) async throws {
            let producer = try KafkaProducer(kafka, log: log)
            let records = words.map { word in
                let cloud = CloudEvent(
                    id: UUID().uuidString.lowercased(), source: "/department/gateway", type: type(of: word.event).fullType,
                    subject: word.event.subject, partitionKey: word.key)
                return KafkaRecord(
                    topic: word.topic.name, key: Array(word.key.utf8), value: word.event.json,
                    headers: cloud.headers.map { KafkaHeader($0.name, $0.value) })
            }
            for result in try await producer.send(records) { _ = try result.get() }
            await producer.close()
        }

        /// What routing runs between its database and Kafka.
        private func running(_ desk: TestDesk, _ kafka: KafkaConfiguration, _ body: () async throws -> Void) async throws {
            let bell = Signal()
            let outbox = Outbox(ids: desk.ids, clock: desk.clock) { bell.raise() }
            let metrics = MetricsRegistry()
            let publisher = Publisher(store: PostgresPublisherStore(pool: desk.pool), log: Self.log, metrics: metrics) {
                try KafkaRecordSink(kafka, source: "/street/310106019000/routing", log: Self.log)
            }
            let sequencer = Sequencer(
                store: PostgresSequencerStore(pool: desk.pool), hash: StreamHash(key: .init(Array("key".utf8))), wakeUp: bell,
                log: Self.log,
                metrics: metrics
            ) { publisher.accept($0) }
            let group = Broker.uniqueName("group")
            let feedback = Topics.all(departments: desk.city.directory.topics).filter { $0.owner == .department }.map(\.name)
            let feed = try KafkaRecordFeed { () throws(KafkaError) in
                try KafkaConsumer(kafka.merging(["auto.offset.reset": "earliest"]), group: group, topics: feedback, log: Self.log)
            }
            let foreign = ForeignConsumer(
                feed: feed, group: group, pool: desk.pool, outbox: outbox, pace: LoopPace(), log: Self.log, metrics: metrics,
                handle: desk.use.feedback.handle)
            let tasks = [
                Task { try await publisher.run() }, Task { try await sequencer.run() }, Task { try await foreign.run() },
            ]
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            await feed.close()
            for task in tasks { task.cancel() }
            for task in tasks { _ = try? await task.value }
            try result.get()
        }
    }
}
