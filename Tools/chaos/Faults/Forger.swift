import Contracts
import Crypto
import EventLoop
import FoundationEssentials
import JSON
import Kafka
import Telemetry

/// Writes to the topics what their owners never said.
struct Forger: Sendable {
    private let scene: Scene
    private var configuration: KafkaConfiguration {
        var kafka = KafkaConfiguration(bootstrapServers: scene.street.broker.bootstrap)
        kafka["message.timeout.ms"] = "5000"
        return kafka
    }
    private var log: Log { Log("forger", level: .error, sink: Silence()) }

    init(_ scene: Scene) { self.scene = scene }

    func send(_ records: [KafkaRecord]) async throws {
        let producer = try KafkaProducer(configuration, on: .shared, log: log)
        let results = try await producer.send(records)
        await producer.close(drainingFor: .seconds(2))
        for result in results { _ = try result.get() }
    }

    /// Records as they went by on this topic, at most so many.
    func overhear(_ topic: Topic, atMost limit: Int) async throws -> [KafkaMessage] {
        var kafka = configuration
        kafka["auto.offset.reset"] = "earliest"
        let consumer = try KafkaConsumer(kafka, group: nil, on: .shared, log: log)
        var starts: [KafkaPartition: KafkaOffset] = [:]
        for number in 0..<Int32(clamping: topic.partitions) { starts[KafkaPartition(topic.name, number)] = .beginning }
        try await consumer.assign(starts)
        var heard: [KafkaMessage] = []
        let deadline = ContinuousClock.now + .seconds(5)
        while heard.count < limit, ContinuousClock.now < deadline {
            guard let batch = try await consumer.nextBatch(until: .now + .milliseconds(500)) else { break }
            heard += batch
        }
        await consumer.close()
        return Array(heard.prefix(limit))
    }

    /// The same record once more.
    func copy(_ message: KafkaMessage, value: [UInt8]? = nil, headers: [KafkaHeader]? = nil) -> KafkaRecord {
        KafkaRecord(
            topic: message.topic, partition: message.partition, key: message.key, value: value ?? message.value,
            headers: headers ?? message.headers, timestampMs: message.timestampMs)
    }

    /// Words about dispatches that do not exist, as a confused department would send them.
    func feedbackNobodyAskedFor(_ count: Int) async throws {
        guard let department = scene.demo.departments.first else { return }
        let ids = UUIDv7Generator(now: { Timestamp.now() }, random: { SystemRandom.bytes($0) })
        let records = (0..<count).map { _ in
            let event = FeedbackSigned(dispatch: ids.next(), ticket: ids.next(), department: department.department)
            let key = department.key(event.ticket)
            let attributes = CloudEvent(
                id: ids.next(EventID.self).description, source: "/department/\(department.department)", type: FeedbackSigned.fullType,
                subject: event.subject, time: .now(), partitionKey: key)
            return KafkaRecord(
                topic: department.feedback.name, key: Array(key.utf8), value: event.json,
                headers: attributes.headers.map { KafkaHeader($0.name, $0.value) })
        }
        try await send(records)
    }
}
