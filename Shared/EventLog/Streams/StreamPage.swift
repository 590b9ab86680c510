import Contracts
import Crypto
import FoundationEssentials
public import JSON

extension StreamRecord: JSONDecodable, JSONEncodable {
    public init(json reader: inout JSONReader) throws(JSONError) {
        self = try reader.object { m throws(JSONError) in
            StreamRecord(
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
    }

    public func write(to json: inout JSONWriter) {
        json.object {
            $0.member("pos", pos)
            $0.member("seq", seq)
            $0.member("hash", Hex.encode(hash))
            $0.member("gen", generation)
            $0.member("topic", event.topic)
            $0.member("part", event.part)
            $0.member("subject", event.subject)
            $0.member("version", event.version)
            $0.member("id", event.id.uuidString.lowercased())
            $0.member("type", event.type)
            $0.member("time", event.time.milliseconds)
            $0.member("cause", event.cause?.uuidString.lowercased())
            $0.member("trace", event.trace)
            if !event.headers.isEmpty { $0.member("headers", Base64.standard.encode(HeaderBytes.write(event.headers))) }
            $0.member("payload", Base64.standard.encode(event.payload))
        }
    }
}

extension StreamHead: JSONDecodable, JSONEncodable {
    public init(json reader: inout JSONReader) throws(JSONError) {
        self = try reader.object { m throws(JSONError) in
            StreamHead(
                partition: StreamPartition(topic: try m.required("topic"), part: try m.required("part")),
                seq: try m.required("seq"), hash: try m.read("hash", Bytes.hex))
        }
    }

    public func write(to json: inout JSONWriter) {
        json.object {
            $0.member("topic", partition.topic)
            $0.member("part", partition.part)
            $0.member("seq", seq)
            $0.member("hash", Hex.encode(hash))
        }
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
