import Contracts
import EventLog
import Postgres

/// Every statement about names.
enum NameQueries {
    static func learn(_ kind: Names.Kind, _ entries: [Envelope<some RegistrationEvent>]) -> SQL {
        """
        INSERT INTO name (kind, code, version, name)
        SELECT \(kind.rawValue), * FROM unnest(\(entries.map(\.subject)), \(entries.map(\.version)), \(entries.map(\.body.name)))
        ON CONFLICT (kind, code) DO UPDATE SET version = excluded.version, name = excluded.name, retired = false
        WHERE name.version < excluded.version
        """
    }

    static func retire(_ kind: Names.Kind, _ entries: [Envelope<some RetirementEvent>]) -> SQL {
        """
        UPDATE name SET version = gone.version, retired = true
        FROM unnest(\(entries.map(\.subject)), \(entries.map(\.version))) AS gone(code, version)
        WHERE name.kind = \(kind.rawValue) AND name.code = gone.code AND name.version < gone.version
        """
    }

    /// Codes of all organisations that were heard of and are in use.
    static let organisations: SQL = """
        SELECT code FROM name WHERE kind IN (\(Names.Kind.area.rawValue), \(Names.Kind.department.rawValue)) AND NOT retired
        """

    /// Names of the given codes, of whatever kind.
    static func names(_ codes: [String]) -> SQL { "SELECT kind, code, name FROM name WHERE code = ANY(\(codes))" }
}

/// A name as it is stored.
struct KnownName: PostgresRowDecodable {
    let kind: Names.Kind?
    let code: String
    let name: String

    init(row: borrowing PostgresRow) throws(PostgresError) {
        kind = Names.Kind(rawValue: try row["kind"])
        code = try row["code"]
        name = try row["name"]
    }
}
