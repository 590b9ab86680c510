import Contracts
import EventLog
import Postgres

/// Statements that list cases.
enum ListQueries {
    static func page(_ filter: CaseFilter, for unit: CaseUnit, limit: Int) -> SQL {
        var conditions = [scope(unit)]
        if !filter.states.isEmpty { conditions.append("state = ANY(\(filter.states.map(\.rawValue)))") }
        if let community = filter.community { conditions.append("community = \(community.description)") }
        let order: SQL
        if let since = filter.updatedSince {
            conditions.append("changed_at >= \(since)")
            if let cursor = filter.cursor { conditions.append("(changed_at, ticket) > (\(cursor.changedAt), \(cursor.ticket))") }
            order = "changed_at, ticket"
        } else {
            if let cursor = filter.cursor { conditions.append("ticket < \(cursor.ticket)") }
            order = "ticket DESC"
        }
        return """
            SELECT ticket, document, report FROM case_file WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY \(order) LIMIT \(Int32(clamping: limit))
            """
    }

    /// What a unit may see.
    static func scope(_ unit: CaseUnit) -> SQL {
        switch unit {
        case .community(let area): "community = \(area.description)"
        case .street(let area): "street = \(area.description)"
        case .district(let area): "left(street, 6) = \(String(area.description.prefix(6)))"
        case .department(let code):
            "EXISTS (SELECT FROM dispatch d WHERE d.ticket = case_file.ticket AND d.department = \(code.description))"
        case .nobody: "false"
        }
    }
}
