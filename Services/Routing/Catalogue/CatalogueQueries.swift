import Contracts
import EventLog
import Postgres

/// Statements about the catalogues that decided here.
enum CatalogueQueries {
    /// Keeps what is not kept yet: nothing is written for a result that another case has too. In one order for all, so that two groups
    /// never wait for each other.
    static func keep(_ results: [CatalogueResult]) -> SQL {
        let byHash = Dictionary(results.map { ($0.hash, $0) }, uniquingKeysWith: { first, _ in first })
        let rows = byHash.sorted { $0.key < $1.key }.map(\.value)
        return """
            INSERT INTO catalogue_result (id, rules, version, row_code, level, lead, co_handlers, profile, department_only, basis, reason,
                alarm_row, alarm_code, alarm_reason)
            SELECT u.id, u.rules, u.version, u.row_code, u.level::handling_level, u.lead, u.co_handlers::text[], u.profile, u.department_only,
                u.basis, u.reason, u.alarm_row, u.alarm_code, u.alarm_reason
            FROM unnest(\(rows.map(\.hash)), \(rows.map(\.rules)), \(rows.map(\.version)), \(rows.map(\.row)), \(rows.map(\.level.rawValue)),
                \(rows.map(\.lead?.description)), \(rows.map { PostgresArrayText($0.coHandlers.map(\.description)) }),
                \(rows.map(\.clocks)), \(rows.map(\.isDepartmentOnly)), \(rows.map(\.basis)), \(rows.map(\.reason)),
                \(rows.map(\.alarm?.row)), \(rows.map(\.alarm?.code)), \(rows.map(\.alarm?.reason)))
                AS u(id, rules, version, row_code, level, lead, co_handlers, profile, department_only, basis, reason, alarm_row, alarm_code,
                    alarm_reason)
            WHERE NOT EXISTS (SELECT FROM catalogue_result r WHERE r.id = u.id)
            ON CONFLICT (id) DO NOTHING
            """
    }

    /// What a case's result says, of `catalogue_result r`.
    static let columns: SQL =
        """
        r.level::text AS level, r.lead, r.co_handlers, r.profile, r.department_only, r.basis, r.row_code,
        r.rules, r.version AS catalogue_version, r.reason AS result_reason, r.alarm_row, r.alarm_code, r.alarm_reason
        """
}
