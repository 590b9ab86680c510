/// One step of a database's schema. Once applied anywhere it is never edited; what follows is a new step.
public struct Migration: Sendable, Hashable {
    /// Steps run in this order. Gaps are allowed.
    public let version: Int
    public let name: String
    /// Any number of statements; they run in one transaction, so none of them may be one that refuses that.
    public let sql: String

    public init(version: Int, name: String, sql: String) {
        self.version = version
        self.name = name
        self.sql = sql
    }

    /// Reads embedded files named `V0001_what_it_does.sql` (or, as SwiftPM spells them, `V0001_what_it_does_sql`).
    ///
    /// Throws a `migration` error for other names, doubled versions and text that is not UTF-8.
    public static func parse(embedded files: [(String, [UInt8])]) throws(PostgresError) -> [Migration] {
        var migrations: [Migration] = []
        for (file, bytes) in files { migrations.append(try parse(file, bytes)) }
        return try ordered(migrations)
    }

    static func ordered(_ migrations: [Migration]) throws(PostgresError) -> [Migration] {
        let sorted = migrations.sorted { $0.version < $1.version }
        for (one, next) in zip(sorted, sorted.dropFirst()) where one.version == next.version {
            throw PostgresError(.migration, "version \(one.version) twice: \(one.name) and \(next.name)")
        }
        return sorted
    }

    private static func parse(_ file: String, _ bytes: [UInt8]) throws(PostgresError) -> Migration {
        let stem = file.hasSuffix(".sql") || file.hasSuffix("_sql") ? file.dropLast(4) : file[...]
        let parts = stem.split(separator: "_", maxSplits: 1)
        guard parts.count == 2, parts[0].first == "V", let version = Int(parts[0].dropFirst()), version > 0 else {
            throw PostgresError(.migration, "\(file): not of the form V0001_name.sql")
        }
        guard let sql = String(validating: bytes, as: UTF8.self), !sql.utf8.contains(0) else {
            throw PostgresError(.migration, "\(file): not UTF-8 text")
        }
        return Migration(version: version, name: String(parts[1]), sql: sql)
    }
}
