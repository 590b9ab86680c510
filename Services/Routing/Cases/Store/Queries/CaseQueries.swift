import Contracts
import EventLog
import Postgres

/// Statements that read the rows of cases. Enums are read as their words.
enum CaseQueries {
    /// The cases' own rows with report and catalogue's result, which never change.
    static func cases(_ choice: CaseChoice, _ lock: CaseLock? = nil) -> SQL {
        """
        SELECT c.ticket, c.submitted_at, c.opened_at, c.urgency::text AS urgency, c.channel::text AS channel, c.number, c.street,
            c.community, c.grid, c.plate, c.place_name, c.category, c.version, c.state::text AS state, c.changed_at,
            c.changed_by, c.changed_by_person,
            c.first_answered_at, c.closed_at, c.proposed_ending::text AS proposed_ending, c.ending::text AS ending, c.reopen_count,
            c.supervision, c.held_by_street, c.accept_lapsed, c.contacted, c.self_handled, c.window_over, c.merged_into,
            c.suspended_from, c.suspended_until, c.approver_kind::text AS approver_kind, c.approver,
            c.resumes_to::text AS resumes_to, c.suspension_reason,
            p.lat, p.lng, p.has_contact, p.photos, p.text, p.reason AS report_reason, \(CatalogueQueries.columns)
        FROM service_case c LEFT JOIN case_report p ON p.ticket = c.ticket
            LEFT JOIN catalogue_result r ON r.id = c.catalogue_result
        WHERE c.ticket \(tickets(choice)) ORDER BY c.ticket\(clause(lock))
        """
    }

    static func clocks(_ choice: CaseChoice) -> SQL {
        """
        SELECT ticket, overall_rests, kinds::text[] AS kinds, departments, started_at, due_at, limits, units::text[] AS units,
            held_with, warned, overdue
        FROM case_clock WHERE ticket \(tickets(choice))
        """
    }

    static func whistles(_ choice: CaseChoice) -> SQL {
        """
        SELECT id, ticket, kind::text AS kind, by_kind::text AS by_kind, by_unit, reason, at
        FROM whistle WHERE ticket \(tickets(choice)) AND closed_at IS NULL
        """
    }

    static func orders(_ choice: CaseChoice) -> SQL {
        """
        SELECT o.id, o.ticket, o.called_at, o.role::text AS role, o.department, o.state::text AS state, o.deemed_signed,
            o.signed_at, o.arrived_at, o.completed_at, d.at AS disputed_at, d.ordinal AS dispute_ordinal, d.ground::text AS ground,
            d.court::text AS court, d.verdict::text AS verdict, d.text AS dispute_text
        FROM dispatch_order o LEFT JOIN dispute d ON d.dispatch_order = o.id
        WHERE o.ticket \(tickets(choice)) ORDER BY o.ticket, o.ordinal
        """
    }

    static func parties(_ choice: CaseChoice) -> SQL {
        """
        SELECT ticket, party, number FROM case_party WHERE ticket \(tickets(choice)) AND left_at IS NULL ORDER BY ticket, version
        """
    }

    /// The case that each of some was merged into.
    static func mergedInto(_ ids: [CaseID]) -> SQL {
        "SELECT ticket, merged_into FROM service_case WHERE ticket = ANY(\(ids)) AND merged_into IS NOT NULL"
    }

    static func find(_ number: TicketNumber) -> SQL { "SELECT ticket FROM service_case WHERE number = \(number.description)" }

    /// Whether a case is any of a unit's business; asked where the case itself cannot be read.
    static func isSeen(_ id: CaseID, by unit: CaseUnit) -> SQL {
        "SELECT EXISTS (SELECT FROM service_case WHERE ticket = \(id) AND \(ListQueries.scope(unit))) AS seen"
    }

    static func waiting(_ states: [CaseState]) -> SQL {
        "SELECT state::text AS state, count(*) AS count FROM service_case WHERE state::text = ANY(\(states.map(\.rawValue))) GROUP BY state"
    }

    private static func tickets(_ choice: CaseChoice) -> SQL {
        switch choice {
        case .tickets(let ids): "= ANY(\(ids))"
        case .number(let number): "= (SELECT n.ticket FROM service_case n WHERE n.number = \(number.description))"
        case .dispatch(let id): "= (SELECT n.ticket FROM dispatch_order n WHERE n.id = \(id))"
        }
    }

    private static func clause(_ lock: CaseLock?) -> SQL {
        switch lock {
        case .waiting: " FOR UPDATE OF c"
        case .skipping: " FOR UPDATE OF c SKIP LOCKED"
        case nil: ""
        }
    }
}
