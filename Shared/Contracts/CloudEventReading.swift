import JSON

/// Reading CloudEvents from outside, in both modes of the Kafka binding.
extension CloudEvent {
    /// Takes a record apart into attributes and data.
    ///
    /// `content-type: application/cloudevents+json` (in any case, with any parameters) means structured mode, everything
    /// else binary. Unknown extension attributes are ignored. A malformed trace context is dropped, as its own
    /// specification asks; every other malformed attribute is refused. Data is checked to be JSON in structured mode
    /// only; in binary mode it is returned as it came.
    public static func parse(
        headers: [(name: String, value: [UInt8])], value: [UInt8]
    ) throws(ContractError) -> (event: CloudEvent, data: [UInt8]) {
        let found = try texts(headers)
        guard !value.isEmpty else { throw ContractError(.noData, "the record has no value") }
        let contentType = MediaType(found["content-type"] ?? found["ce_datacontenttype"] ?? "application/json")
        if contentType.name.hasPrefix("application/cloudevents") {
            guard contentType.name == CloudEvent.structuredType, contentType.isUTF8 else {
                throw ContractError(.contentType, "structured mode is read as application/cloudevents+json in UTF-8 only")
            }
            return try structured(value, traceparent: found["traceparent"])
        }
        try contentType.demandJSON()
        let event = try CloudEvent(attributes: { found["ce_" + $0] }, traceparent: found["traceparent"] ?? found["ce_traceparent"])
        return (event, value)
    }

    /// The headers that matter, as text. One that comes twice has no meaning.
    private static func texts(_ headers: [(name: String, value: [UInt8])]) throws(ContractError) -> [String: String] {
        var found: [String: String] = [:]
        for (name, value) in headers {
            // Kafka's header names are case-sensitive, but HTTP bridges write Content-Type.
            let name = name.lowercased() == "content-type" ? "content-type" : name
            guard name.hasPrefix("ce_") || name == "content-type" || name == "traceparent" else { continue }
            guard value.count <= maxAttributeBytes, let text = String(validating: value, as: UTF8.self) else {
                throw ContractError(.badAttribute, "the header \(name.prefix(40)) is too long or not UTF-8")
            }
            guard found.updateValue(text, forKey: name) == nil else {
                throw ContractError(.badAttribute, "the header \(name.prefix(40)) is there twice")
            }
        }
        return found
    }

    private static func structured(
        _ value: [UInt8], traceparent: String?
    ) throws(ContractError) -> (event: CloudEvent, data: [UInt8]) {
        var attributes: [String: String] = [:]
        var data: [UInt8]?
        do {
            var reader = JSONReader(value)
            try reader.object { members throws(JSONError) in
                try members.forEachRemaining { name, value throws(JSONError) in
                    if name == "data" {
                        data = try value.raw()
                    } else if let text = try attribute(&value) {
                        attributes[name] = text
                    }
                }
            }
            try reader.end()
        } catch {
            throw ContractError(.envelope, "\(error)")
        }
        if attributes["data_base64"] != nil { throw ContractError(.contentType, "data must be JSON, not base64") }
        try MediaType(attributes["datacontenttype"] ?? "application/json").demandJSON()
        let event = try CloudEvent(attributes: { attributes[$0] }, traceparent: traceparent ?? attributes["traceparent"])
        guard let data, data != Array("null".utf8) else { throw ContractError(.noData, "the event has no data") }
        return (event, data)
    }

    /// Attributes are strings, integers or booleans; `null` means absent.
    private static func attribute(_ reader: inout JSONReader) throws(JSONError) -> String? {
        let before = reader
        switch try reader.value() {
        case .string(let text) where text.utf8.count <= maxAttributeBytes: return text
        case .int(let number): return String(number)
        case .bool(let flag): return flag ? "true" : "false"
        case .null: return nil
        default: throw before.failure(.wrongType, "an attribute is a short string, an integer or a boolean")
        }
    }

    private init(attributes: (String) -> String?, traceparent: String?) throws(ContractError) {
        guard let version = attributes("specversion") else {
            throw ContractError(.specVersion, "the attribute specversion is missing: this is no CloudEvent")
        }
        guard version == Self.specVersion else { throw ContractError(.specVersion, "only specversion 1.0 is read") }
        func required(_ name: String) throws(ContractError) -> String {
            guard let text = attributes(name), !text.isEmpty else {
                throw ContractError(.missingAttribute, "the attribute \(name) must be there and not empty")
            }
            return text
        }
        id = try required("id")
        source = try required("source")
        type = try required("type")
        guard type.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2E }) else {
            throw ContractError(.badAttribute, "type takes a-z, 0-9, dot and underscore")
        }
        subject = attributes("subject")
        if subject?.isEmpty == true { throw ContractError(.badAttribute, "subject must not be empty") }
        time = try attributes("time").map { text throws(ContractError) in
            guard let time = Timestamp(text) else { throw ContractError(.badAttribute, "time must be RFC 3339 with an offset") }
            return time
        }
        dataSchema = attributes("dataschema")
        partitionKey = attributes("partitionkey")
        sequence = try attributes("sequence").map { text throws(ContractError) in
            guard let sequence = Int64(text), sequence >= 0 else {
                throw ContractError(.badAttribute, "sequence must be a number")
            }
            return sequence
        }
        self.traceparent = traceparent.flatMap { Self.isTraceparent($0) ? $0 : nil }
    }

    /// Version 00 of W3C trace context, identifiers not all zero.
    static func isTraceparent(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: 0x2D, omittingEmptySubsequences: false)
        guard parts.count == 4, parts.map(\.count) == [2, 32, 16, 2], parts[0].elementsEqual("00".utf8) else { return false }
        func isHex(_ part: Substring.UTF8View) -> Bool {
            part.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        }
        return parts.allSatisfy { isHex($0) } && parts[1...2].allSatisfy { part in part.contains { $0 != 0x30 } }
    }
}

/// A media type as far as we care: its name and whether its character set is UTF-8.
private struct MediaType {
    let name: String
    let isUTF8: Bool

    init(_ text: String) {
        let parts = text.lowercased().split(separator: ";", omittingEmptySubsequences: false).map { part in
            part.filter { $0 != " " && $0 != "\t" && $0 != "\"" }
        }
        name = parts.first ?? ""
        isUTF8 = parts.dropFirst().allSatisfy { !$0.hasPrefix("charset=") || $0 == "charset=utf-8" }
    }

    func demandJSON() throws(ContractError) {
        guard name == "application/json" || (name.hasPrefix("application/") && name.hasSuffix("+json")), isUTF8 else {
            throw ContractError(.contentType, "data must be application/json in UTF-8")
        }
    }
}
