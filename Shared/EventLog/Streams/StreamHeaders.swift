package import Contracts
import Crypto
import FoundationEssentials
package import Kafka

/// How a stream record looks on Kafka: CloudEvents 1.0 binary mode, plus our place in the stream (`shao-seq`, `shao-hash`,
/// `shao-gen`).
package enum StreamHeaders {
    static let seq = "shao-seq"
    static let hash = "shao-hash"
    static let generation = "shao-gen"
    static let cause = "ce_causationid"
    /// Not sent: the first header of a record kept as it came is its key, the second says that it has no value.
    static let keptKey = "shao-kept-key", keptAbsence = "shao-kept-absence"
    /// Not sent either: the only header of an event of ours whose record's key is not its subject.
    static let ownKey = "shao-record-key"

    /// A broker refuses records of the future, and with them everything behind them: an event that a fast clock stamped carries
    /// its time in its header only.
    package static func record(_ record: StreamRecord, source: String, now: Timestamp = .now()) -> KafkaRecord {
        let event = record.event
        var key: [UInt8]? = Array(event.recordKey.utf8)
        var value: [UInt8]? = event.payload
        var headers: [KafkaHeader]
        if event.headers.isEmpty || event.hasOwnKey {
            headers = CloudEvent(
                id: EventID(event.id).description, source: source, type: CloudEvent.typePrefix + event.type,
                subject: event.subject, time: event.time, partitionKey: event.recordKey, sequence: event.version
            ).headers.map { KafkaHeader($0.name, $0.value) }
            if let cause = event.cause {
                headers.append(KafkaHeader(Self.cause, EventID(cause).description))
            }
            if let trace = event.trace { headers.append(KafkaHeader("traceparent", trace)) }
        } else {
            // Of a record kept as it came, what `subject` and `payload` cannot hold: a key that is no text, a value that is none.
            var rest = event.headers[...]
            if let first = rest.first, first.name == keptKey {
                key = first.value
                rest = rest.dropFirst()
            }
            if let first = rest.first, first.name == keptAbsence {
                value = nil
                rest = rest.dropFirst()
            }
            headers = rest.map { KafkaHeader($0.name, $0.value) }
        }
        headers.append(KafkaHeader(seq, String(record.seq)))
        headers.append(KafkaHeader(hash, Hex.encode(record.hash)))
        headers.append(KafkaHeader(generation, String(record.generation)))
        return KafkaRecord(
            topic: event.topic, partition: event.part, key: key, value: value,
            headers: headers, timestampMs: min(event.time, now).milliseconds)
    }

    /// The record that a message carries; throws `.foreign` when its headers are not the owner's.
    static func parse(_ message: KafkaMessage) throws(EventLogError) -> StreamRecord {
        var found = Found()
        for header in message.headers { if let value = header.value { found.take(header.name, value) } }
        guard let payload = message.value, let key = message.key, let seq = found.seq, seq > 0, let hash = found.hash,
            hash.count == 16, let generation = found.generation, generation > 0, let id = found.id, let type = found.type,
            let time = found.time, let version = found.version
        else { throw EventLogError(.foreign, "no stream headers") }
        return StreamRecord(
            pos: 0, seq: seq, hash: hash, generation: generation,
            event: CommittedEvent(
                topic: message.topic, part: message.partition, subject: found.subject ?? String(decoding: key, as: UTF8.self),
                version: version, id: id, type: type, time: time, cause: found.cause, trace: found.trace, payload: payload))
    }

    private struct Found {
        var seq: Int64?, hash: [UInt8]?, id: UUID?, type: String?, subject: String?, time: Timestamp?, version: Int32?
        /// Records of before there were generations carry none.
        var generation: Int32? = 1
        var cause: UUID?, trace: String?

        mutating func take(_ name: String, _ value: [UInt8]) {
            func text() -> String { String(decoding: value, as: UTF8.self) }
            switch name {
            case StreamHeaders.seq: seq = Int64(text())
            case StreamHeaders.hash: hash = Hex.decode(text())
            case StreamHeaders.generation: generation = Int32(text())
            case StreamHeaders.cause: cause = UUID(uuidString: text())
            case "ce_id": id = UUID(uuidString: text())
            case "ce_type": type = Self.shortType(value)
            case "ce_subject": subject = text()
            case "ce_time": time = Timestamp(text())
            case "ce_sequence": version = Int32(text())
            case "traceparent": trace = text()
            default: break
            }
        }

        private static func shortType(_ value: [UInt8]) -> String? {
            let prefix = CloudEvent.typePrefix.utf8
            return value.starts(with: prefix) ? String(decoding: value.dropFirst(prefix.count), as: UTF8.self) : nil
        }
    }
}

extension CommittedEvent {
    /// The key that decides about the record's partition.
    var recordKey: String {
        guard hasOwnKey, let key = headers.first?.value else { return subject }
        return String(decoding: key, as: UTF8.self)
    }

    fileprivate var hasOwnKey: Bool { headers.count == 1 && headers.first?.name == StreamHeaders.ownKey }
}
