import EventLoop
import Kafka
import Telemetry
import TestKit
import Testing

/// Faults ordered from the embedded broker; each test has a broker of its own, for the orders concern everybody.
@Suite struct FaultTests {
    /// Its broker must outlive the test, which may have no further use of it.
    private func run(
        _ body: (_ mock: EmbeddedBroker, _ configuration: KafkaConfiguration) async throws -> Void
    ) async throws {
        let mock = try EmbeddedBroker()
        defer { withExtendedLifetime(mock) {} }
        try mock.createTopic("t", partitions: 1)
        try await body(mock, KafkaConfiguration(bootstrapServers: mock.servers))
    }

    private func numbers(_ range: Range<Int>) -> [KafkaRecord] {
        range.map { KafkaRecord(topic: "t", partition: 0, value: bytes("\($0)")) }
    }

    @Test func `a partition without a leader yet is asked again`() async throws {
        try await run { mock, configuration in
            mock.fail(next: 3, of: .listOffsets, with: .notLeader)
            let found = try await KafkaAdmin(configuration).watermarks(KafkaPartition("t", 0))
            #expect(found == KafkaWatermarks(low: 0, high: 0))
        }
    }

    @Test(arguments: [KafkaError.Code.notLeader, .requestTimedOut, .notEnoughReplicas, .transport])
    func `a retriable refusal is repeated by the client, once in the log and in order`(code: KafkaError.Code) async throws {
        try await run { mock, configuration in
            let producer = try KafkaProducer(configuration)
            for result in try await producer.send(numbers(0..<5)) { _ = try result.get() }
            mock.fail(next: 2, of: .produce, with: code)
            let results = try await within(.seconds(60)) { try await producer.send(self.numbers(5..<50)) }
            #expect(results.allSatisfy { (try? $0.get()) != nil })
            #expect(await producer.fatalError == nil)
            await producer.close()
            let consumer = try KafkaConsumer(configuration, group: nil)
            try await consumer.assign([KafkaPartition("t", 0): .beginning])
            #expect(try await consumer.read(50).map(\.value) == numbers(0..<50).map(\.value))
            await consumer.close()
        }
    }

    @Test func `a refusal that stays is the record's error`() async throws {
        try await run { mock, configuration in
            let producer = try KafkaProducer(configuration)
            mock.fail(next: 1, of: .produce, with: .topicAuthorizationFailed)
            let results = try await producer.send(numbers(0..<1))
            if case .failure(let error) = results[0] {
                #expect(error.code == .topicAuthorizationFailed)
                #expect(!error.isRetriable)
                #expect(error.partition == KafkaPartition("t", 0))
            } else {
                Issue.record("stored in spite of the refusal")
            }
            await producer.close(drainingFor: .zero)
        }
    }

    @Test func `a lost sequence ends the producer, and a new one goes on`() async throws {
        try await run { mock, configuration in
            let producer = try KafkaProducer(configuration)
            for result in try await producer.send(numbers(0..<3)) { _ = try result.get() }
            mock.fail(next: 1, of: .produce, with: .outOfOrderSequence)
            let results = try await within(.seconds(60)) { try await producer.send(self.numbers(3..<6)) }
            #expect(results.allSatisfy { (try? $0.get()) == nil })
            #expect(try await holds { await producer.fatalError != nil })
            #expect(await producer.fatalError?.isFatal == true)
            let later = try await producer.send(numbers(3..<4))
            #expect((try? later[0].get()) == nil)
            await producer.close(drainingFor: .zero)
            let next = try KafkaProducer(configuration)
            #expect(try await next.send(numbers(3..<6)).map { try $0.get().offset } == [3, 4, 5])
            await next.close()
        }
    }

    @Test func `errors that heal are counted, not thrown`() async throws {
        try await run { mock, configuration in
            let metrics = MetricsRegistry()
            let producer = try KafkaProducer(configuration)
            _ = try await producer.send(numbers(0..<5))
            let consumer = try KafkaConsumer(configuration, group: nil, metrics: metrics)
            mock.fail(next: 2, of: .fetch, with: .transport)
            try await consumer.assign([KafkaPartition("t", 0): .beginning])
            #expect(try await consumer.read(5).count == 5)
            #expect(metrics.counter("kafka_client_errors_total", "").value > 0)
            await consumer.close()
            await producer.close()
        }
    }

    @Test func `a broker reached through a fixed port serves as any other`() async throws {
        let mock = try EmbeddedBroker(brokers: 3, port: 0)
        try mock.createTopic("t", partitions: 1)
        let configuration = KafkaConfiguration(bootstrapServers: mock.servers)
        let producer = try KafkaProducer(configuration)
        #expect(try await producer.send(numbers(0..<9)).map { try $0.get().offset } == Array(0..<9))
        await producer.close()
        let taken = mock.servers.split(separator: ":").last.flatMap { UInt16($0) }
        let error = #expect(throws: KafkaError.self) { try EmbeddedBroker(port: taken) }
        #expect(error?.code == .system)
    }

    @Test func `beyond five megabytes the embedded broker forgets its oldest records, and says so`() async throws {
        try await run { _, configuration in
            let producer = try KafkaProducer(configuration.merging(["compression.codec": "none"]))
            for _ in 0..<8 {
                let records = (0..<10).map { _ in KafkaRecord(topic: "t", partition: 0, value: [UInt8](repeating: 1, count: 100_000)) }
                for result in try await producer.send(records) { _ = try result.get() }
            }
            await producer.close()
            let consumer = try KafkaConsumer(configuration, group: nil)
            let watermarks = try await consumer.watermarks(KafkaPartition("t", 0))
            #expect(watermarks.low > 0)
            #expect(watermarks.high == 80)
            try await consumer.assign([KafkaPartition("t", 0): .at(0)])
            let error = await #expect(throws: KafkaError.self) { try await consumer.read(1) }
            #expect(error?.code == .noStartOffset)
            await consumer.close()
        }
    }

    /// A record of more than 5 MiB would push everything out of its partition; a stock broker refuses it.
    @Test(arguments: [6_000_000, 10_000_000])
    func `a record that would empty its partition is not taken, and everything else stays readable`(bytes: Int) async throws {
        try await run { mock, configuration in
            let producer = try KafkaProducer(configuration)
            for result in try await producer.send(numbers(0..<20)) { _ = try result.get() }
            let careless = try KafkaProducer(
                configuration.merging(["message.max.bytes": "20000000", "message.timeout.ms": "2000", "enable.idempotence": "false"]))
            let record = KafkaRecord(topic: "t", partition: 0, value: [UInt8](repeating: 0x78, count: bytes))
            let results = try await within(.seconds(60)) { try await careless.send([record]) }
            #expect(results.allSatisfy { (try? $0.get()) == nil })
            await careless.close(drainingFor: .zero)
            for result in try await producer.send(numbers(20..<40)) { _ = try result.get() }
            await producer.close()
            #expect(try await KafkaAdmin(configuration).watermarks(KafkaPartition("t", 0)) == KafkaWatermarks(low: 0, high: 40))
            let consumer = try KafkaConsumer(configuration, group: nil)
            try await consumer.assign([KafkaPartition("t", 0): .beginning])
            #expect(try await consumer.read(40).map(\.value) == numbers(0..<40).map(\.value))
            await consumer.close()
        }
    }
}
