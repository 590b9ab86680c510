import EventLoop
import Kafka
import Synchronization
import Telemetry
import TestKit
import Testing

/// Each of these waits for a group to form: 3 s each time on the embedded broker.
@Suite struct GroupTests {
    private let beginning: KafkaConsumer.OnAssign = { partitions in
        Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) })
    }

    @Test(arguments: Broker.available)
    func `what was stored before closing is where the next member goes on`(broker: Broker) async throws {
        let topic = try await broker.makeTopic()
        let group = Broker.uniqueName("group")
        try await broker.send((0..<50).map { KafkaRecord(topic: topic, value: bytes("\($0)")) })
        let metrics = MetricsRegistry()
        let lag = metrics.gauge("kafka_consumer_lag_records", "", labels: [("topic", topic), ("partition", "0")])
        let first = try KafkaConsumer(
            broker.configuration(["auto.offset.reset": "earliest"]), group: group, topics: [topic], metrics: metrics)
        try await within(.seconds(60)) {
            guard let batch = try await first.nextBatch(upTo: 20) else { return }
            #expect(batch.first?.offset == 0)
            try await first.store(KafkaBatch(Array(batch.prefix(12))))
        }
        #expect(lag.value > 0)
        await first.close()
        #expect(lag.value == 0, "what another reads from now on is not behind here")
        let second = try KafkaConsumer(broker.configuration(), group: group, topics: [topic])
        #expect(try await second.read(1).first?.offset == 12)
        await second.close()
    }

    /// A department's topics are made while routing reads the others'; a real broker only, the embedded one makes what is asked for.
    @Test(arguments: Broker.available.filter { $0.mock == nil })
    func `a topic that is made after its reader began is read within seconds`(broker: Broker) async throws {
        let (there, later) = (try await broker.makeTopic(), Broker.uniqueName("later"))
        let consumer = try KafkaConsumer(
            broker.configuration(["auto.offset.reset": "earliest"]), group: Broker.uniqueName("group"), topics: [there, later])
        try await broker.send([KafkaRecord(topic: there, value: bytes("first"))])
        try await within(.seconds(20)) { try await Self.read("first", consumer) }
        try await broker.createTopics([KafkaTopicSpec(later, partitions: 1)])
        try await broker.send([KafkaRecord(topic: later, value: bytes("second"))])
        try await within(.seconds(30)) { try await Self.read("second", consumer) }
        await consumer.close()
    }

    /// Up to this value; what is said of a topic that is missing is passed over.
    private static func read(_ value: String, _ consumer: KafkaConsumer) async throws {
        while true {
            do {
                guard let batch = try await consumer.nextBatch() else { return }
                if batch.contains(where: { $0.value == bytes(value) }) { return }
            } catch {
                guard [.unknownTopicOrPartition, .unknownTopic].contains(error.code) else { throw error }
            }
        }
    }

    @Test(arguments: Broker.available)
    func `a commit is in place when it returns`(broker: Broker) async throws {
        let topic = try await broker.makeTopic()
        let group = Broker.uniqueName("group")
        try await broker.send((0..<10).map { KafkaRecord(topic: topic, value: bytes("\($0)")) })
        let first = try KafkaConsumer(broker.configuration(), group: group, topics: [topic], onAssign: beginning)
        _ = try await first.read(10)
        try await first.store([KafkaPartition(topic, 0): 4])
        try await first.commit()
        let other = try KafkaConsumer(broker.configuration(), group: group)
        try await other.assign([KafkaPartition(topic, 0): .committed])
        #expect(try await other.read(1).first?.offset == 4)
        await other.close()
        await first.close()
    }

    @Test(arguments: Broker.available)
    func `the start offsets come from us, not from the group`(broker: Broker) async throws {
        let topic = try await broker.makeTopic(partitions: 2)
        try await broker.send((0..<40).map { KafkaRecord(topic: topic, partition: Int32($0 % 2), value: bytes("\($0)")) })
        let consumer = try KafkaConsumer(
            broker.configuration(), group: Broker.uniqueName("group"), topics: [topic],
            onAssign: { partitions in
                await Task.yield()  // as a question to the database would
                return Dictionary(uniqueKeysWithValues: partitions.map { ($0, .at($0.number == 0 ? 5 : 17)) })
            })
        let messages = try await consumer.read(15 + 3)
        let parts = KafkaBatch(messages).byPartition
        #expect(parts[KafkaPartition(topic, 0)]?.map(\.offset) == Array(5..<20))
        #expect(parts[KafkaPartition(topic, 1)]?.map(\.offset) == Array(17..<20))
        await consumer.close()
    }

    @Test(arguments: Broker.available)
    func `two members share, and when one leaves the other goes on where it stopped`(broker: Broker) async throws {
        let topic = try await broker.makeTopic(partitions: 2)
        let group = Broker.uniqueName("group")
        let journal = Journal()
        let a = try Member("a", broker, group, topic, journal)
        let b = try Member("b", broker, group, topic, journal)
        // Records flow all the time; both members are there when each holds one partition.
        let producer = try KafkaProducer(broker.configuration())
        var sent = 0
        func send() async throws {
            let records = (0..<20).map { KafkaRecord(topic: topic, partition: Int32($0 % 2), value: bytes("\(sent + $0)")) }
            for result in try await producer.send(records) { _ = try result.get() }
            sent += 20
        }
        let shared = try await holds(within: .seconds(60)) {
            try await send()
            let (first, second) = (await a.consumer.assignment.count, await b.consumer.assignment.count)
            return first == 1 && second == 1
        }
        #expect(shared)
        // To hold a partition is not yet to have read from it: whoever leaves must have had a share.
        let bothRead = try await holds(within: .seconds(60)) {
            try await send()
            return Set(journal.readers) == ["a", "b"]
        }
        #expect(bothRead)
        await a.stop()
        try await send()
        #expect(try await holds(within: .seconds(60)) { journal.count == sent })
        await b.stop()
        await producer.close()
        #expect(journal.faults == [])
        #expect(Set(journal.readers) == ["a", "b"])
    }

    @Test(arguments: Broker.available)
    func `a member is told what leaves it before it leaves`(broker: Broker) async throws {
        let topic = try await broker.makeTopic()
        let told = Mutex<[KafkaPartition]>([])
        let consumer = try KafkaConsumer(
            broker.configuration(), group: Broker.uniqueName("group"), topics: [topic], onAssign: beginning,
            onRevoke: { partitions in told.withLock { $0 += partitions } })
        try await broker.send([KafkaRecord(topic: topic, value: bytes("x"))])
        _ = try await consumer.read(1)
        await consumer.close()
        #expect(told.withLock { $0 } == [KafkaPartition(topic, 0)])
    }

    @Test func `a subscription without a group is refused`() {
        let error = #expect(throws: KafkaError.self) {
            try KafkaConsumer(Broker.embedded.configuration(), group: nil, topics: ["t"])
        }
        #expect(error?.code == .configuration)
    }
}

