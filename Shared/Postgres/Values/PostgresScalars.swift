public import FoundationEssentials

extension Bool: PostgresArrayElement {
    public static var oid: PostgresOID { .bool }
    public static var arrayOID: PostgresOID { 1000 }
    public func encode(into encoder: inout PostgresEncoder) { encoder.append(UInt8(self ? 1 : 0)) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> Bool {
        guard cell.oid == .bool else { throw cell.mismatch("bool") }
        return try cell.integer(UInt8.self) != 0
    }
}

/// Reads any of Postgres' integers that fits; what does not fit is an error, never a shorter number.
private func decodeInteger<Number: FixedWidthInteger>(_ cell: borrowing PostgresCell) throws(PostgresError) -> Number {
    let wide: Int64
    switch cell.oid.rawValue {
    case 20: wide = try cell.integer(Int64.self)
    case 23: wide = Int64(try cell.integer(Int32.self))
    case 21: wide = Int64(try cell.integer(Int16.self))
    case 26: wide = Int64(try cell.integer(UInt32.self))
    default: throw cell.mismatch("an integer")
    }
    guard let number = Number(exactly: wide) else { throw .decode("the number does not fit into \(Number.self)") }
    return number
}

extension Int16: PostgresArrayElement {
    public static var oid: PostgresOID { .int2 }
    public static var arrayOID: PostgresOID { 1005 }
    public func encode(into encoder: inout PostgresEncoder) { encoder.append(self) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> Int16 { try decodeInteger(cell) }
}

extension Int32: PostgresArrayElement {
    public static var oid: PostgresOID { .int4 }
    public static var arrayOID: PostgresOID { 1007 }
    public func encode(into encoder: inout PostgresEncoder) { encoder.append(self) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> Int32 { try decodeInteger(cell) }
}

extension Int64: PostgresArrayElement {
    public static var oid: PostgresOID { .int8 }
    public static var arrayOID: PostgresOID { 1016 }
    public func encode(into encoder: inout PostgresEncoder) { encoder.append(self) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> Int64 { try decodeInteger(cell) }
}

extension Int: PostgresArrayElement {
    public static var oid: PostgresOID { .int8 }
    public static var arrayOID: PostgresOID { 1016 }
    public func encode(into encoder: inout PostgresEncoder) { encoder.append(Int64(self)) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> Int { try decodeInteger(cell) }
}

/// Transaction numbers (`xid8`).
extension UInt64: PostgresArrayElement {
    public static var oid: PostgresOID { 5069 }
    public static var arrayOID: PostgresOID { 271 }
    public func encode(into encoder: inout PostgresEncoder) { encoder.append(self) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> UInt64 {
        cell.oid == 5069 ? try cell.integer(UInt64.self) : try decodeInteger(cell)
    }
}

/// Alone an `int2`; an array of them is `bytea`, so that `[UInt8]` means bytes.
extension UInt8: PostgresArrayElement {
    public static var oid: PostgresOID { .int2 }
    public static var arrayOID: PostgresOID { .bytea }
    public func encode(into encoder: inout PostgresEncoder) { encoder.append(Int16(self)) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> UInt8 { try decodeInteger(cell) }
    public static func encode(array: [UInt8], into encoder: inout PostgresEncoder) { encoder.append(array) }
    public static func decode(array cell: borrowing PostgresCell) throws(PostgresError) -> [UInt8] {
        guard cell.oid == .bytea else { throw cell.mismatch("bytea") }
        return try cell.bytes()
    }
}

extension Double: PostgresArrayElement {
    public static var oid: PostgresOID { 701 }
    public static var arrayOID: PostgresOID { 1022 }
    public func encode(into encoder: inout PostgresEncoder) { encoder.append(bitPattern) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> Double {
        switch cell.oid.rawValue {
        case 701: return Double(bitPattern: try cell.integer(UInt64.self))
        case 700: return Double(Float(bitPattern: try cell.integer(UInt32.self)))
        case 20, 21, 23: return Double(try Int64.decode(cell))
        default: throw cell.mismatch("float8")
        }
    }
}

extension String: PostgresArrayElement {
    public static var oid: PostgresOID { .text }
    public static var arrayOID: PostgresOID { 1009 }
    public func encode(into encoder: inout PostgresEncoder) { encoder.append(utf8) }
    /// Reads text, varchar, char, name, json, and jsonb as its text.
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> String {
        switch cell.oid.rawValue {
        case 25, 1043, 1042, 19, 114, 705, 18: return try cell.text()
        case 3802: return try PostgresJSON.decode(cell).text()
        default: throw cell.mismatch("text")
        }
    }
}

extension UUID: PostgresArrayElement {
    public static var oid: PostgresOID { 2950 }
    public static var arrayOID: PostgresOID { 2951 }
    public func encode(into encoder: inout PostgresEncoder) {
        withUnsafeBytes(of: uuid) { encoder.append($0) }
    }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> UUID {
        guard cell.oid == 2950 else { throw cell.mismatch("uuid") }
        let contents = try cell.contents()
        guard contents.count == 16 else { throw .decode("a uuid of \(contents.count) bytes") }
        return UUID(uuid: contents.loadUnaligned(as: uuid_t.self))
    }
}

/// A `timestamptz` as whole milliseconds since 1970 UTC; microseconds of the server are rounded down.
public struct PostgresInstant: PostgresArrayElement, Hashable {
    public var millisecondsSince1970: Int64

