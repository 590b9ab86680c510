import CLibrdkafka
import Glibc

/// Copies the library's messages into Swift values, once each.
struct MessageReader {
    /// Topic names by the library's topic object; the C text is compared because an object's address may be used again.
    private var names: [OpaquePointer: (text: [CChar], name: String)] = [:]

    mutating func partition(_ message: rd_kafka_message_t) -> KafkaPartition {
        KafkaPartition(name(of: message.rkt), message.partition)
    }

    mutating func read(_ message: rd_kafka_message_t, _ pointer: UnsafePointer<rd_kafka_message_t>) -> KafkaMessage {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(pointer, &kind)
        return KafkaMessage(
            topic: name(of: message.rkt), partition: message.partition, offset: message.offset,
            key: Self.bytes(message.key, message.key_len), value: Self.bytes(message.payload, message.len),
            headers: Self.headers(pointer),
            timestampMs: kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || timestamp < 0 ? nil : timestamp)
    }

    private mutating func name(of topic: OpaquePointer?) -> String {
        guard let topic, let text = rd_kafka_topic_name(topic) else { return "" }
        if let known = names[topic], strcmp(known.text, text) == 0 { return known.name }
        let name = String(cString: text)
        names[topic] = (Array(UnsafeBufferPointer(start: text, count: strlen(text) + 1)), name)
        return name
    }

    private static func bytes(_ start: UnsafeRawPointer?, _ count: Int) -> [UInt8]? {
        start.map { Array(UnsafeRawBufferPointer(start: $0, count: count)) }
    }

    private static func headers(_ message: UnsafePointer<rd_kafka_message_t>) -> [KafkaHeader] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list).rawValue == 0, let list else { return [] }
        var headers: [KafkaHeader] = []
        headers.reserveCapacity(rd_kafka_header_cnt(list))
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(list, headers.count, &name, &value, &size).rawValue == 0, let known = name {
            headers.append(KafkaHeader(String(cString: known), bytes(value, size)))
        }
        return headers
    }
}
