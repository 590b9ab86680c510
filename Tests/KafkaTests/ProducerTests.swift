import EventLoop
import Kafka
import Telemetry
import TestKit
import Testing

@Suite struct ProducerTests {
    @Test(arguments: Broker.available)
    func `records keep their order within a partition`(broker: Broker) async throws {
        let topic = try await broker.makeTopic(partitions: 3)
        let records = (0..<900).map { n in
            KafkaRecord(topic: topic, partition: Int32(n % 3), key: bytes("k\(n % 3)"), value: bytes(String(n)))
        }
        let receipts = try await broker.send(records)
        #expect(receipts.map(\.partition.number) == records.map { $0.partition ?? -1 })
        let consumer = try await broker.reader(topic, partitions: 3)
        let messages = try await consumer.read(900)
        for (partition, part) in KafkaBatch(messages).byPartition {
            let expected = stride(from: Int(partition.number), to: 900, by: 3).map(String.init)
            #expect(part.map { String(decoding: $0.value ?? [], as: UTF8.self) } == expected)
            #expect(part.map(\.offset) == Array(0..<300))
        }
        await consumer.close()
    }

    @Test(arguments: Broker.available)
    func `batches sent at the same time keep the order of each sender`(broker: Broker) async throws {
        let topic = try await broker.makeTopic()
        let producer = try KafkaProducer(broker.configuration(["queue.buffering.max.messages": "50"]))
        try await withThrowingTaskGroup { senders in
            for sender in 0..<4 {
                senders.addTask {
                    for round in 0..<5 {
                        let records = (0..<40).map {
                            KafkaRecord(topic: topic, partition: 0, key: bytes("\(sender)"), value: bytes("\(round * 40 + $0)"))
                        }
                        for result in try await producer.send(records) { _ = try result.get() }
                    }
                }
            }
            try await senders.waitForAll()
        }
        await producer.close()
        let consumer = try await broker.reader(topic)
        let messages = try await consumer.read(800)
        for sender in 0..<4 {
            let own = messages.filter { $0.key == bytes("\(sender)") }
            #expect(own.map { $0.value } == (0..<200).map { bytes("\($0)") })
        }
        await consumer.close()
    }

    @Test(arguments: Broker.available)
    func `keys, empty and absent values, headers and times arrive as they were sent`(broker: Broker) async throws {
        let topic = try await broker.makeTopic()
        let headers = [
            KafkaHeader("ce_type", "org.shao.ticket.submitted.v1"), KafkaHeader("twice", "1"), KafkaHeader("twice", "2"),
            KafkaHeader("none", nil as [UInt8]?), KafkaHeader("empty", [UInt8]()), KafkaHeader("中文", [0, 255]),
        ]
        let sent = [
            KafkaRecord(topic: topic, key: bytes("a"), value: bytes("v"), headers: headers, timestampMs: 1_700_000_000_123),
            KafkaRecord(topic: topic, key: bytes("a"), value: nil),
            KafkaRecord(topic: topic, key: nil, value: []),
            KafkaRecord(topic: topic, key: [], value: bytes("x")),
        ]
        try await broker.send(sent)
        let consumer = try await broker.reader(topic)
        let got = try await consumer.read(4)
        #expect(got.map(\.key) == sent.map(\.key))
        #expect(got.map(\.value) == sent.map(\.value))
        #expect(got[0].headers == headers)
        #expect(got[0].header("twice") == bytes("2"))
        #expect(got[0].timestampMs == 1_700_000_000_123)
        #expect(got[1].headers.isEmpty)
        #expect(got[1].timestampMs ?? 0 > 1_700_000_000_123)
        await consumer.close()
    }

    @Test(arguments: Broker.available)
    func `the same key always takes the same partition, the one Java's murmur2 gives`(broker: Broker) async throws {
        let topic = try await broker.makeTopic(partitions: 7)
        let keys = ["21", "foobar", "a-little-bit-long-string"]
        let receipts = try await broker.send((keys + keys).map { KafkaRecord(topic: topic, key: bytes($0), value: []) })
        // murmur2 of these, as Kafka's own unit test states it: -973932308, -790332482, -985981536.
        let expected = [-973_932_308, -790_332_482, -985_981_536].map { Int32(($0 & 0x7fff_ffff) % 7) }
        #expect(receipts.map(\.partition.number) == expected + expected)
    }

