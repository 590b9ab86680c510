import Contracts
import Crypto
import Postgres

// What the catalogue said, as the row that many cases share: with the version and row that decided.

extension CatalogueResult {
    /// Says the same in every process for the same result, and tells any two apart.
    var hash: Int64 {
        var hash = SHA256()
        hash.update(bigEndian: rules)
        let parts: [String?] =
            [
                version, row, level.rawValue, lead?.description, isDepartmentOnly ? "only" : nil, clocks, basis, reason, alarm?.row,
                alarm?.code, alarm?.reason,
            ] + coHandlers.map(\.description)
        for part in parts {
            hash.update(bigEndian: part.map { Int64($0.utf8.count) } ?? -1)
            hash.update(part ?? "")
        }
        return Int64(bitPattern: hash.digest().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    init(row: borrowing PostgresRow) throws(PostgresError) {
        let coHandlers: [String] = try row["co_handlers"]
        let known = coHandlers.compactMap { DepartmentCode($0) }
        guard known.count == coHandlers.count else { throw .decode("column \"co_handlers\": not a DepartmentCode") }
        self.init(
            level: try row.choice("level"), lead: try row.codeIfPresent("lead"), coHandlers: known, clocks: try row["profile"],
            isDepartmentOnly: try row["department_only"], basis: try row["basis"], row: try row["row_code"],
            version: try row["catalogue_version"], rules: try row["rules"], reason: try row["result_reason"],
            alarm: try CatalogueAlarm(row: row))
    }
}

extension CatalogueAlarm {
    /// `nil` when none was raised.
    init?(row: borrowing PostgresRow) throws(PostgresError) {
        guard let code: String = try row["alarm_code"] else { return nil }
        self.init(row: try row["alarm_row"], code: code, reason: try row["alarm_reason"])
    }
}
