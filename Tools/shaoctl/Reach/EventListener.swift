import Contracts
import EventLoop
import JSON
import Kafka
import Synchronization
import Telemetry

/// An event as it went by on Kafka.
struct Heard: Sendable {
    let topic: String
    let partition: Int32
    /// `case.opened.v1`
    let type: String
    let subject: String
    let id: String
    /// The event's number in its owner's stream; nil for departments' records.
    let seq: Int64?
    let trace: TraceContext?
    let data: JSONValue

    /// Nil for what is no CloudEvent.
    init?(_ message: KafkaMessage) {
        let headers = message.headers.map { (name: $0.name, value: $0.value) }
        guard let value = message.value, let (event, data) = try? CloudEvent.parse(headers: headers, value: value),
            let content = try? JSONReader.decode(JSONValue.self, from: data)
        else { return nil }
        topic = message.topic
        partition = message.partition
        type = event.shortType
        subject = event.subject ?? ""
        id = event.id
        seq = message.header("shao-seq").flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
        trace = event.traceparent.flatMap { TraceContext(traceparent: $0) }
        self.data = content
    }

    /// The unit it is about, where there is one.
    var department: String? { data["department"]?.text }
}

/// Listens from now on, without a group: leaves no trace on the broker.
final class EventListener: Sendable {
    private let consumer: KafkaConsumer
    private let heard = Mutex<[Heard]>([])
    private let failure = Mutex<KafkaError?>(nil)
    private let news: Signal

    /// Returns once every partition's end is known: whatever is sent afterwards is heard.
    init(_ kafka: KafkaConfiguration, topics: [Topic], on loop: EventLoop) async throws {
        let consumer = try KafkaConsumer(kafka, group: nil, on: loop, log: Log("kafka", level: .error, sink: StandardErrorSink()))
        self.consumer = consumer
        news = Signal(on: loop)
        var starts: [KafkaPartition: KafkaOffset] = [:]
        for topic in topics {
            for number in 0..<Int32(clamping: topic.partitions) {
                let partition = KafkaPartition(topic.name, number)
                do {
                    starts[partition] = .at(try await consumer.watermarks(partition).high)
                } catch {
                    throw Stop.unavailable("Kafka at \(kafka["bootstrap.servers"] ?? "?"): \(error)")
                }
            }
        }
        try await consumer.assign(starts)
    }

    /// Listens until cancelled or closed. `keep` chooses what is remembered.
    func run(keep: @escaping @Sendable (Heard) -> Bool) async {
        while true {
            do {
                guard let batch = try await consumer.nextBatch() else { return }
                let wanted = batch.compactMap { Heard($0) }.filter(keep)
                if wanted.isEmpty { continue }
                heard.withLock { $0 += wanted }
                news.raise()
            } catch {
                failure.withLock { $0 = error }
                news.raise()
                return
            }
        }
    }

    func close() async { await consumer.close() }

    /// Everything remembered so far.
    var all: [Heard] { heard.withLock { $0 } }

    /// The first that fits, or nil when none came by then. One caller at a time.
    func first(until deadline: ContinuousClock.Instant, _ fits: (Heard) -> Bool) async throws -> Heard? {
        while true {
            if let found = all.first(where: fits) { return found }
            if let failure = failure.withLock({ $0 }) { throw Stop.unavailable("Kafka: \(failure)") }
            if try await !news.wait(until: deadline) { return all.first(where: fits) }
        }
    }
}
