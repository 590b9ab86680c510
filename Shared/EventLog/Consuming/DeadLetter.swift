import Kafka

/// A refused record for `<topic>-dlt`: key, value and headers as they came, and why (names that Spring's consumers know).
struct DeadLetter {
    let message: KafkaMessage
    let group: String
    let refusal: ForeignRefusal

    var headers: [RecordHeader] {
        func text(_ value: String) -> [UInt8] { Array(value.utf8) }
        func bytes(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
        return message.headers.map { RecordHeader(name: $0.name, value: $0.value ?? []) } + [
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
}

extension Outbox {
    func prepare(_ letter: DeadLetter) -> CommittedEvent {
        let message = letter.message
        return event(
            topic: message.topic + "-dlt", part: 0,
            subject: String(decoding: (message.key ?? Array("-".utf8)).filter { $0 != 0 }, as: UTF8.self), version: 1,
            type: "dead.letter.v1",
            headers: letter.headers, payload: message.value ?? [])
    }
}
