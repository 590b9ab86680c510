import Contracts
import EventLog
import Postgres

/// Statements that write cases: always whole groups, so that one and five hundred cost the same number of round trips.
enum CaseWriteQueries {
    static func insert(_ c: CaseColumns, _ o: OpeningColumns) -> SQL {
        """
        INSERT INTO service_case (ticket, submitted_at, opened_at, catalogue_result, urgency, channel, number, street, community, grid,
            plate, place_name, category, \(changing))
        SELECT u.ticket, u.submitted_at, u.opened_at, u.catalogue_result, u.urgency::case_urgency, u.channel::case_channel, u.number,
            u.street, u.community, u.grid, u.plate, u.place_name, u.category, \(changed)
        FROM unnest(\(c.tickets), \(o.submittedAt), \(o.openedAt), \(o.results), \(o.urgencies), \(o.channels), \(o.numbers),
            \(o.streets), \(o.communities), \(o.grids), \(o.plates), \(o.placeNames), \(o.categories), \(values(c)))
            AS u(ticket, submitted_at, opened_at, catalogue_result, urgency, channel, number, street, community, grid, plate,
                place_name, category, \(changing))
        """
    }

    /// Fails as a conflict unless each of the cases still has the version that was read.
    static func update(_ c: CaseColumns) -> SQL {
        """
        WITH changed AS (
            UPDATE service_case c SET (\(changing)) = ROW(\(changed))
            FROM unnest(\(c.tickets), \(c.before), \(values(c))) AS u(ticket, before, \(changing))
            WHERE c.ticket = u.ticket AND c.version = u.before RETURNING c.ticket
        )
        SELECT expect_rows(count(*), \(Int64(c.tickets.count))) FROM changed
        """
    }

    static func insertReports(_ o: OpeningColumns, of tickets: [CaseID]) -> SQL {
        """
        INSERT INTO case_report (ticket, lat, lng, has_contact, photos, text, reason)
        SELECT u.ticket, u.lat, u.lng, u.has_contact, u.photos::uuid[], u.text, u.reason
        FROM unnest(\(tickets), \(o.latitudes), \(o.longitudes), \(o.hasContact), \(o.photos), \(o.texts), \(o.reasons))
            AS u(ticket, lat, lng, has_contact, photos, text, reason)
        """
    }

    // MARK: The columns that change

    private static let changing: SQL =
        """
        version, state, changed_at, changed_by, changed_by_person, next_due, first_answered_at, closed_at, owner_kind, owner, proposed_ending, ending, reopen_count,
        supervision, held_by_street, accept_lapsed, contacted, self_handled, window_over, merged_into, suspended_from, suspended_until,
        approver_kind, approver, resumes_to, suspension_reason
        """

    private static let changed: SQL =
        """
        u.version, u.state::case_state, u.changed_at, u.changed_by, u.changed_by_person, u.next_due, u.first_answered_at, u.closed_at, u.owner_kind::unit_kind, u.owner,
        u.proposed_ending::case_ending, u.ending::case_ending, u.reopen_count, u.supervision, u.held_by_street, u.accept_lapsed,
        u.contacted, u.self_handled, u.window_over, u.merged_into, u.suspended_from, u.suspended_until, u.approver_kind::unit_kind,
        u.approver, u.resumes_to::case_state, u.suspension_reason
        """

    private static func values(_ c: CaseColumns) -> SQL {
        """
        \(c.versions), \(c.states), \(c.changedAt), \(c.changedBy), \(c.persons), \(c.nextDues), \(c.firstAnsweredAt), \(c.closedAt), \(c.ownerKinds), \(c.owners),
        \(c.proposedEndings), \(c.endings), \(c.reopenCounts), \(c.supervisions), \(c.heldByStreet), \(c.acceptLapsed), \(c.contacted),
        \(c.selfHandled), \(c.windowOver), \(c.mergedInto), \(c.suspendedFrom), \(c.suspendedUntil), \(c.approverKinds),
        \(c.approvers), \(c.resumesTo), \(c.suspensionReasons)
        """
    }
}
