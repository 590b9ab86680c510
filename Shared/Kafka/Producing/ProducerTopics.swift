import CLibrdkafka

/// The topic objects of one producer, made once per topic. Holds the client, so that they are always given back before it
/// is destroyed: destroying a client with a topic left over blocks.
final class ProducerTopics {
    private let client: Client
    private var handles: [String: OpaquePointer] = [:]
    private var names: [OpaquePointer: String] = [:]

    init(_ client: Client) { self.client = client }

    deinit {
        for handle in handles.values { rd_kafka_topic_destroy(handle) }
    }

    func name(of handle: OpaquePointer?) -> String {
        handle.flatMap { names[$0] } ?? handle.map { String(cString: rd_kafka_topic_name($0)) } ?? ""
    }

    /// Queues a copy of the record; `nil` when the library took it.
    func produce(_ record: KafkaRecord, _ place: ReportSlot) -> KafkaError? {
        guard let topic = handle(record.topic) else {
            return KafkaError(rd_kafka_last_error(), "produce", "topic \"\(record.topic)\" is not usable")
        }
        let headers = Self.headers(record.headers)
        let partition = record.partition ?? Int32(RD_KAFKA_PARTITION_UA)
        let code = Self.withBytes(record.key) { key, keyLength in
            Self.withBytes(record.value) { value, valueLength in
                shao_rk_produce(
                    client.pointer, topic, partition, key, keyLength, value, valueLength, record.timestampMs ?? 0, headers,
                    place.opaque)
            }
        }
        if code.rawValue == 0 { return nil }
        if let headers { rd_kafka_headers_destroy(headers) }
        return KafkaError(code, "produce", partition: record.partition.map { KafkaPartition(record.topic, $0) })
    }

    private func handle(_ name: String) -> OpaquePointer? {
        if let known = handles[name] { return known }
        guard let made = rd_kafka_topic_new(client.pointer, name, nil) else { return nil }
        handles[name] = made
        names[made] = name
        return made
    }

    private static func headers(_ headers: [KafkaHeader]) -> OpaquePointer? {
        if headers.isEmpty { return nil }
        let list: OpaquePointer = rd_kafka_headers_new(headers.count)
        for header in headers {
            withBytes(header.value) { value, length in
                _ = rd_kafka_header_add(list, header.name, -1, value, length)
            }
        }
        return list
    }

    /// `nil` gives NULL; an empty array a pointer that is not NULL, because the two differ on the wire.
    private static func withBytes<Value>(_ bytes: [UInt8]?, _ body: (UnsafeRawPointer?, Int) -> Value) -> Value {
        guard let bytes else { return body(nil, 0) }
        if bytes.isEmpty { return withUnsafeBytes(of: 0 as UInt64) { body($0.baseAddress, 0) } }
        return bytes.withUnsafeBytes { body($0.baseAddress, $0.count) }
    }
}
