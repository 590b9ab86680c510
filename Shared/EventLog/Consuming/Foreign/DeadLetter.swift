import Crypto
import Kafka

/// A refused record for `<topic>-dlt`: key, value and headers as they came, and why (names that Spring's consumers know). What is too large
/// to be sent is cut, and `dlt-cut` says so: a broker takes more from a department than a producer of ours may send, and the reason
/// needs room too.
struct DeadLetter {
    let message: KafkaMessage
    let group: String
    let refusal: ForeignRefusal

    /// What the outbox takes is 900 000 bytes (`V0008`); a header costs its lengths beside its text.
    static let room = 880_000, headerCost = 16
    static let keyRoom = 4_096, headerRoom = 65_536, reasonRoom = 2_000

    /// What is kept of the record.
    struct Kept {
        var key: [UInt8]?
        var headers: [RecordHeader] = []
        var value: [UInt8] = []
        /// What is missing; nil when nothing is.
        var cut: String?
    }

    var kept: Kept {
        var kept = Kept()
        var cuts: [String] = []
        kept.key = message.key.map { Array($0.prefix(Self.keyRoom)) }
        if let key = message.key, key.count > Self.keyRoom { cuts.append("key: the first \(Self.keyRoom) of \(key.count) bytes") }
        var used = 0
        for header in message.headers {
            let size = header.name.utf8.count + (header.value?.count ?? 0) + Self.headerCost
            guard used + size <= Self.headerRoom else { continue }
            used += size
            kept.headers.append(RecordHeader(name: header.name, value: header.value))
        }
        if kept.headers.count < message.headers.count {
            cuts.append("headers: \(kept.headers.count) of \(message.headers.count)")
        }
        let value = message.value ?? []
        let room = Self.room - used - (kept.key?.count ?? 0) - 4 * Self.reasonRoom
        kept.value = Array(value.prefix(room))
        if value.count > room { cuts.append("value: the first \(room) of \(value.count) bytes") }
        kept.cut = cuts.isEmpty ? nil : cuts.joined(separator: "; ")
        return kept
    }

    /// Why, and where the record was.
    var reasons: [RecordHeader] {
        func text(_ value: String) -> [UInt8] { Array(String(value.prefix(500)).utf8.prefix(Self.reasonRoom)) }
        func bytes(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
        return [
            RecordHeader(name: "kafka_dlt-original-topic", value: text(message.topic)),
            RecordHeader(name: "kafka_dlt-original-partition", value: bytes(message.partition)),
            RecordHeader(name: "kafka_dlt-original-offset", value: bytes(message.offset)),
            RecordHeader(name: "kafka_dlt-original-timestamp", value: bytes(message.timestampMs ?? 0)),
            RecordHeader(name: "kafka_dlt-original-consumer-group", value: text(group)),
            RecordHeader(name: "kafka_dlt-exception-fqcn", value: text(refusal.code)),
            RecordHeader(name: "kafka_dlt-exception-message", value: text(refusal.text)),
            RecordHeader(name: "dlt-reason", value: text("\(refusal.code): \(refusal.text)")),
        ]
    }

    /// The same for the same record refused for the same reason, wherever it lies: a repetition needs no second letter. A trace differs from
    /// one attempt to the next and says nothing of the record.
    var fingerprint: [UInt8] {
        var hash = SHA256()
        func put(_ bytes: [UInt8]?) {
            hash.update(bigEndian: Int64(bytes?.count ?? -1))
            hash.update(bytes ?? [])
        }
        for text in [refusal.code, message.topic] { put(Array(text.utf8)) }
        put(message.key)
        put(message.value)
        for header in message.headers where !["traceparent", "tracestate", "ce_traceparent", "ce_tracestate"].contains(header.name) {
            put(Array(header.name.utf8))
            put(header.value)
        }
        return hash.digest()
    }
}

extension Outbox {
    func prepare(_ letter: DeadLetter) -> CommittedEvent {
        let message = letter.message
        let kept = letter.kept
        var headers = [RecordHeader(name: StreamHeaders.keptKey, value: kept.key)]
        if message.value == nil { headers.append(RecordHeader(name: StreamHeaders.keptAbsence, value: nil)) }
        headers += kept.headers + letter.reasons
        if let cut = kept.cut { headers.append(RecordHeader(name: "dlt-cut", value: Array(cut.utf8))) }
        return event(
            topic: message.topic + "-dlt", part: 0,
            subject: String(decoding: (kept.key ?? Array("-".utf8)).filter { $0 != 0 }, as: UTF8.self), version: 1,
            type: "dead.letter.v1", headers: headers, payload: kept.value)
    }
}
