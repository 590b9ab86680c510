/// One record to be sent.
public struct KafkaRecord: Sendable, Hashable {
    public var topic: String
    /// Honoured when given; otherwise the key's murmur2 hash chooses, as Java's clients do, and records without a key are spread.
    public var partition: Int32?
    public var key: [UInt8]?
    /// `nil` is a tombstone: on a compacted topic it deletes the key. An empty array is an ordinary, empty value.
    public var value: [UInt8]?
    /// In this order on the wire; names may repeat.
    public var headers: [KafkaHeader]
    /// Milliseconds since 1970; `nil` takes the time of sending.
    public var timestampMs: Int64?

    public init(
        topic: String, partition: Int32? = nil, key: [UInt8]? = nil, value: [UInt8]?, headers: [KafkaHeader] = [],
        timestampMs: Int64? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestampMs = timestampMs
    }
}

/// A named value beside the record; a header without a value is legal and differs from an empty one.
public struct KafkaHeader: Sendable, Hashable {
    public var name: String
    public var value: [UInt8]?

    public init(_ name: String, _ value: [UInt8]?) {
        self.name = name
        self.value = value
    }

    /// A value of text, as UTF-8.
    public init(_ name: String, _ text: String) {
        self.init(name, Array(text.utf8))
    }
}

/// One partition of one topic.
public struct KafkaPartition: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var topic: String
    public var number: Int32

    public init(_ topic: String, _ number: Int32) {
        self.topic = topic
        self.number = number
    }

    public static func < (a: KafkaPartition, b: KafkaPartition) -> Bool {
        a.topic == b.topic ? a.number < b.number : a.topic < b.topic
    }

    public var description: String { "\(topic)[\(number)]" }
}

/// Where reading starts in a partition.
public struct KafkaOffset: Sendable, Hashable, CustomStringConvertible {
    /// librdkafka's number: an offset, or one of its negative marks.
    public let rawValue: Int64

    /// The oldest record kept.
    public static let beginning = KafkaOffset(rawValue: -2)
    /// The next record to be written.
    public static let end = KafkaOffset(rawValue: -1)
    /// What the group committed last; without such, `auto.offset.reset` decides, which here raises an error.
    public static let committed = KafkaOffset(rawValue: -1000)

    private init(rawValue: Int64) { self.rawValue = rawValue }

    /// This very offset; negative numbers mean the beginning.
    public static func at(_ offset: Int64) -> KafkaOffset {
        offset < 0 ? .beginning : KafkaOffset(rawValue: offset)
    }

    public var description: String {
        switch self {
        case .beginning: "beginning"
        case .end: "end"
        case .committed: "committed"
        default: String(rawValue)
        }
    }
}

/// The broker's word that it has a record, by all in-sync replicas.
public struct KafkaReceipt: Sendable, Hashable {
    public let partition: KafkaPartition
    /// -1 when the broker recognised a repetition that it had already stored and no longer knows where, or gives no answers
    /// (`acks=0`).
    public let offset: Int64
}

/// One record as read.
public struct KafkaMessage: Sendable, Hashable {
    public let topic: String
    public let partition: Int32
    public let offset: Int64
    public let key: [UInt8]?
    /// `nil` is a tombstone.
    public let value: [UInt8]?
    public let headers: [KafkaHeader]
    /// Milliseconds since 1970, `nil` when the record carries none.
    public let timestampMs: Int64?

    public init(
        topic: String, partition: Int32, offset: Int64, key: [UInt8]?, value: [UInt8]?, headers: [KafkaHeader] = [],
        timestampMs: Int64? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.key = key
        self.value = value
        self.headers = headers
        self.timestampMs = timestampMs
    }

    /// Topic and number together.
    public var source: KafkaPartition { KafkaPartition(topic, partition) }

    /// The value of the last header of that name: later headers override earlier ones.
    public func header(_ name: String) -> [UInt8]? {
        headers.last { $0.name == name }?.value
    }
}
