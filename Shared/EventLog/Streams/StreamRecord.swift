public import Contracts
public import Crypto
public import FoundationEssentials

/// An event as it was committed: what the outbox holds and the hash covers.
public struct CommittedEvent: Sendable, Equatable {
    public var topic: String
    public var part: Int32
    /// The aggregate's id; the record's key too, unless `recordKey` says another.
    public var subject: String
    /// The aggregate's version after this event; rises by one within a subject and topic owner.
    public var version: Int32
    public var id: UUID
    /// Short type with its version, `ticket.submitted.v1`.
    public var type: String
    /// When it happened.
    public var time: Timestamp
    /// The event that led to this one.
    public var cause: UUID?
    /// W3C `traceparent` of the hop that emitted it.
    public var trace: String?
    /// More headers, for records kept as they came (dead letters); or another key alone.
    public var headers: [RecordHeader]
    /// JSON bytes (dead letters: whatever came).
    public var payload: [UInt8]

    public init(
        topic: String, part: Int32, subject: String, version: Int32, id: UUID, type: String, time: Timestamp,
        cause: UUID? = nil, trace: String? = nil, headers: [RecordHeader] = [], payload: [UInt8]
    ) {
        self.topic = topic
        self.part = part
        self.subject = subject
        self.version = version
        self.id = id
        self.type = type
        self.time = time
        self.cause = cause
        self.trace = trace
        self.headers = headers
        self.payload = payload
    }
}

/// A header kept beside a payload.
public struct RecordHeader: Sendable, Equatable {
    public var name: String
    /// nil: a header without a value, which Kafka tells from an empty one.
    public var value: [UInt8]?
    public init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}

/// An event with its place in the stream of its topic partition.
public struct StreamRecord: Sendable, Equatable {
    /// Place in the owner's database, dense over all its topics.
    public var pos: Int64
    /// Place in (topic, part), dense from 1.
    public var seq: Int64
    /// Hash of the partition's history up to and including this event, 16 bytes.
    public var hash: [UInt8]
    /// Under which generation of the owner's database it was numbered: 1, and one more after each restore or fail-over.
    /// The hash does not cover it.
    public var generation: Int32
    public var event: CommittedEvent

    public init(pos: Int64, seq: Int64, hash: [UInt8], generation: Int32 = 1, event: CommittedEvent) {
        self.pos = pos
        self.seq = seq
        self.hash = hash
        self.generation = generation
        self.event = event
    }
}

/// One partition's history in 16 bytes: `h = HMAC(key, h_before ‖ event)`, cut. Equal hashes mean equal histories; a record
/// made by anyone without the key is refused.
public struct StreamHash: Sendable {
    /// The hash of an empty history.
    public static let empty = [UInt8](repeating: 0, count: 16)

    private let key: HMACKey

    public init(key: HMACKey) { self.key = key }

    /// The hash after `event` has become number `seq` of its partition.
    public func next(after before: [UInt8], seq: Int64, _ event: CommittedEvent) -> [UInt8] {
        Array(
            key.authenticate { mac in
                mac.update(before)
                mac.update(bigEndian: seq)
                Self.put(event.topic, &mac)
                mac.update(bigEndian: Int64(event.part))
                Self.put(event.subject, &mac)
                mac.update(bigEndian: Int64(event.version))
                withUnsafeBytes(of: event.id.uuid) { mac.update($0) }
                Self.put(event.type, &mac)
                mac.update(bigEndian: event.time.milliseconds)
                mac.update(bigEndian: Int64(event.payload.count))
                mac.update(event.payload)
            }.prefix(16))
    }

    /// With its length, so that no two events share their bytes.
    private static func put(_ text: String, _ mac: inout HMACSHA256) {
        mac.update(bigEndian: Int64(text.utf8.count))
        mac.update(text)
    }
}