    @Test(arguments: Broker.available)
    func `a batch's results have the records' order, and one bad record harms no other`(broker: Broker) async throws {
        let topic = try await broker.makeTopic()
        let producer = try KafkaProducer(broker.configuration(["message.max.bytes": "20000"]))
        _ = try await producer.send([KafkaRecord(topic: topic, value: bytes("first"))])
        let results = try await producer.send([
            KafkaRecord(topic: topic, value: bytes("a")),
            KafkaRecord(topic: topic, value: [UInt8](repeating: 7, count: 30_000)),
            KafkaRecord(topic: topic, partition: 99, value: bytes("b")),
            KafkaRecord(topic: topic, value: bytes("c")),
        ])
        #expect(try results[0].get().offset == 1)
        #expect(throws: KafkaError.self) { try results[1].get() }
        if case .failure(let error) = results[1] {
            #expect(error.code == .messageTooLarge)
            #expect(!error.isRetriable)
        }
        if case .failure(let error) = results[2] { #expect(error.code == .unknownPartition) }
        #expect(try results[3].get().offset == 2)
        #expect(await producer.fatalError == nil)
        await producer.close()
    }

    @Test(arguments: Broker.available)
    func `a full queue suspends the sender and loses nothing`(broker: Broker) async throws {
        let topic = try await broker.makeTopic()
        let metrics = MetricsRegistry()
        let producer = try KafkaProducer(broker.configuration(["queue.buffering.max.messages": "10"]), metrics: metrics)
        let results = try await producer.send((0..<500).map { KafkaRecord(topic: topic, value: bytes("\($0)")) })
        #expect(try results.map { try $0.get().offset } == Array(0..<500))
        #expect(metrics.counter("kafka_records_out_total", "").value == 500)
        await producer.close()
    }

    @Test(arguments: Broker.available)
    func `closing under load loses nothing that was acknowledged, and leaves nobody waiting`(broker: Broker) async throws {
        let topic = try await broker.makeTopic()
        let producer = try KafkaProducer(broker.configuration(["queue.buffering.max.messages": "100"]))
        let senders = (0..<8).map { sender in
            Task { () -> [String] in
                var acknowledged: [String] = []
                for round in 0..<200 {
                    let names = (0..<20).map { "\(sender)/\(round)/\($0)" }
                    guard let results = try? await producer.send(names.map { KafkaRecord(topic: topic, value: bytes($0)) })
                    else { break }
                    for (name, result) in zip(names, results) { if case .success = result { acknowledged.append(name) } }
                }
                return acknowledged
            }
        }
        _ = try await producer.send([KafkaRecord(topic: topic, value: bytes("start"))])
        await producer.close()
        var acknowledged: Set<String> = []
        for sender in senders { acknowledged.formUnion(await sender.value) }
        let watermarks = try await KafkaAdmin(broker.configuration()).watermarks(KafkaPartition(topic, 0))
        let consumer = try await broker.reader(topic)
        let stored = try await consumer.read(Int(watermarks.high)).map { String(decoding: $0.value ?? [], as: UTF8.self) }
        #expect(Set(stored).count == stored.count)
        #expect(acknowledged.isSubset(of: stored))
        await consumer.close()
    }

    @Test func `a closed producer refuses, and closing twice is harmless`() async throws {
        let producer = try KafkaProducer(Broker.embedded.configuration())
        await producer.close()
        await producer.close()
        let error = await #expect(throws: KafkaError.self) { try await producer.send([KafkaRecord(topic: "t", value: [])]) }
        #expect(error?.code == .closed)
    }

    @Test func `closing without a broker ends after its patience, and the senders learn it`() async throws {
        let producer = try KafkaProducer(["bootstrap.servers": "127.0.0.1:1"])
        let sender = Task { try await producer.send([KafkaRecord(topic: "t", value: bytes("x"))]) }
        #expect(try await holds { await producer.isSending })
        await producer.close(drainingFor: .milliseconds(50))
        let results = try await sender.value
        guard case .failure(let error) = results[0] else {
            Issue.record("stored without a broker")
            return
        }
        #expect([.purged, .closed].contains(error.code))
    }

    @Test func `a cancelled sender stops waiting`() async throws {
        let producer = try KafkaProducer(["bootstrap.servers": "127.0.0.1:1", "queue.buffering.max.messages": "5"])
        let sender = Task { try await producer.send((0..<20).map { KafkaRecord(topic: "t", value: bytes("\($0)")) }) }
        #expect(try await holds { await producer.isSending })
        sender.cancel()
        let error = await #expect(throws: KafkaError.self) { try await sender.value }
        #expect(error?.code == .cancelled)
        await producer.close(drainingFor: .zero)
    }

    /// The embedded broker makes every topic that is asked for; only a real one refuses.
    @Test(arguments: Broker.available.filter { $0.mock == nil })
    func `an unknown topic is an error of its records`(broker: Broker) async throws {
        let producer = try KafkaProducer(broker.configuration(["topic.metadata.propagation.max.ms": "0"]))
        let results = try await within(.seconds(60)) {
            try await producer.send([KafkaRecord(topic: Broker.uniqueName("nowhere"), value: [])])
        }
        if case .failure(let error) = results[0] {
            #expect(error.code == .unknownTopic || error.code == .unknownTopicOrPartition)
        } else {
            Issue.record("stored in a topic that does not exist")
        }
        await producer.close(drainingFor: .zero)
    }
}
