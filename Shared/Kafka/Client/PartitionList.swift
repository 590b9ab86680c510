import CLibrdkafka

typealias PartitionListPointer = UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

/// The library's list of partitions with offsets, freed with its owner.
struct PartitionList: ~Copyable {
    private let pointer: PartitionListPointer

    init(_ offsets: [KafkaPartition: Int64]) {
        pointer = rd_kafka_topic_partition_list_new(CInt(clamping: offsets.count))
        for (partition, offset) in offsets {
            rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.number).pointee.offset = offset
        }
    }

    /// Names only, for subscriptions.
    init(topics: [String]) {
        pointer = rd_kafka_topic_partition_list_new(CInt(clamping: topics.count))
        for topic in topics { rd_kafka_topic_partition_list_add(pointer, topic, -1) }
    }

    deinit { rd_kafka_topic_partition_list_destroy(pointer) }

    /// The pointer is never handed out: a temporary owner would be gone, and the list with it, before its use.
    borrowing func withPointer<Value>(_ body: (PartitionListPointer) -> Value) -> Value { body(pointer) }
}

/// One line of such a list.
struct PartitionEntry {
    let partition: KafkaPartition
    let offset: Int64
    let error: rd_kafka_resp_err_t
}

extension PartitionListPointer {
    var entries: [PartitionEntry] {
        UnsafeBufferPointer(start: pointee.elems, count: Int(pointee.cnt)).map { element in
            PartitionEntry(
                partition: KafkaPartition(String(cString: element.topic), element.partition), offset: element.offset,
                error: element.err)
        }
    }
}
