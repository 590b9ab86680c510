import EventLoop
import FoundationEssentials
import Kafka
import Telemetry
import TestKit
import Testing

@Suite struct ConsumerTests {
    @Test(arguments: Broker.available)
    func `reading starts at the offsets given`(broker: Broker) async throws {
        let topic = try await broker.makeTopic(partitions: 2)
        try await broker.send((0..<20).map { KafkaRecord(topic: topic, partition: Int32($0 % 2), value: bytes("\($0)")) })
        let consumer = try KafkaConsumer(broker.configuration(), group: nil)
        try await consumer.assign([KafkaPartition(topic, 0): .at(7), KafkaPartition(topic, 1): .at(9)])
        let messages = try await consumer.read(4)
        #expect(Set(messages.map { $0.value ?? [] }) == Set(["14", "16", "18", "19"].map(bytes)))
        try await consumer.reposition([KafkaPartition(topic, 0): .at(9)])
        #expect(try await consumer.read(1).map(\.value) == [bytes("18")])
        #expect(await consumer.assignment.count == 2)
        await consumer.close()
    }

    @Test(arguments: Broker.available)
    func `a batch is no larger than asked for, and nothing falls between two`(broker: Broker) async throws {
        let topic = try await broker.makeTopic()
        try await broker.send((0..<100).map { KafkaRecord(topic: topic, value: bytes("\($0)")) })
        let metrics = MetricsRegistry()
        let consumer = try KafkaConsumer(broker.configuration(), group: nil, metrics: metrics)
        try await consumer.assign([KafkaPartition(topic, 0): .beginning])
        var offsets: [Int64] = []
        while offsets.count < 100, let batch = try await consumer.nextBatch(upTo: 7) {
            #expect((1...7).contains(batch.count))
            offsets += batch.map(\.offset)
        }
        #expect(offsets == Array(0..<100))
        #expect(metrics.counter("kafka_records_in_total", "").value == 100)
        let lag = metrics.gauge("kafka_consumer_lag_records", "", labels: [("topic", topic), ("partition", "0")])
        #expect(lag.value == 0)
        await consumer.close()
    }

    @Test(arguments: Broker.available)
    func `the end of a partition is told with its offset`(broker: Broker) async throws {
        let topic = try await broker.makeTopic()
        try await broker.send((0..<3).map { KafkaRecord(topic: topic, value: bytes("\($0)")) })
        let consumer = try await broker.reader(topic)
        var ends: [KafkaPartition: Int64] = [:]
        _ = try await consumer.read(3)
        try await broker.send([KafkaRecord(topic: topic, value: bytes("3"))])
        if let batch = try await consumer.nextBatch() { ends = batch.ends }
        #expect(ends[KafkaPartition(topic, 0)] ?? 3 >= 3)
        #expect(try await consumer.watermarks(KafkaPartition(topic, 0)) == KafkaWatermarks(low: 0, high: 4))
        #expect(try await consumer.clusterID().isEmpty == false)
        await consumer.close()
    }

    @Test(arguments: Broker.available)
    func `an offset that does not exist is an error that names its partition`(broker: Broker) async throws {
        let topic = try await broker.makeTopic()
        try await broker.send([KafkaRecord(topic: topic, value: bytes("x"))])
        let consumer = try KafkaConsumer(broker.configuration(), group: nil)
        try await consumer.assign([KafkaPartition(topic, 0): .at(1000)])
        let error = await #expect(throws: KafkaError.self) { try await consumer.read(1) }
        #expect(error?.code == .noStartOffset)
        #expect(error?.partition == KafkaPartition(topic, 0))
        try await consumer.assign([KafkaPartition(topic, 0): .beginning])
        #expect(try await consumer.read(1).count == 1)
        await consumer.close()
    }

    /// The embedded broker makes every topic that is asked for; only a real one refuses.
    @Test(arguments: Broker.available.filter { $0.mock == nil })
    func `reading a topic that does not exist is an error`(broker: Broker) async throws {
        let consumer = try await broker.reader(Broker.uniqueName("nowhere"), ["topic.metadata.propagation.max.ms": "0"])
        let error = await #expect(throws: KafkaError.self) { try await consumer.read(1) }
        #expect(error?.code == .unknownTopicOrPartition || error?.code == .unknownTopic || error?.code == .unknownPartition)
        await consumer.close()
    }

    @Test func `closing wakes the reader, who gets nil ever after`() async throws {
        let topic = try await Broker.embedded.makeTopic()
        let consumer = try await Broker.embedded.reader(topic)
        let reader = Task { try await consumer.nextBatch() }
        #expect(try await holds { await consumer.isWaiting })
        await consumer.close()
        #expect(try await reader.value == nil)
        #expect(try await consumer.nextBatch() == nil)
    }

    @Test func `a second reader is refused while the first waits`() async throws {
        let topic = try await Broker.embedded.makeTopic()
        let consumer = try await Broker.embedded.reader(topic)
        let reader = Task { try await consumer.nextBatch() }
        #expect(try await holds { await consumer.isWaiting })
        let error = await #expect(throws: KafkaError.self) { try await consumer.nextBatch() }
        #expect(error?.code == .wrongState)
        reader.cancel()
        let cancelled = await #expect(throws: KafkaError.self) { try await reader.value }
        #expect(cancelled?.code == .cancelled)
        try await Broker.embedded.send([KafkaRecord(topic: topic, value: bytes("later"))])
        #expect(try await consumer.read(1).map(\.value) == [bytes("later")])
        await consumer.close()
    }

    @Test func `a producer and a consumer dropped without closing end too`() async {
        await #expect(processExitsWith: .success) {
            let topic = try await Broker.embedded.makeTopic()
            let before = openDescriptors()
            do {
                let producer = try KafkaProducer(Broker.embedded.configuration())
                _ = try await producer.send([KafkaRecord(topic: topic, value: bytes("x"))])
                let consumer = try await Broker.embedded.reader(topic)
                _ = try await consumer.read(1)
            }
            guard try await holds(within: .seconds(30), { openDescriptors() <= before }) else { throw Overdue() }
        }
    }

    @Test func `twenty producers and consumers opened and closed leave no descriptor open`() async {
        // In a process of its own, where nobody else opens any.
        await #expect(processExitsWith: .success) {
            let topic = try await Broker.embedded.makeTopic()
            func openAndClose() async throws {
                try await Broker.embedded.send([KafkaRecord(topic: topic, value: bytes("x"))])
                let consumer = try await Broker.embedded.reader(topic)
                _ = try await consumer.read(1)
                await consumer.close()
            }
            try await openAndClose()
            let before = openDescriptors()
            for _ in 0..<20 { try await openAndClose() }
            guard try await holds(within: .seconds(30), { openDescriptors() <= before }) else { throw Overdue() }
        }
    }
}

/// How many descriptors this process has open.
private func openDescriptors() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
}
