import Contracts
import JSON
import Kafka
public import Telemetry

/// A record from outside, taken apart: who sent it, under which id, what it says.
public struct ForeignEvent: Sendable {
    public let topic: String
    /// The sender's CloudEvents source and id: the pair by which repeats are dropped.
    public let source: String, id: String
    /// Short type with its version, `feedback.signed.v1`.
    public let type: String
    public let subject: String?
    /// The record's key.
    public let key: [UInt8]?
    public let trace: TraceContext?
    public let payload: [UInt8]
}

/// Why a record from outside was not taken; becomes the reason on the dead-letter topic.
public struct ForeignRefusal: Error, Sendable {
    /// Stable, `lower-case-with-dashes`.
    public let code: String
    public let text: String
    public init(_ code: String, _ text: String) {
        self.code = code
        self.text = text
    }
}

extension ForeignEvent {
    /// CloudEvents, binary or structured. Throws what is wrong with it.
    init(_ message: KafkaMessage) throws(ForeignRefusal) {
        guard let payload = message.value, !payload.isEmpty else {
            throw ForeignRefusal("no-data", "a feedback record must have a value")
        }
        let headers = message.headers.map { (name: $0.name, value: $0.value) }
        do {
            let (event, data) = try CloudEvent.parse(headers: headers, value: payload)
            // Postgres' text cannot hold NUL; nobody's id needs it.
            guard !"\(event.source)\(event.id)\(event.subject ?? "")".utf8.contains(0) else {
                throw ForeignRefusal("not-a-cloud-event", "an attribute has a NUL character")
            }
            self.init(
                topic: message.topic, source: event.source, id: event.id, type: event.shortType, subject: event.subject,
                key: message.key, trace: event.traceparent.flatMap { TraceContext(traceparent: $0) }, payload: data)
        } catch let refusal as ForeignRefusal {
            throw refusal
        } catch {
            throw ForeignRefusal("not-a-cloud-event", "\(error)")
        }
    }
}
