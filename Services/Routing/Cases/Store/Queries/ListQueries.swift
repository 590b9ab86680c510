import Contracts
import EventLog
import Postgres

/// Statements that list cases: tickets only, which are then read by their keys.
enum ListQueries {
    static func page(_ filter: CaseFilter, for unit: CaseUnit, limit: Int) -> SQL {
        var conditions = [scope(unit)]
        if !filter.states.isEmpty {
            conditions.append("state = ANY(\(filter.states.map(\.rawValue))::text[]::case_state[])")
            if filter.states.allSatisfy({ !$0.isFinal }) { conditions.append(isOpen) }
        }
        if let community = filter.community { conditions.append("community = \(community.description)") }
        if let cursor = filter.cursor { conditions.append("ticket < \(cursor)") }
        return """
            SELECT ticket FROM service_case WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY ticket DESC LIMIT \(Int32(clamping: limit))
            """
    }

    /// Those of some cases that a unit may see.
    static func seen(_ ids: [CaseID], by unit: CaseUnit) -> SQL {
        "SELECT ticket FROM service_case WHERE ticket = ANY(\(ids)) AND \(scope(unit)) ORDER BY ticket"
    }

    /// In the words of the index over open cases.
    static let isOpen: SQL = "state NOT IN ('closed', 'evaluated', 'merged', 'declined', 'withdrawn')"

    /// What a unit may see.
    static func scope(_ unit: CaseUnit) -> SQL {
        switch unit {
        // The street too: it leads the index of open cases.
        case .community(let area): "street = \(area.street?.description) AND community = \(area.description)"
        case .street(let area): "street = \(area.description)"
        case .district(let area): "starts_with(street, \(area.beginning))"
        case .department(let code):
            "EXISTS (SELECT FROM dispatch_order d WHERE d.ticket = service_case.ticket AND d.department = \(code.description))"
        case .nobody: "false"
        }
    }
}

extension AreaCode {
    /// What the codes of all streets in it begin with.
    fileprivate var beginning: String {
        // A municipality's city has no digits of its own behind the province's.
        if level == .city { return String(description.prefix(description.dropFirst(2).allSatisfy { $0 == "0" } ? 2 : 4)) }
        return String(description.prefix(6))
    }
}
