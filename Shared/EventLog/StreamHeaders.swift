public import Contracts
import FoundationEssentials
public import Kafka

/// How a stream record looks on Kafka: CloudEvents 1.0 binary mode, plus our place in the stream (`shao-seq`, `shao-hash`).
public enum StreamHeaders {
    static let seq = "shao-seq"
    static let hash = "shao-hash"
    static let cause = "ce_causationid"

    static func record(_ record: StreamRecord, source: String) -> KafkaRecord {
        let event = record.event
        var headers: [KafkaHeader]
        if event.headers.isEmpty {
            headers = CloudEvent(
                id: event.id.uuidString.lowercased(), source: source, type: CloudEvent.typePrefix + event.type,
                subject: event.subject, time: event.time, partitionKey: event.subject, sequence: event.version
            ).headers.map { KafkaHeader(name: $0.name, value: Array($0.value.utf8)) }
            if let cause = event.cause {
                headers.append(KafkaHeader(name: Self.cause, value: Array(cause.uuidString.lowercased().utf8)))
            }
            if let trace = event.trace { headers.append(KafkaHeader(name: "traceparent", value: Array(trace.utf8))) }
        } else {
            headers = event.headers.map { KafkaHeader(name: $0.name, value: $0.value) }
        }
        headers.append(KafkaHeader(name: seq, value: Array(String(record.seq).utf8)))
        headers.append(KafkaHeader(name: hash, value: Array(Hex.text(record.hash).utf8)))
        return KafkaRecord(
            topic: event.topic, partition: event.part, key: Array(event.subject.utf8), value: event.payload,
            headers: headers, timestampMs: event.time.milliseconds)
    }

    /// The record that a message carries; throws `.foreign` when its headers are not the owner's.
    static func parse(_ message: KafkaMessage) throws(EventLogError) -> StreamRecord {
        var found: [String: String] = [:]
        for header in message.headers {
            guard let value = header.value else { continue }
            found[header.name] = String(decoding: value, as: UTF8.self)
        }
        guard let payload = message.value, let key = message.key,
            let seq = found[seq].flatMap({ Int64($0) }), seq > 0,
            let hash = found[hash].flatMap(Hex.bytes), hash.count == 16,
            let id = found["ce_id"].flatMap({ UUID(uuidString: $0) }),
            let type = found["ce_type"], type.hasPrefix(CloudEvent.typePrefix),
            let time = found["ce_time"].flatMap({ Timestamp(rfc3339: $0) }),
            let version = found["ce_sequence"].flatMap({ Int32($0) })
        else { throw EventLogError(.foreign, "no stream headers") }
        return StreamRecord(
            pos: 0, seq: seq, hash: hash,
            event: CommittedEvent(
                topic: message.topic, part: message.partition, subject: String(decoding: key, as: UTF8.self), version: version,
                id: id, type: String(type.dropFirst(CloudEvent.typePrefix.count)), time: time,
                cause: found[cause].flatMap { UUID(uuidString: $0) }, trace: found["traceparent"], payload: payload))
    }
}

/// Lower-case hexadecimal.
enum Hex {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }

    static func bytes(_ text: String) -> [UInt8]? {
        var out: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            let value: UInt8
            switch digit {
            case 48...57: value = digit - 48
            case 97...102: value = digit - 87
            default: return nil
            }
            if let first = high {
                out.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? out : nil
    }
}
