import Contracts
import Crypto
import EventLoop
import JSON
import Kafka
import Telemetry

/// Speaks for departments on their feedback topics, as their own programs would.
struct DepartmentSimulator: Sendable {
    private let producer: KafkaProducer
    private let ids = UUIDv7Generator(now: { Timestamp.now() }, random: { SystemRandom.bytes($0) })

    init(_ kafka: KafkaConfiguration, on loop: EventLoop) throws {
        producer = try KafkaProducer(kafka, on: loop, log: Log("kafka", level: .error, sink: StandardErrorSink()))
    }

    /// Returns the record's id once the broker has it.
    @discardableResult
    func say(_ word: some FeedbackEvent, of department: DepartmentTopics, trace: TraceContext?) async throws -> String {
        var event = word
        event.department = department.department
        let key = department.key(event.ticket)
        let id = ids.next(EventID.self).description
        let attributes = CloudEvent(
            id: id, source: "/department/\(department.department)", type: type(of: event).fullType, subject: event.subject,
            time: Timestamp.now(), partitionKey: key, traceparent: trace?.child().traceparent)
        let record = KafkaRecord(
            topic: department.feedback.name, key: Array(key.utf8), value: event.json,
            headers: attributes.headers.map { KafkaHeader($0.name, $0.value) })
        for result in try await producer.send([record]) {
            if case .failure(let error) = result { throw Stop.unavailable("Kafka: \(error)") }
        }
        return id
    }

    func close() async { await producer.close(drainingFor: .seconds(5)) }
}
