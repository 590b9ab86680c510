/// A value that reads itself from JSON.
public protocol JSONDecodable {
    init(json reader: inout JSONReader) throws(JSONError)
}

/// What to do with members nobody asked for.
public enum UnknownMembers: Sendable {
    /// An error: for requests and for our own goldens, where a stranger is a typing mistake.
    case refuse
    /// Checked to be strict JSON and left alone: for events, whose newer writers may add members.
    case ignore
}

/// A strict pull reader over bytes: no tree is built, a value reads itself from where it stands.
///
/// Takes RFC 8259 and less: UTF-8 only and without a byte order mark, no duplicate names (also not through escapes), no
/// NUL, no lone surrogates, at most 32 levels, integers written as integers, numbers their type can hold. It never
/// traps, whatever the bytes.
public struct JSONReader: Sendable {
    /// Objects and arrays within each other.
    public static let maxDepth = 32
    /// Longest text of one number. A `Double` needs 25; longer ones only cost time.
    public static let maxNumberBytes = 128

    let bytes: [UInt8]
    var position: Int
    let limit: Int
    var depth: Int
    let unknownMembers: UnknownMembers
    /// The enclosing object's scan has found this slice well-formed already; a second scan may take short cuts.
    let isChecked: Bool
    /// Known when the slice is one string that the enclosing object's scan has seen.
    let hasEscapes: Bool?

    public init(_ bytes: [UInt8], unknown: UnknownMembers = .refuse) {
        self.init(bytes, 0..<bytes.count, depth: 0, unknown: unknown, isChecked: false)
    }

    init(
        _ bytes: [UInt8], _ range: Range<Int>, depth: Int, unknown: UnknownMembers, isChecked: Bool, hasEscapes: Bool? = nil
    ) {
        self.bytes = bytes
        position = range.lowerBound
        limit = range.upperBound
        self.depth = depth
        unknownMembers = unknown
        self.isChecked = isChecked
        self.hasEscapes = hasEscapes
    }

    /// Reads a whole document and demands that nothing follows it.
    public static func decode<T: JSONDecodable>(
        _ type: T.Type = T.self, from bytes: [UInt8], unknown: UnknownMembers = .refuse
    ) throws(JSONError) -> T {
        var reader = JSONReader(bytes, unknown: unknown)
        let value = try T(json: &reader)
        try reader.end()
        return value
    }

    // MARK: Values

    /// Reads an object: `body` takes the members it knows; what is left over is judged by `unknown`, which is the
    /// reader's own rule unless given.
    public mutating func object<R>(
        unknown: UnknownMembers? = nil, _ body: (inout JSONMembers) throws(JSONError) -> R
    ) throws(JSONError) -> R {
        var members = try JSONMembers(&self)
        let value = try body(&members)
        try members.finish(unknown ?? unknownMembers)
        return value
    }

    /// Reads an array of values of one type.
    public mutating func array<T: JSONDecodable>(
        of type: T.Type = T.self, maxCount: Int = .max
    ) throws(JSONError) -> [T] {
        var values: [T] = []
        try elements { reader throws(JSONError) in
            if values.count >= maxCount {
                throw reader.failure(.tooLong, "more than \(maxCount) elements")
            }
            values.append(try T(json: &reader))
        }
        return values
    }

    /// Calls `body` once for each element of an array; it must read exactly that element.
    public mutating func elements(_ body: (inout JSONReader) throws(JSONError) -> Void) throws(JSONError) {
        try expect(0x5B, "an array")
        try enter()
        defer { depth &-= 1 }
        skipSpace()
        if current == 0x5D {
            position &+= 1
            return
        }
        var index = 0
        while true {
            skipSpace()
            let start = position
            do { try body(&self) } catch { throw error.inside(String(index)) }
            if position == start { throw failure(.syntax, "a value is missing").inside(String(index)) }
            index &+= 1
            if try closesOrContinues(with: 0x5D) { return }
        }
    }

    /// Reads a string of at most `maxBytes` bytes of UTF-8 after unescaping.
    public mutating func string(maxBytes: Int = .max) throws(JSONError) -> String {
        skipSpace()
        guard current == 0x22 else { throw unexpected("a string") }
        let start = position
        let text = try scanString()
        let value =
            text.isEscaped
            ? String(decoding: unescape(text), as: UTF8.self) : String(decoding: bytes[text.start..<text.end], as: UTF8.self)
        if value.utf8.count > maxBytes { throw failure(.tooLong, "more than \(maxBytes) bytes", at: start) }
        return value
    }

    /// Reads an integer written as one: `1.0` and `1e2` are numbers, not integers.
    public mutating func int64() throws(JSONError) -> Int64 {
        skipSpace()
        let start = position
        let number = try scanNumber("an integer")
        guard number.isInteger else { throw failure(.wrongType, "an integer is due", at: start) }
        return try integer(number)
    }

    /// Reads a finite number; an integer must be one a `Double` holds exactly.
    public mutating func double() throws(JSONError) -> Double {
        skipSpace()
        return try double(scanNumber("a number"))
    }

    public mutating func bool() throws(JSONError) -> Bool {
        skipSpace()
        if takeWord("true") { return true }
        if takeWord("false") { return false }
        throw unexpected("true or false")
    }

    public mutating func null() throws(JSONError) {
        skipSpace()
        guard takeWord("null") else { throw unexpected("null") }
    }

    /// Whether the next value is `null`; reads nothing.
    public mutating func isNull() -> Bool {
        skipSpace()
        return current == 0x6E
    }

    /// Reads any value as a tree.
    public mutating func value() throws(JSONError) -> JSONValue { try JSONValue(json: &self) }

    /// Reads any value and returns its bytes as they stand in the document, checked to be strict JSON.
    public mutating func raw() throws(JSONError) -> [UInt8] {
        skipSpace()
        let start = position
        _ = try value()
        return Array(bytes[start..<position])
    }

    /// Demands that only white space is left.
    public mutating func end() throws(JSONError) {
        skipSpace()
        guard position == limit else { throw failure(.syntax, "text after the end of the document") }
    }

    // MARK: Errors for conforming types

    /// An error about the value that starts at `offset` (bytes from the start of the document), or about where the
    /// reader stands.
    public func failure(_ code: JSONError.Code, _ detail: String, at offset: Int? = nil) -> JSONError {
        JSONError(code: code, offset: offset ?? position, detail: detail)
    }

    /// Reads a string and turns it into a value; `nil` becomes `invalidValue` with `expected` in words,
    /// which are made only then.
    public mutating func parsed<T>(_ expected: @autoclosure () -> String, _ parse: (String) -> T?) throws(JSONError) -> T {
        skipSpace()
        let start = position
        let text = try string()
        guard let value = parse(text) else { throw failure(.invalidValue, "\(expected()) is due", at: start) }
        return value
    }
}
