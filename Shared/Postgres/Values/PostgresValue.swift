/// A number Postgres gives to a type.
public struct PostgresOID: RawRepresentable, Sendable, Hashable, ExpressibleByIntegerLiteral {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public init(integerLiteral value: UInt32) { rawValue = value }
}

/// A Swift value that travels to and from Postgres in its binary form.
///
/// A type with a raw value that is one needs nothing but `extension Colour: PostgresValue, PostgresArrayElement {}`.
public protocol PostgresValue: Sendable {
    /// The type a parameter is declared with.
    static var oid: PostgresOID { get }
    /// True is sent as NULL; `encode` is then not asked.
    var isNull: Bool { get }
    /// Appends the binary form.
    func encode(into encoder: inout PostgresEncoder)
    /// Reads the binary form. Throws `PostgresError.decode(…)`; the row adds the column's name.
    static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> Self
}

extension PostgresValue {
    public var isNull: Bool { false }
}

/// A value of which arrays may be sent: `[Value]` and `[Value?]`.
public protocol PostgresArrayElement: PostgresValue {
    /// The type of an array of these.
    static var arrayOID: PostgresOID { get }
    /// How an array of these is written; for almost all, Postgres' one-dimensional array.
    static func encode(array: [Self], into encoder: inout PostgresEncoder)
    /// How an array of these is read.
    static func decode(array cell: borrowing PostgresCell) throws(PostgresError) -> [Self]
}

/// Where values write their binary form.
public struct PostgresEncoder {
    /// What was written.
    public internal(set) var bytes: [UInt8]

    init(bytes: [UInt8] = []) { self.bytes = bytes }

    /// Network byte order, as Postgres wants every number.
    public mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    public mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// Length, then the value: the form of array elements and COPY fields. NULL is length -1.
    mutating func appendField(_ value: some PostgresValue) {
        if value.isNull {
            append(Int32(-1))
            return
        }
        let mark = bytes.count
        append(Int32(0))
        value.encode(into: &self)
        let length = UInt32(truncatingIfNeeded: bytes.count - mark - 4)
        bytes[mark] = UInt8(truncatingIfNeeded: length >> 24)
        bytes[mark + 1] = UInt8(truncatingIfNeeded: length >> 16)
        bytes[mark + 2] = UInt8(truncatingIfNeeded: length >> 8)
        bytes[mark + 3] = UInt8(truncatingIfNeeded: length)
    }
}

/// The bytes of one value as the server sent them; lives as long as the call that was given it.
public struct PostgresCell: ~Copyable {
    /// The type the server says it is.
    public let oid: PostgresOID
    /// Nil is NULL.
    let raw: UnsafeRawBufferPointer?

    init(oid: PostgresOID, raw: UnsafeRawBufferPointer?) {
        self.oid = oid
        self.raw = raw
    }

    public var isNull: Bool { raw == nil }

    /// All bytes. Throws for NULL.
    public func bytes() throws(PostgresError) -> [UInt8] { [UInt8](try contents()) }

    /// A number in network byte order, of exactly this width.
    public func integer<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(PostgresError) -> Number {
        let contents = try contents()
        guard contents.count == MemoryLayout<Number>.size else {
            throw .decode("\(contents.count) bytes where \(MemoryLayout<Number>.size) belong")
        }
        return Number(bigEndian: contents.loadUnaligned(as: Number.self))
    }

    /// Strict UTF-8.
    public func text() throws(PostgresError) -> String {
        let contents = try contents()
        guard let text = String(validating: contents, as: UTF8.self) else { throw .decode("not UTF-8") }
        return text
    }

    func contents() throws(PostgresError) -> UnsafeRawBufferPointer {
        guard let raw else { throw .decode("NULL, but the type is not optional") }
        return raw
    }

    /// The error of a type that is not one of those a value reads.
    public func mismatch(_ wanted: String) -> PostgresError {
        if isNull { return .decode("NULL, but the type is not optional") }
        let hint = oid == .numeric ? "; cast it in the statement" : ""
        return .decode("type \(oid.name) where \(wanted) was expected\(hint)")
    }
}

extension PostgresOID {
    static let bool: PostgresOID = 16
    static let bytea: PostgresOID = 17
    static let int8: PostgresOID = 20
    static let int2: PostgresOID = 21
    static let int4: PostgresOID = 23
    static let text: PostgresOID = 25
    static let numeric: PostgresOID = 1700

    /// The name of the types people meet; the number of others.
    var name: String { Self.names[rawValue] ?? "oid \(rawValue)" }

    private static let names: [UInt32: String] = [
        16: "bool", 17: "bytea", 18: "\"char\"", 19: "name", 20: "int8", 21: "int2", 23: "int4", 25: "text", 26: "oid",
        114: "json", 700: "float4", 701: "float8", 705: "unknown", 1042: "bpchar", 1043: "varchar", 1082: "date",
        1114: "timestamp", 1184: "timestamptz", 1186: "interval", 1700: "numeric", 2249: "record", 2950: "uuid",
        3802: "jsonb", 5038: "pg_snapshot", 5069: "xid8", 1000: "bool[]", 1001: "bytea[]", 1005: "int2[]", 1007: "int4[]",
        1009: "text[]", 1016: "int8[]", 1022: "float8[]", 1185: "timestamptz[]", 2951: "uuid[]", 2278: "void",
    ]
}
