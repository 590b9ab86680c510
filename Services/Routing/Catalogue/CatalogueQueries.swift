import Contracts
import EventLog
import Postgres

/// Statements about the catalogues that decided here.
enum CatalogueQueries {
    static func record(hash: [UInt8], version: String, rows: Int32, at now: Timestamp) -> SQL {
        """
        INSERT INTO catalogue_version (hash, version, rows, loaded_at) VALUES (\(hash), \(version), \(rows), \(now))
        ON CONFLICT (hash) DO NOTHING
        """
    }
}
