extension Array: PostgresValue where Element: PostgresArrayElement {
    public static var oid: PostgresOID { Element.arrayOID }
    public func encode(into encoder: inout PostgresEncoder) { Element.encode(array: self, into: &encoder) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> [Element] {
        try Element.decode(array: cell)
    }
}

/// `[[UInt8]]` is `bytea[]`. There are no other arrays of arrays.
extension Array: PostgresArrayElement where Element == UInt8 {
    public static var arrayOID: PostgresOID { 1001 }
}

extension Optional: PostgresValue where Wrapped: PostgresValue {
    public static var oid: PostgresOID { Wrapped.oid }
    public var isNull: Bool { self?.isNull ?? true }
    public func encode(into encoder: inout PostgresEncoder) { self?.encode(into: &encoder) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> Wrapped? {
        cell.isNull ? nil : try Wrapped.decode(cell)
    }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement {
    public static var arrayOID: PostgresOID { Wrapped.arrayOID }
}

extension PostgresArrayElement {
    /// One dimension from 1. An empty array has no dimension at all.
    public static func encode(array: [Self], into encoder: inout PostgresEncoder) {
        guard !array.isEmpty else {
            encoder.append(Int32(0))
            encoder.append(Int32(0))
            encoder.append(oid.rawValue)
            return
        }
        encoder.append(Int32(1))
        encoder.append(Int32(array.contains(where: \.isNull) ? 1 : 0))
        encoder.append(oid.rawValue)
        encoder.append(Int32(truncatingIfNeeded: array.count))
        encoder.append(Int32(1))
        for element in array { encoder.appendField(element) }
    }

    public static func decode(array cell: borrowing PostgresCell) throws(PostgresError) -> [Self] {
        var reader = ArrayReader(rest: try cell.contents()[...])
        let dimensions: Int32 = try reader.integer()
        _ = try reader.integer() as Int32
        let element = PostgresOID(rawValue: try reader.integer())
        if dimensions == 0 { return [] }
        guard dimensions == 1 else { throw .decode("\(dimensions) dimensions where one was expected") }
        let count: Int32 = try reader.integer()
        _ = try reader.integer() as Int32
        var array: [Self] = []
        // The count is the server's word: reserve no more than its bytes can hold.
        array.reserveCapacity(min(Int(clamping: count), reader.rest.count / 4))
        for _ in 0..<max(0, count) {
            let length: Int32 = try reader.integer()
            let raw = length < 0 ? nil : try reader.take(Int(length))
            array.append(try decode(PostgresCell(oid: element, raw: raw)))
        }
        return array
    }
}

private struct ArrayReader {
    var rest: Slice<UnsafeRawBufferPointer>

    mutating func take(_ count: Int) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard count >= 0, rest.count >= count else { throw .decode("not an array") }
        defer { rest = rest.dropFirst(count) }
        return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    }

    mutating func integer<Number: FixedWidthInteger>() throws(PostgresError) -> Number {
        Number(bigEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
    }
}

/// A list as Postgres writes arrays, `{"a","b",NULL}`. An array of these is `text[]`, whose elements the statement casts (`u.ids::uuid[]`):
/// so a list for each row travels in one `unnest`.
public struct PostgresArrayText: PostgresArrayElement, Hashable {
    private let text: String

    public init(_ elements: some Sequence<String?>) {
        text = "{" + elements.map { $0.map(Self.quoted) ?? "NULL" }.joined(separator: ",") + "}"
    }

    public init(_ elements: some Sequence<String>) { self.init(elements.map { Optional($0) }) }

    private static func quoted(_ element: String) -> String {
        var quoted = "\""
        for character in element.unicodeScalars {
            if character == "\"" || character == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }

    private init(text: String) { self.text = text }

    public static var oid: PostgresOID { .text }
    public static var arrayOID: PostgresOID { 1009 }
    public func encode(into encoder: inout PostgresEncoder) { text.encode(into: &encoder) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> PostgresArrayText {
        PostgresArrayText(text: try String.decode(cell))
    }
}
