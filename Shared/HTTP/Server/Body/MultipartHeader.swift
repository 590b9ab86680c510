/// What a part's header lines say (RFC 7578).
struct MultipartHeader: Hashable {
    var name = ""
    /// Not nil when the part says that it is a file, whatever its name is worth.
    var filename: String?
    var contentType: String?
    /// Of a text field, in lower case.
    var charset: String?
}

/// Reads a part's header lines, byte by byte.
struct PartHeaderLines {
    private var line: [UInt8] = []
    /// Complete lines wait for the next one: it may go on with them.
    private var waiting: [UInt8]?
    private var header = MultipartHeader()
    private var sawDisposition = false

    /// The header when the empty line behind it is complete.
    mutating func take(_ byte: UInt8) throws(Refusal) -> MultipartHeader? {
        guard byte == .lineFeed else {
            line.append(byte)
            return nil
        }
        guard line.popLast() == .carriageReturn else { throw MultipartSplitter.malformed("a header line does not end in CR LF") }
        defer { line.removeAll(keepingCapacity: true) }
        if let first = line.first, first.isBlank, waiting != nil {
            // Folded (RFC 5322, 2.2.3): generators of mail write long names so.
            waiting?.append(.space)
            waiting? += line[...].trimmed
            return nil
        }
        if let complete = waiting { try read(complete) }
        waiting = line
        guard line.isEmpty else { return nil }
        guard sawDisposition else { throw MultipartSplitter.malformed("a part has no Content-Disposition") }
        return header
    }

    private mutating func read(_ line: [UInt8]) throws(Refusal) {
        guard let colon = line.firstIndex(of: .colon) else { throw MultipartSplitter.malformed("a part's header line has no colon") }
        let name = line[..<colon]
        guard !name.isEmpty, name.allSatisfy(\.isToken) else { throw MultipartSplitter.malformed("a part's header name is no token") }
        let isDisposition = name.equalsIgnoringCase("content-disposition".utf8)
        // Within a file's name, which nothing rests on, a NUL sinks nothing; elsewhere in that line it is refused there.
        guard !line.contains(.carriageReturn), isDisposition || !line.contains(0) else {
            throw MultipartSplitter.malformed("a part's header holds a control byte")
        }
        let value = line[(colon + 1)...].trimmed
        if isDisposition {
            guard !sawDisposition else { throw MultipartSplitter.malformed("a part has two Content-Dispositions") }
            sawDisposition = true
            try readDisposition(value)
        } else if name.equalsIgnoringCase("content-type".utf8) {
            let type = MediaType(value)
            header.contentType = type.essence
            header.charset = type.parameter("charset").map { String(decoding: $0.map(\.lowercased), as: UTF8.self) }
        } else if name.equalsIgnoringCase("content-transfer-encoding".utf8) {
            let plain = ["binary", "8bit", "7bit"].contains { value.equalsIgnoringCase($0.utf8) }
            guard plain else { throw MultipartSplitter.malformed("a part has a transfer encoding") }
        }
    }

    private mutating func readDisposition(_ value: ArraySlice<UInt8>) throws(Refusal) {
        let type = value.prefix { $0 != 0x3B }
        guard type.trimmed.equalsIgnoringCase("form-data".utf8), let found = DispositionParameters(value.dropFirst(type.count)) else {
            throw MultipartSplitter.malformed("a part's Content-Disposition is not form-data")
        }
        // Two names would be two forms for two readers.
        guard found.names.count <= 1 else { throw MultipartSplitter.malformed("a part has two names") }
        guard let bytes = found.names.first else { throw MultipartSplitter.malformed("a part has no name") }
        guard let name = String(validating: bytes, as: UTF8.self), bytes.allSatisfy(\.isFieldValue) else {
            throw MultipartSplitter.malformed("a part's name is no text")
        }
        header.name = name
        header.filename = found.filename
    }
}

