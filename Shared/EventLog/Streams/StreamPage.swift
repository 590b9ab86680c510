import Contracts
import Crypto
import FoundationEssentials
public import JSON

extension StreamRecord: JSONObjectDecodable, JSONObjectEncodable {
    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            pos: try m.required("pos"), seq: try m.required("seq"), hash: try m.read("hash", Bytes.hex),
            generation: try m.optional("gen") ?? 1,
            event: CommittedEvent(
                topic: try m.required("topic"), part: try m.required("part"), subject: try m.required("subject"),
                version: try m.required("version"), id: try m.read("id", Bytes.uuid), type: try m.required("type"),
                time: Timestamp(milliseconds: try m.required("time")), cause: try m.readIfPresent("cause", Bytes.uuid),
                trace: try m.optional("trace"),
                headers: HeaderBytes.read(try m.readIfPresent("headers", Bytes.base64) ?? []),
                payload: try m.read("payload", Bytes.base64)))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("pos", pos)
        o.member("seq", seq)
        o.member("hash", Hex.encode(hash))
        o.member("gen", generation)
        o.member("topic", event.topic)
        o.member("part", event.part)
        o.member("subject", event.subject)
        o.member("version", event.version)
        o.member("id", event.id.uuidString.lowercased())
        o.member("type", event.type)
        o.member("time", event.time.milliseconds)
        o.member("cause", event.cause?.uuidString.lowercased())
        o.member("trace", event.trace)
        if !event.headers.isEmpty { o.member("headers", Base64.standard.encode(HeaderBytes.write(event.headers))) }
        o.member("payload", Base64.standard.encode(event.payload))
    }
}

extension StreamHead: JSONObjectDecodable, JSONObjectEncodable {
    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            partition: StreamPartition(topic: try m.required("topic"), part: try m.required("part")),
            seq: try m.required("seq"), hash: try m.read("hash", Bytes.hex))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("topic", partition.topic)
        o.member("part", partition.part)
        o.member("seq", seq)
        o.member("hash", Hex.encode(hash))
    }
}

private enum Bytes {
    static func hex(_ reader: inout JSONReader) throws(JSONError) -> [UInt8] {
        try reader.parsed("hexadecimal") { Hex.decode($0) }
    }

    static func base64(_ reader: inout JSONReader) throws(JSONError) -> [UInt8] {
        try reader.parsed("base64") { Base64.standard.decode($0) }
    }

    static func uuid(_ reader: inout JSONReader) throws(JSONError) -> UUID {
        try reader.parsed("a UUID") { UUID(uuidString: $0) }
    }
}

/// `GET /internal/stream`: records with their payloads in base64 (dead letters need not be JSON).
package struct StreamPage: JSONObjectDecodable, JSONObjectEncodable {
    package let records: [StreamRecord]
    package init(records: [StreamRecord]) { self.records = records }
    package init(members: inout JSONMembers) throws(JSONError) { records = try members.required("records") }
    package func write(members o: inout JSONObjectWriter) { o.member("records", records) }
}

/// `GET /internal/heads`.
package struct HeadsPage: JSONObjectDecodable, JSONObjectEncodable {
    package let heads: [StreamHead]
    package init(heads: [StreamHead]) { self.heads = heads }
    package init(members: inout JSONMembers) throws(JSONError) { heads = try members.required("heads") }
    package func write(members o: inout JSONObjectWriter) { o.member("heads", heads) }
}