/// What both members applied: the position is kept here, as a service keeps it in its database.
private final class Journal: Sendable {
    private struct State {
        var next: [KafkaPartition: Int64] = [:]
        var count = 0
        var readers: [String] = []
        var faults: [String] = []
    }
    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }
    var readers: [String] { state.withLock { $0.readers } }
    var faults: [String] { state.withLock { $0.faults } }

    func start(_ partition: KafkaPartition) -> KafkaOffset {
        state.withLock { .at($0.next[partition] ?? 0) }
    }

    func apply(_ message: KafkaMessage, by reader: String) {
        state.withLock { state in
            let expected = state.next[message.source] ?? 0
            if message.offset < expected { return }
            if message.offset > expected { state.faults.append("\(reader): gap before \(message.source) \(message.offset)") }
            state.next[message.source] = message.offset + 1
            state.count += 1
            if state.readers.last != reader { state.readers.append(reader) }
        }
    }
}

private struct Member {
    let consumer: KafkaConsumer
    private let reading: Task<Void, any Error>

    init(_ name: String, _ broker: Broker, _ group: String, _ topic: String, _ journal: Journal) throws {
        let consumer = try KafkaConsumer(
            broker.configuration(), group: group, topics: [topic],
            onAssign: { partitions in
                Dictionary(uniqueKeysWithValues: partitions.map { ($0, journal.start($0)) })
            })
        self.consumer = consumer
        reading = Task(executorPreference: EventLoop.shared) {
            while let batch = try await consumer.nextBatch() {
                for message in batch { journal.apply(message, by: name) }
                try await consumer.store(batch)
            }
        }
    }

    func stop() async {
        await consumer.close()
        _ = await reading.result
    }
}
