import Contracts
import EventLog
import Postgres

/// Every statement about the directory as voting knows it.
enum DirectoryQueries {
    /// A department's code may look like an area's, so the kind is part of the key.
    enum Kind: String { case area, department }

    static func learn(_ entries: [Envelope<some RegistrationEvent>], kind: Kind) -> SQL {
        """
        INSERT INTO directory_name (kind, code, version, name)
        SELECT \(kind.rawValue), * FROM unnest(\(entries.map(\.body.subject)), \(entries.map(\.version)), \(entries.map(\.body.name)))
        ON CONFLICT (kind, code) DO UPDATE SET version = excluded.version, name = excluded.name
        WHERE directory_name.version < excluded.version
        """
    }
}
