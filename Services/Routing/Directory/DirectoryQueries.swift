import Contracts
import Postgres

/// Statements about what was published of the directory.
enum DirectoryQueries {
    /// One publisher at a time, so that two starting replicas do not publish the same entry twice.
    static let alone: SQL = "LOCK TABLE directory_entry IN SHARE ROW EXCLUSIVE MODE"

    static let published: SQL = "SELECT subject, version, payload FROM directory_entry"

    static func put(_ entries: [(subject: String, version: Int32, payload: [UInt8])]) -> SQL {
        """
        INSERT INTO directory_entry (subject, version, payload)
        SELECT * FROM unnest(\(entries.map(\.subject)), \(entries.map(\.version)), \(entries.map(\.payload)))
        ON CONFLICT (subject) DO UPDATE SET version = excluded.version, payload = excluded.payload
        """
    }
}
