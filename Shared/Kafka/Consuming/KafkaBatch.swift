/// Messages of one pull, in order within each partition.
public struct KafkaBatch: Sendable, RandomAccessCollection {
    public let messages: [KafkaMessage]
    /// Partitions read to their end during this pull, with the offset the next record will get.
    public let ends: [KafkaPartition: Int64]

    public init(_ messages: [KafkaMessage], ends: [KafkaPartition: Int64] = [:]) {
        self.messages = messages
        self.ends = ends
    }

    public var startIndex: Int { messages.startIndex }
    public var endIndex: Int { messages.endIndex }
    public subscript(position: Int) -> KafkaMessage { messages[position] }

    /// The same messages by partition, each list in offset order.
    public var byPartition: [KafkaPartition: [KafkaMessage]] {
        Dictionary(grouping: messages, by: \.source)
    }

    /// For each partition the offset after its last message: what to store, and where to read on.
    public var nextOffsets: [KafkaPartition: Int64] {
        var next: [KafkaPartition: Int64] = [:]
        for message in messages { next[message.source] = message.offset + 1 }
        return next
    }
}
