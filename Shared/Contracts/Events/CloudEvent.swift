import JSON

/// The attributes of an event in CloudEvents 1.0: who says what kind of thing about whom, and when.
public struct CloudEvent: Sendable, Hashable {
    public static let specVersion = "1.0"
    /// Before the name and version of each type of ours.
    public static let typePrefix = "org.shao."
    /// The media type of an event in structured mode: attributes and data in one JSON object.
    public static let structuredType = "application/cloudevents+json"
    /// Longest attribute taken from outside, in bytes.
    public static let maxAttributeBytes = 1_024

    /// The same on each repetition; together with `source` it names the event for good.
    public var id: String
    /// `/street/<12 digits>/<service>` for our own.
    public var source: String
    /// `org.shao.ticket.submitted.v1`.
    public var type: String
    /// The aggregate's identifier.
    public var subject: String?
    public var time: Timestamp?
    /// Where the data's JSON Schema is, with its major version.
    public var dataSchema: String?
    /// Equals the record key.
    public var partitionKey: String?
    /// The aggregate's version: a reader drops what is not newer than what it knows.
    public var sequence: Int64?
    /// W3C trace context of this hop.
    public var traceparent: String?

    /// Without `dataSchema`, a type of ours gets its own (``schema(of:)``).
    public init(
        id: String, source: String, type: String, subject: String? = nil, time: Timestamp? = nil, dataSchema: String? = nil,
        partitionKey: String? = nil, sequence: (some BinaryInteger)? = Int64?.none, traceparent: String? = nil
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.subject = subject
        self.time = time
        self.dataSchema = dataSchema ?? Self.schema(of: type)
        self.partitionKey = partitionKey
        self.sequence = sequence.map { Int64(clamping: $0) }
        self.traceparent = traceparent
    }

    /// The attributes of one of our own events.
    public init(_ event: some Event, id: EventID, source: String, time: Timestamp, sequence: Int, traceparent: String? = nil) {
        self.init(
            id: id.description, source: source, type: Swift.type(of: event).fullType, subject: event.subject, time: time,
            partitionKey: event.subject, sequence: sequence, traceparent: traceparent)
    }

    /// The `source` of a service at a street.
    public static func source(street: AreaCode, _ service: Service) -> String {
        "/street/\(street)/\(service.rawValue)"
    }

    /// `urn:shao:schema:ticket.submitted:1`, the `$id` of the schema of a type of ours; `nil` for foreign types.
    public static func schema(of type: String) -> String? {
        guard type.hasPrefix(typePrefix) else { return nil }
        let short = type.utf8.dropFirst(typePrefix.utf8.count)
        guard let dot = short.lastIndex(of: UInt8(ascii: ".")), short[dot...].dropFirst().first == UInt8(ascii: "v") else { return nil }
        return "urn:shao:schema:\(Substring(short[..<dot])):\(Substring(short[dot...].dropFirst(2)))"
    }

    /// The type without our prefix, `ticket.submitted.v1`; a foreign type as it is.
    public var shortType: String {
        type.hasPrefix(Self.typePrefix) ? String(type.dropFirst(Self.typePrefix.count)) : type
    }

    // MARK: Out

    /// Kafka headers of binary mode. The data's type travels as `content-type`, as the Kafka binding says, never as `ce_…`.
    public var headers: [(name: String, value: String)] {
        var headers = [(name: "content-type", value: "application/json")]
        headers.reserveCapacity(16)
        for (name, value) in attributes { if let value { headers.append((name: name, value: value)) } }
        if let traceparent { headers.append((name: "traceparent", value: traceparent)) }
        return headers
    }

    /// The attributes by the names of their headers and in a fixed order, without data and trace.
    private var attributes: [(String, String?)] {
        [
            ("ce_specversion", Self.specVersion), ("ce_id", id), ("ce_source", source), ("ce_type", type), ("ce_subject", subject),
            ("ce_time", time?.description), ("ce_dataschema", dataSchema), ("ce_partitionkey", partitionKey),
            ("ce_sequence", sequence.map(Self.padded)),
        ]
    }

    /// Ten digits, so that texts sort as numbers do.
    static func padded(_ sequence: Int64) -> String {
        guard sequence < 10_000_000_000 else { return String(sequence) }
        var digits = Digits()
        digits.add(Int(max(0, sequence)), 10)
        return digits.text
    }

    /// Structured mode, for webhooks: attributes and data in one JSON object. `data` must be a JSON document.
    public func structured(data: [UInt8]) -> [UInt8] {
        var json = JSONWriter(capacity: data.count &+ 512)
        json.object { object in
            for (name, value) in attributes { object.member(named: String(name.dropFirst("ce_".count)), value) }
            object.member("datacontenttype", "application/json")
            object.member("traceparent", traceparent)
            object.member("data") { $0.raw(data) }
        }
        return json.bytes
    }
}
