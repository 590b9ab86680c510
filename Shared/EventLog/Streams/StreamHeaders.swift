import Contracts
import Crypto
import FoundationEssentials
import Kafka

/// How a stream record looks on Kafka: CloudEvents 1.0 binary mode, plus our place in the stream (`shao-seq`, `shao-hash`,
/// `shao-gen`).
enum StreamHeaders {
    static let seq = "shao-seq"
    static let hash = "shao-hash"
    static let generation = "shao-gen"
    static let cause = "ce_causationid"

    /// A broker refuses records of the future, and with them everything behind them: an event that a fast clock stamped carries
    /// its time in its header only.
    static func record(_ record: StreamRecord, source: String, now: Timestamp = .now()) -> KafkaRecord {
        let event = record.event
        var headers: [KafkaHeader]
        if event.headers.isEmpty {
            headers = CloudEvent(
                id: event.id.uuidString.lowercased(), source: source, type: CloudEvent.typePrefix + event.type,
                subject: event.subject, time: event.time, partitionKey: event.subject, sequence: event.version
            ).headers.map { KafkaHeader($0.name, $0.value) }
            if let cause = event.cause {
                headers.append(KafkaHeader(Self.cause, cause.uuidString.lowercased()))
            }
            if let trace = event.trace { headers.append(KafkaHeader("traceparent", trace)) }
        } else {
            headers = event.headers.map { KafkaHeader($0.name, $0.value) }
        }
        headers.append(KafkaHeader(seq, String(record.seq)))
        headers.append(KafkaHeader(hash, Hex.encode(record.hash)))
        headers.append(KafkaHeader(generation, String(record.generation)))
        return KafkaRecord(
            topic: event.topic, partition: event.part, key: Array(event.subject.utf8), value: event.payload,
            headers: headers, timestampMs: min(event.time, now).milliseconds)
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
            let hash = found[hash].flatMap({ Hex.decode($0) }), hash.count == 16,
            let generation = found[generation].map({ Int32($0) }) ?? 1, generation > 0,
            let id = found["ce_id"].flatMap({ UUID(uuidString: $0) }),
            let type = found["ce_type"], type.hasPrefix(CloudEvent.typePrefix),
            let time = found["ce_time"].flatMap({ Timestamp($0) }),
            let version = found["ce_sequence"].flatMap({ Int32($0) })
        else { throw EventLogError(.foreign, "no stream headers") }
        return StreamRecord(
            pos: 0, seq: seq, hash: hash, generation: generation,
            event: CommittedEvent(
                topic: message.topic, part: message.partition, subject: String(decoding: key, as: UTF8.self), version: version,
                id: id, type: String(type.dropFirst(CloudEvent.typePrefix.count)), time: time,
                cause: found[cause].flatMap { UUID(uuidString: $0) }, trace: found["traceparent"], payload: payload))
    }
}