    public init(millisecondsSince1970: Int64) { self.millisecondsSince1970 = millisecondsSince1970 }

    public static var oid: PostgresOID { 1184 }
    public static var arrayOID: PostgresOID { 1185 }

    /// Postgres counts microseconds from 2000-01-01. What its range does not hold becomes its infinity.
    public func encode(into encoder: inout PostgresEncoder) {
        let (shifted, low) = millisecondsSince1970.subtractingReportingOverflow(Self.epoch)
        let (micros, high) = shifted.multipliedReportingOverflow(by: 1000)
        encoder.append(low || high ? (millisecondsSince1970 < 0 ? Int64.min : .max) : micros)
    }

    /// Throws for `infinity`, which no clock shows.
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> PostgresInstant {
        guard cell.oid == 1184 || cell.oid == 1114 else { throw cell.mismatch("timestamptz") }
        let micros = try cell.integer(Int64.self)
        guard micros != .max, micros != .min else { throw .decode("an infinite time") }
        let down = micros / 1000 - (micros % 1000 < 0 ? 1 : 0)
        return PostgresInstant(millisecondsSince1970: down + epoch)
    }

    private static let epoch: Int64 = 946_684_800_000
}

/// A `timestamptz`; exact to the millisecond only.
extension Date: PostgresArrayElement {
    public static var oid: PostgresOID { PostgresInstant.oid }
    public static var arrayOID: PostgresOID { PostgresInstant.arrayOID }
    public func encode(into encoder: inout PostgresEncoder) {
        let milliseconds = Int64(exactly: (timeIntervalSince1970 * 1000).rounded())
        PostgresInstant(millisecondsSince1970: milliseconds ?? (timeIntervalSince1970 < 0 ? .min : .max)).encode(into: &encoder)
    }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> Date {
        Date(timeIntervalSince1970: Double(try PostgresInstant.decode(cell).millisecondsSince1970) / 1000)
    }
}

/// A `jsonb` document as its UTF-8 text, already written: nothing here checks it but the server.
public struct PostgresJSON: PostgresArrayElement, Hashable {
    public var utf8: [UInt8]

    public init(utf8: [UInt8]) { self.utf8 = utf8 }

    public static var oid: PostgresOID { 3802 }
    public static var arrayOID: PostgresOID { 3807 }

    public func encode(into encoder: inout PostgresEncoder) {
        encoder.append(UInt8(1))
        encoder.append(utf8)
    }

    /// Reads jsonb (version byte 1, then text) and json.
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> PostgresJSON {
        let bytes = try cell.bytes()
        switch cell.oid.rawValue {
        case 114: return PostgresJSON(utf8: bytes)
        case 3802:
            guard bytes.first == 1 else { throw .decode("jsonb of an unknown version") }
            return PostgresJSON(utf8: [UInt8](bytes.dropFirst()))
        default: throw cell.mismatch("jsonb")
        }
    }

    func text() throws(PostgresError) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else { throw .decode("not UTF-8") }
        return text
    }
}

/// Text that is checked UTF-8 already and lies in a larger buffer: bound without making a `String` of it.
public struct PostgresText: PostgresArrayElement, Hashable {
    public var utf8: ArraySlice<UInt8>

    public init(utf8: ArraySlice<UInt8>) { self.utf8 = utf8 }

    public static var oid: PostgresOID { .text }
    public static var arrayOID: PostgresOID { 1009 }
    public func encode(into encoder: inout PostgresEncoder) { encoder.append(utf8) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> PostgresText {
        PostgresText(utf8: [UInt8](try String.decode(cell).utf8)[...])
    }
}

extension PostgresValue where Self: RawRepresentable, RawValue: PostgresValue {
    public static var oid: PostgresOID { RawValue.oid }
    public func encode(into encoder: inout PostgresEncoder) { rawValue.encode(into: &encoder) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> Self {
        guard let value = Self(rawValue: try RawValue.decode(cell)) else { throw .decode("no value of \(Self.self)") }
        return value
    }
}

extension PostgresArrayElement where Self: RawRepresentable, RawValue: PostgresArrayElement {
    public static var arrayOID: PostgresOID { RawValue.arrayOID }
}
