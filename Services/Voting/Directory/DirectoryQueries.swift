import Postgres

/// Every statement about the directory as voting knows it.
enum DirectoryQueries {
    /// A department's code may look like an area's, so the kind is part of the key.
    enum Kind: String { case area, department }

    static func learn(_ names: [(code: String, version: Int32, name: String)], kind: Kind) -> SQL {
        """
        INSERT INTO directory_name (kind, code, version, name)
        SELECT \(kind.rawValue), * FROM unnest(\(names.map(\.code)), \(names.map(\.version)), \(names.map(\.name)))
        ON CONFLICT (kind, code) DO UPDATE SET version = excluded.version, name = excluded.name
        WHERE directory_name.version < excluded.version
        """
    }
}
