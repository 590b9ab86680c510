import Crypto
public import JSON

/// What a consumer says it has applied of a partition, for the owner to compare.
public struct AuditedCursor: Sendable, Equatable {
    public var partition: StreamPartition
    public var cursor: Cursor

    public init(_ partition: StreamPartition, _ cursor: Cursor) {
        self.partition = partition
        self.cursor = cursor
    }
}

/// What the owner finds.
public struct AuditVerdict: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The same history, proven by one hash.
    public static let equal = AuditVerdict(rawValue: "equal")
    /// Another history.
    public static let different = AuditVerdict(rawValue: "different")
    /// The owner itself has not come so far.
    public static let behind = AuditVerdict(rawValue: "behind")
    /// The owner keeps that place no more: nothing can be said.
    public static let trimmed = AuditVerdict(rawValue: "trimmed")

    /// Whether the consumer must stop.
    public var isDivergence: Bool { self == .different || self == .behind }
}

extension AuditedCursor: JSONObjectDecodable, JSONObjectEncodable {
    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            StreamPartition(topic: try m.required("topic"), part: try m.required("part")),
            Cursor(
                seq: try m.required("seq"),
                hash: try m.read("hash") { reader throws(JSONError) in try reader.parsed("hexadecimal") { Hex.decode($0) } },
                generation: try m.required("gen")))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("topic", partition.topic)
        o.member("part", partition.part)
        o.member("gen", cursor.generation)
        o.member("seq", cursor.seq)
        o.member("hash", Hex.encode(cursor.hash))
    }
}

/// `POST /internal/audit`, and the answer of `GET /internal/cursors`.
public struct AuditQuestion: Sendable, JSONObjectDecodable, JSONObjectEncodable {
    /// Whose cursors they are; nil asks only, and nobody is written down as a consumer.
    public var consumer: String?
    public var cursors: [AuditedCursor]

    public init(consumer: String?, cursors: [AuditedCursor]) {
        self.consumer = consumer
        self.cursors = cursors
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(consumer: try m.optional("consumer"), cursors: try m.required("cursors"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("consumer", consumer)
        o.member("cursors", cursors)
    }
}

/// The answer: a verdict for each cursor, in the order of the question.
public struct AuditAnswer: Sendable, Equatable, JSONObjectDecodable, JSONObjectEncodable {
    public var verdicts: [AuditVerdict]

    public init(verdicts: [AuditVerdict]) { self.verdicts = verdicts }

    public init(members m: inout JSONMembers) throws(JSONError) {
        let verdicts: [String] = try m.required("verdicts")
        self.verdicts = verdicts.map { AuditVerdict(rawValue: $0) }
    }

    public func write(members o: inout JSONObjectWriter) { o.member("verdicts", verdicts.map(\.rawValue)) }
}

/// `GET /internal/audit/deep`: what a service's own streams show when all of them is read. All zero is right.
public struct DeepAudit: Sendable, Equatable, JSONObjectDecodable, JSONObjectEncodable {
    /// Events in the streams.
    public var events: Int64
    /// Partitions whose numbers have a hole or a double.
    public var holes: Int64
    /// Events whose version is not above the one before of their subject.
    public var disorder: Int64
    /// Events committed more than ten seconds ago and not numbered.
    public var unnumbered: Int64

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            events: try m.required("events"), holes: try m.required("holes"), disorder: try m.required("disorder"),
            unnumbered: try m.required("unnumbered"))
    }

    public init(events: Int64, holes: Int64, disorder: Int64, unnumbered: Int64) {
        self.events = events
        self.holes = holes
        self.disorder = disorder
        self.unnumbered = unnumbered
    }

    /// Whether everything is as it must be.
    public var isSound: Bool { holes == 0 && disorder == 0 && unnumbered == 0 }

    public func write(members o: inout JSONObjectWriter) {
        o.member("events", events)
        o.member("holes", holes)
        o.member("disorder", disorder)
        o.member("unnumbered", unnumbered)
    }
}
