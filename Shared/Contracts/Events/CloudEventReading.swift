import JSON

/// Reading CloudEvents from outside, in both modes of the Kafka binding.
extension CloudEvent {
    /// Takes a record apart into attributes and data.
    ///
    /// `content-type: application/cloudevents+json` (in any case, with any parameters) means structured mode, everything
    /// else binary. Refused is only what leaves the meaning open: specversion, id, source, type, subject or the data's kind
    /// that are missing, unreadable or there with two values. Everything else is a remark: where it cannot be read it is not
    /// there. A header without a value is not there either. Data is checked to be JSON in structured mode only; in binary mode it
    /// is returned as it came.
    public static func parse(
        headers: [(name: String, value: [UInt8]?)], value: [UInt8]
    ) throws(ContractError) -> (event: CloudEvent, data: [UInt8]) {
        let headers = Headers(all: headers)
        guard !value.isEmpty else { throw ContractError(.noData, "the record has no value") }
        let contentType = try headers.contentType()
        let trace = headers.remark("traceparent", where: isTraceparent)
        if contentType.name.hasPrefix("application/cloudevents") {
            guard contentType.name == CloudEvent.structuredType, contentType.isUTF8 else {
                throw ContractError(.contentType, "structured mode is read as application/cloudevents+json in UTF-8 only")
            }
            return try structured(value, traceparent: trace)
        }
        try contentType.demandJSON()
        let event = try CloudEvent(
            meant: { name throws(ContractError) in try headers.meant("ce_" + name) }, remark: { headers.remark("ce_" + $0) },
            traceparent: trace ?? headers.remark("ce_traceparent"))
        return (event, value)
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
                    } else if let text = try attribute(&value, isMeant: meant.contains(name)) {
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
        let event = try CloudEvent(
            meant: { attributes[$0] }, remark: { attributes[$0] }, traceparent: traceparent ?? attributes["traceparent"])
        guard let data, data != Array("null".utf8) else { throw ContractError(.noData, "the event has no data") }
        return (event, data)
    }

    /// What the meaning rests on: without it nobody knows what is said, by whom, or whether it was said before.
    private static let meant: Set<String> = ["specversion", "id", "source", "type", "subject", "datacontenttype", "data_base64"]

    /// Attributes are strings, integers or booleans; `null` means absent, and so does another kind of value where nothing rests on it.
    private static func attribute(_ reader: inout JSONReader, isMeant: Bool) throws(JSONError) -> String? {
        let before = reader
        switch try reader.value() {
        case .string(let text) where text.utf8.count <= maxAttributeBytes: return text
        case .int(let number): return String(number)
        case .bool(let flag): return flag ? "true" : "false"
        case .null: return nil
        default:
            guard isMeant else { return nil }
            throw before.failure(.wrongType, "an attribute is a short string, an integer or a boolean")
        }
    }

    /// - Parameters:
    ///   - meant: an attribute that the meaning rests on; throws where it cannot be told what it says.
    ///   - remark: another one.
    private init(
        meant: (String) throws(ContractError) -> String?, remark: (String) -> String?, traceparent: String?
    ) throws(ContractError) {
        guard let version = try meant("specversion") else {
            throw ContractError(.specVersion, "the attribute specversion is missing: this is no CloudEvent")
        }
        guard version == Self.specVersion else { throw ContractError(.specVersion, "only specversion 1.0 is read") }
        func required(_ name: String) throws(ContractError) -> String {
            guard let text = try meant(name), !text.isEmpty else {
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
        subject = try meant("subject").flatMap { $0.isEmpty ? nil : $0 }
        time = remark("time").flatMap { Timestamp($0) }
        dataSchema = remark("dataschema")
        partitionKey = remark("partitionkey")
        sequence = remark("sequence").flatMap { Int64($0) }.flatMap { $0 < 0 ? nil : $0 }
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

/// A record's headers, as CloudEvents reads them. Names may repeat, and values need not be text.
private struct Headers {
    let all: [(name: String, value: [UInt8]?)]

    /// What a header says that the meaning rests on; nil when it is not there. One that says the same twice has said it.
    func meant(_ name: String) throws(ContractError) -> String? {
        var said: [UInt8]?
        for (other, value) in all where other == name {
            guard let value else { continue }
            guard said == nil || said == value else {
                throw ContractError(.badAttribute, "the header \(name) is there with two values")
            }
            said = value
        }
        guard let said else { return nil }
        guard let text = Self.text(said) else {
            throw ContractError(.badAttribute, "the header \(name) is too long or not UTF-8")
        }
        return text
    }

    /// The first value that can be read.
    func remark(_ name: String, where isGood: (String) -> Bool = { _ in true }) -> String? {
        for (other, value) in all where other == name {
            if let text = value.flatMap(Self.text), isGood(text) { return text }
        }
        return nil
    }

    /// Kafka's header names are case-sensitive, but HTTP bridges write Content-Type, and some both.
    func contentType() throws(ContractError) -> MediaType {
        let name = "content-type"
        var said: MediaType?
        for (other, value) in all where other.utf8.count == name.utf8.count && other.lowercased() == name {
            guard let value else { continue }
            guard let text = Self.text(value) else { throw ContractError(.contentType, "the header content-type is too long or not UTF-8") }
            let type = MediaType(text)
            guard said == nil || said == type else { throw ContractError(.contentType, "the header content-type is there with two values") }
            said = type
        }
        if let said { return said }
        return MediaType(try meant("ce_datacontenttype") ?? "application/json")
    }

    private static func text(_ value: [UInt8]) -> String? {
        value.count <= CloudEvent.maxAttributeBytes ? String(validating: value, as: UTF8.self) : nil
    }
}

/// A media type as far as we care: its name and whether its character set is UTF-8.
private struct MediaType: Equatable {
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