/// The parameters of a part's Content-Disposition. The field's name is read strictly; a file's name, which nothing rests on, as
/// clients write it: bare with blanks in it, in any encoding, with quotes inside, beside or instead `filename*` (RFC 5987).
struct DispositionParameters {
    private(set) var names: [[UInt8]] = []
    private var plain: [UInt8]?
    private var encoded: [UInt8]?

    /// The name that a file says it has; the encoded one is the better one (RFC 6266).
    var filename: String? {
        if let encoded, let text = Self.decoded(encoded) { return text }
        return (plain ?? encoded)?.repairedText
    }

    /// Nil when it cannot be told where a parameter ends.
    init?(_ text: ArraySlice<UInt8>) {
        var rest = text.trimmed
        while !rest.isEmpty {
            guard rest.popFirst() == 0x3B else { return nil }
            rest = rest.trimmed
            if rest.isEmpty { return }
            let name = rest.prefix(while: \.isToken)
            rest = rest.dropFirst(name.count).trimmed
            guard !name.isEmpty, rest.popFirst() == 0x3D else { return nil }
            rest = rest.trimmed
            let isFilename = name.equalsIgnoringCase("filename".utf8) || name.equalsIgnoringCase("filename*".utf8)
            guard let value = isFilename ? Self.looseValue(&rest) : Self.value(&rest), isFilename || !value.contains(0) else { return nil }
            rest = rest.trimmed
            if name.equalsIgnoringCase("name".utf8) { names.append(value) }
            if name.equalsIgnoringCase("filename".utf8) { plain = plain ?? value }
            if name.equalsIgnoringCase("filename*".utf8) { encoded = encoded ?? value }
        }
    }

    /// A token, or what stands between quotes; `\"` and `\\` are the only escapes, as browsers write paths with backslashes.
    private static func value(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.first == 0x22 else {
            let token = rest.prefix { $0.isToken || $0 >= 0x80 }
            rest = rest.dropFirst(token.count)
            return token.isEmpty ? nil : Array(token)
        }
        guard let (value, length) = quoted(rest) else { return nil }
        rest = rest.dropFirst(length)
        return value
    }

    /// As `value`; a quote inside does not end it, a missing one at the end does not matter, and without quotes it ends at `;`.
    private static func looseValue(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
        guard rest.first == 0x22 else {
            let bare = rest.prefix { $0 != 0x3B }
            rest = rest.dropFirst(bare.count)
            return Array(bare.trimmed)
        }
        if let (value, length) = quoted(rest), ends(rest.dropFirst(length)) {
            rest = rest.dropFirst(length)
            return value
        }
        // The first quote that a parameter or the end follows.
        var index = rest.startIndex + 1
        while index < rest.endIndex {
            if rest[index] == 0x22, ends(rest[(index + 1)...]) { break }
            index += 1
        }
        let value = Array(rest[(rest.startIndex + 1)..<index])
        rest = rest[min(index + 1, rest.endIndex)...]
        return value
    }

    private static func ends(_ rest: ArraySlice<UInt8>) -> Bool {
        let rest = rest.drop(while: \.isBlank)
        return rest.isEmpty || rest.first == 0x3B
    }

    private static func quoted(_ text: ArraySlice<UInt8>) -> (value: [UInt8], length: Int)? {
        var value: [UInt8] = []
        var index = text.startIndex + 1
        while index < text.endIndex {
            let byte = text[index]
            if byte == 0x22 { return (value, index + 1 - text.startIndex) }
            if byte == 0x5C, index + 1 < text.endIndex, text[index + 1] == 0x22 || text[index + 1] == 0x5C { index += 1 }
            value.append(text[index])
            index += 1
        }
        return nil
    }

    /// `utf-8''%E7%85%A7.jpg` as text; nil for other encodings and what is malformed.
    private static func decoded(_ value: [UInt8]) -> String? {
        let parts = value.split(separator: 0x27, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].equalsIgnoringCase("utf-8".utf8) else { return nil }
        var bytes: [UInt8] = []
        var rest = parts[2]
        while let byte = rest.popFirst() {
            guard byte == .percent else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexValue, let low = rest.popFirst()?.hexValue else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
