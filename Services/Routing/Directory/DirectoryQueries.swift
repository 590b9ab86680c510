import Contracts
import Postgres

/// Statements about what was published of the directory.
enum DirectoryQueries {
    /// One publisher at a time, so that two starting replicas do not publish the same entry twice.
    static let alone: SQL = "LOCK TABLE directory_entry IN SHARE ROW EXCLUSIVE MODE"

    static let published: SQL = "SELECT subject, kind, version, payload FROM directory_entry"

    static func put(_ entries: [PublishedEntry]) -> SQL {
        """
        INSERT INTO directory_entry (subject, kind, version, payload)
        SELECT * FROM unnest(\(entries.map(\.subject)), \(entries.map(\.kind.rawValue)), \(entries.map(\.version)), \(entries.map(\.payload)))
        ON CONFLICT (subject) DO UPDATE SET kind = excluded.kind, version = excluded.version, payload = excluded.payload
        """
    }
}

/// An entry of the directory as the other services were last told of it.
struct PublishedEntry: PostgresRowDecodable {
    enum Kind: String { case area, department, category, plate }

    let subject: String
    let kind: Kind
    let version: Int32
    /// Nothing once it is retired.
    let payload: [UInt8]?

    init(_ subject: String, _ kind: Kind, version: Int32, payload: [UInt8]?) {
        (self.subject, self.kind, self.version, self.payload) = (subject, kind, version, payload)
    }

    init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(try row["subject"], try row.choice("kind"), version: try row["version"], payload: try row["payload"])
    }

    /// What says that it is no longer in use. Throws for a code that is none of its kind.
    var retirement: any RetirementEvent {
        get throws(PostgresError) {
            let event: (any RetirementEvent)? =
                switch kind {
                case .area: AreaCode(subject).map { AreaRetired(area: $0) }
                case .department: DepartmentCode(subject).map { DepartmentRetired(department: $0) }
                case .category: CategoryCode(subject).map { CategoryRetired(category: $0) }
                case .plate: PlateCode(subject).map { PlateRetired(plate: $0) }
                }
            guard let event else { throw .decode("directory_entry: “\(subject)” is no code of the kind \(kind.rawValue)") }
            return event
        }
    }

    /// Children come before their parents: plates lie in grids, grids in communities.
    var place: (Int, String) {
        switch kind {
        case .plate: (0, subject)
        case .category: (1, subject)
        case .department: (2, subject)
        case .area: (3 + AreaLevel.allCases.reversed().prefix { $0 != AreaCode(subject)?.level }.count, subject)
        }
    }
}
