import CLibpq
public import FoundationEssentials
import Glibc

/// One answer of libpq, freed with this object. Read by one task at a time: the name cache is not locked.
///
/// Unchecked because the memory of a `PGresult` never changes once it is handed out, and every reader owns it alone.
final class PostgresResult: @unchecked Sendable {
    private let raw: OpaquePointer
    let rowCount: Int
    private let columnCount: Int
    /// Column literals met so far, by address: a literal at one place of the program is one address.
    private var known: [(name: UnsafePointer<UInt8>, index: Int)] = []

    init(taking raw: OpaquePointer) {
        self.raw = raw
        rowCount = Int(PQntuples(raw))
        columnCount = Int(PQnfields(raw))
    }

    deinit { PQclear(raw) }

    /// What the server said it did: `INSERT 0 3`, `COMMIT`, `ROLLBACK`.
    var tag: String { PQcmdStatus(raw).map { String(cString: $0) } ?? "" }

    /// Rows touched or returned; 0 for statements that touch none.
    var affected: Int { PQcmdTuples(raw).flatMap { Int(String(cString: $0)) } ?? 0 }

    func cell(row: Int, column: Int) throws(PostgresError) -> PostgresCell {
        guard let row = CInt(exactly: row), let index = CInt(exactly: column), column >= 0, column < columnCount else {
            throw .decode("no column \(column), the answer has \(columnCount)")
        }
        let oid = PostgresOID(rawValue: PQftype(raw, index))
        if PQgetisnull(raw, row, index) == 1 { return PostgresCell(oid: oid, raw: nil) }
        let length = Int(PQgetlength(raw, row, index))
        return PostgresCell(oid: oid, raw: UnsafeRawBufferPointer(start: PQgetvalue(raw, row, index), count: length))
    }

    func index(of column: StaticString) throws(PostgresError) -> Int {
        // A one-character literal has no address of its own.
        guard column.hasPointerRepresentation else { return try search("\(column)") }
        let name = column.utf8Start
        for entry in known where entry.name == name { return entry.index }
        for index in 0..<columnCount {
            // A literal ends with NUL, so no String is made of either name.
            guard let there = PQfname(raw, CInt(truncatingIfNeeded: index)), strcmp(there, name) == 0 else { continue }
            known.append((name, index))
            return index
        }
        return try search("\(column)")
    }

    private func search(_ wanted: String) throws(PostgresError) -> Int {
        var names: [String] = []
        for index in 0..<columnCount {
            let name = PQfname(raw, CInt(truncatingIfNeeded: index)).map { String(cString: $0) } ?? ""
            if name == wanted { return index }
            names.append(name)
        }
        throw .decode("no column \"\(wanted)\" among \(names.joined(separator: ", "))")
    }
}

/// One row, valid while its reader runs. Columns by name, each decoded to the type asked for.
public struct PostgresRow: ~Copyable {
    private let result: PostgresResult
    private let row: Int

    /// Not inlined: the optimizer of Swift 6.3 fails on specializing a generic function that makes this value in place.
    @inline(never)
    init(_ result: PostgresResult, _ row: Int) {
        self.result = result
        self.row = row
    }

    /// The column's value. Throws a `decode` error that names the column: missing, NULL, wrong type, out of range.
    public subscript<Value: PostgresValue>(_ column: StaticString) -> Value {
        get throws(PostgresError) {
            let index = try result.index(of: column)
            do { return try Value.decode(try result.cell(row: row, column: index)) } catch {
                throw PostgresError(.decode, "column \"\(column)\": \(error.message)")
            }
        }
    }

    /// The value of the column at `position`, from 0; `row.value(at: 0, as: Int.self)`.
    public func value<Value: PostgresValue>(at position: Int, as type: Value.Type = Value.self) throws(PostgresError) -> Value {
        do { return try Value.decode(try result.cell(row: row, column: position)) } catch {
            throw PostgresError(.decode, "column \(position): \(error.message)")
        }
    }
}

/// Made from a row. Scalars read the first column, so `as: Int.self` answers a count.
public protocol PostgresRowDecodable: Sendable {
    init(row: borrowing PostgresRow) throws(PostgresError)
}

extension PostgresRowDecodable where Self: PostgresValue {
    public init(row: borrowing PostgresRow) throws(PostgresError) { self = try row.value(at: 0) }
}

extension Bool: PostgresRowDecodable {}
extension Int: PostgresRowDecodable {}
extension Int32: PostgresRowDecodable {}
extension Int64: PostgresRowDecodable {}
extension UInt64: PostgresRowDecodable {}
extension Double: PostgresRowDecodable {}
extension String: PostgresRowDecodable {}
extension UUID: PostgresRowDecodable {}
extension Date: PostgresRowDecodable {}
extension PostgresInstant: PostgresRowDecodable {}
extension PostgresJSON: PostgresRowDecodable {}
extension Optional: PostgresRowDecodable where Wrapped: PostgresValue {}
extension Array: PostgresRowDecodable where Element: PostgresArrayElement {}

extension PostgresResult {
    func map<Value>(_ transform: (borrowing PostgresRow) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(rowCount)
        for row in 0..<rowCount { values.append(try transform(PostgresRow(self, row))) }
        return values
    }

    func decode<Value: PostgresRowDecodable>(_ statement: Statement) throws(PostgresError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(rowCount)
        for row in 0..<rowCount {
            do { values.append(try Value(row: PostgresRow(self, row))) } catch {
                throw error.adding(statement: statement.sql.text, location: statement.location)
            }
        }
        return values
    }
}
