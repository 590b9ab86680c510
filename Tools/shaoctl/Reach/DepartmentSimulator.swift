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
    func say(_ event: some Event, of department: DepartmentCode, trace: TraceContext?) async throws -> String {
        let id = ids.next(EventID.self).description
        let attributes = CloudEvent(
            id: id, source: "/department/\(department)", type: type(of: event).fullType, subject: event.subject,
            time: Timestamp.now(), partitionKey: event.subject, traceparent: trace?.child().traceparent)
        let record = KafkaRecord(
            topic: Topics.feedback(department).name, key: Array(event.subject.utf8), value: event.json,
            headers: attributes.headers.map { KafkaHeader($0.name, $0.value) })
        for result in try await producer.send([record]) {
            if case .failure(let error) = result { throw Stop.unavailable("Kafka: \(error)") }
        }
        return id
    }

    func close() async { await producer.close(drainingFor: .seconds(5)) }
}
