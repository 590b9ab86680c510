/// A partition of a topic.
public struct StreamPartition: Hashable, Comparable, Sendable {
    public var topic: String
    public var part: Int32
    public init(topic: String, part: Int32) {
        self.topic = topic
        self.part = part
    }

    public static func < (a: StreamPartition, b: StreamPartition) -> Bool { (a.topic, a.part) < (b.topic, b.part) }
}

/// How far a partition's history has come.
public struct StreamHead: Sendable, Equatable {
    public var partition: StreamPartition
    /// The last record's number; 0 for none.
    public var seq: Int64
    /// The chain's 16 bytes at that number.
    public var hash: [UInt8]
    public init(partition: StreamPartition, seq: Int64, hash: [UInt8]) {
        self.partition = partition
        self.seq = seq
        self.hash = hash
    }
}
