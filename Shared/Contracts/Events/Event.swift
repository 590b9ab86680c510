public import JSON

/// Something that happened to one aggregate. Values only: what travels, what is stored, what a department reads.
public protocol Event: JSONObjectDecodable, JSONObjectEncodable, Sendable {
    /// The topic it is written to; a pattern for events to and from departments.
    static var topic: Topic { get }
    /// The name without prefix and version: `ticket.submitted`.
    static var type: String { get }
    /// Changes only when a reader of the old form would be wrong; then it is a new type beside the old one.
    static var version: Int { get }
    /// The aggregate's identifier, which is the record key: one aggregate's events keep their order.
    var subject: String { get }
}

extension Event {
    public static var version: Int { 1 }

    /// `ticket.submitted.v1`.
    public static var versionedType: String { "\(type).v\(version)" }
    /// The CloudEvents type, `org.shao.ticket.submitted.v1`.
    public static var fullType: String { CloudEvent.typePrefix + versionedType }

    /// Reads an event as consumers do: members of newer writers are checked and ignored.
    public static func decode(_ bytes: [UInt8]) throws(JSONError) -> Self {
        try JSONReader.decode(Self.self, from: bytes, unknown: .ignore)
    }
}
