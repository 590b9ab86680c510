public import Contracts
import FoundationEssentials
public import Postgres

// Contracts knows no Postgres and Postgres no contracts: here is the one place where they meet.

extension Identifier: PostgresArrayElement, PostgresValue, PostgresRowDecodable {
    public static var oid: PostgresOID { UUID.oid }
    public static var arrayOID: PostgresOID { UUID.arrayOID }
    public func encode(into encoder: inout PostgresEncoder) { uuid.encode(into: &encoder) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> Self { Self(try UUID.decode(cell)) }
}

/// Stored as `bigint` milliseconds, as it is everywhere in the contracts.
extension Timestamp: PostgresArrayElement, PostgresValue, PostgresRowDecodable {
    public static var oid: PostgresOID { Int64.oid }
    public static var arrayOID: PostgresOID { Int64.arrayOID }
    public func encode(into encoder: inout PostgresEncoder) { milliseconds.encode(into: &encoder) }
    public static func decode(_ cell: borrowing PostgresCell) throws(PostgresError) -> Self {
        Timestamp(milliseconds: try Int64.decode(cell))
    }
}
