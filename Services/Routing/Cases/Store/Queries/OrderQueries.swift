import Contracts
import EventLog
import Postgres

/// Statements that write whistles, the orders that follow, the disputes about them, and who joined a case.
enum OrderQueries {
    static func addWhistles(_ whistles: [(ticket: CaseID, whistle: Whistle)]) -> SQL {
        """
        INSERT INTO whistle (id, ticket, kind, by_kind, by_unit, reason, at)
        SELECT u.id, u.ticket, u.kind::whistle_kind, u.by_kind::unit_kind, u.by_unit, u.reason, u.at
        FROM unnest(\(whistles.map(\.whistle.id)), \(whistles.map(\.ticket)), \(whistles.map(\.whistle.kind.rawValue)),
            \(whistles.map(\.whistle.by.kind.rawValue)), \(whistles.map(\.whistle.by.code)), \(whistles.map(\.whistle.reason)),
            \(whistles.map(\.whistle.at))) AS u(id, ticket, kind, by_kind, by_unit, reason, at)
        """
    }

    static func closeWhistles(_ whistles: [(id: WhistleID, at: Timestamp)]) -> SQL {
        """
        UPDATE whistle w SET closed_at = u.at FROM unnest(\(whistles.map(\.id)), \(whistles.map(\.at))) AS u(id, at) WHERE w.id = u.id
        """
    }

    static func addOrders(_ o: OrderColumns) -> SQL {
        """
        INSERT INTO dispatch_order (id, ticket, whistle, called_at, ordinal, role, department, state, deemed_signed, signed_at,
            arrived_at, completed_at, recalled_at)
        SELECT u.id, u.ticket, u.whistle, u.called_at, u.ordinal, u.role::dispatch_role, u.department, u.state::dispatch_state,
            u.deemed_signed, u.signed_at, u.arrived_at, u.completed_at, u.recalled_at
        FROM unnest(\(o.ids), \(o.tickets), \(o.whistles), \(o.calledAt), \(o.ordinals), \(o.roles), \(o.departments), \(o.states),
            \(o.deemedSigned), \(o.signedAt), \(o.arrivedAt), \(o.completedAt), \(o.recalledAt))
            AS u(id, ticket, whistle, called_at, ordinal, role, department, state, deemed_signed, signed_at, arrived_at, completed_at,
                recalled_at)
        """
    }

    static func changeOrders(_ o: OrderColumns) -> SQL {
        """
        UPDATE dispatch_order o SET state = u.state::dispatch_state, deemed_signed = u.deemed_signed, signed_at = u.signed_at,
            arrived_at = u.arrived_at, completed_at = u.completed_at, recalled_at = u.recalled_at
        FROM unnest(\(o.ids), \(o.states), \(o.deemedSigned), \(o.signedAt), \(o.arrivedAt), \(o.completedAt), \(o.recalledAt))
            AS u(id, state, deemed_signed, signed_at, arrived_at, completed_at, recalled_at)
        WHERE o.id = u.id
        """
    }

    static func addDisputes(_ disputes: [(ordinal: Int16, dispute: Dispute)]) -> SQL {
        """
        INSERT INTO dispute (dispatch_order, at, ordinal, ground, court, verdict, text)
        SELECT u.dispatch_order, u.at, u.ordinal, u.ground::dispute_ground, u.court::dispute_court, u.verdict::dispute_verdict, u.text
        FROM unnest(\(disputes.map(\.dispute.dispatch)), \(disputes.map(\.dispute.at)), \(disputes.map(\.ordinal)),
            \(disputes.map(\.dispute.ground.rawValue)), \(disputes.map(\.dispute.court.rawValue)),
            \(disputes.map(\.dispute.verdict?.rawValue)), \(disputes.map(\.dispute.text)))
            AS u(dispatch_order, at, ordinal, ground, court, verdict, text)
        """
    }

    static func changeDisputes(_ disputes: [Dispute]) -> SQL {
        """
        UPDATE dispute d SET court = u.court::dispute_court, verdict = u.verdict::dispute_verdict
        FROM unnest(\(disputes.map(\.dispatch)), \(disputes.map(\.court.rawValue)), \(disputes.map(\.verdict?.rawValue)))
            AS u(dispatch_order, court, verdict)
        WHERE d.dispatch_order = u.dispatch_order
        """
    }

    static func addParties(_ parties: [CaseParty]) -> SQL {
        """
        INSERT INTO case_party (ticket, version, party, number, joined_at, joined_by)
        SELECT * FROM unnest(\(parties.map(\.ticket)), \(parties.map(\.version)), \(parties.map(\.party)),
            \(parties.map(\.number.description)), \(parties.map(\.at)), \(parties.map(\.by.description)))
        """
    }

    static func closeParties(_ parties: [CaseParty]) -> SQL {
        """
        UPDATE case_party p SET left_at = u.at
        FROM unnest(\(parties.map(\.ticket)), \(parties.map(\.party)), \(parties.map(\.at))) AS u(ticket, party, at)
        WHERE p.ticket = u.ticket AND p.party = u.party AND p.left_at IS NULL
        """
    }
}

/// Orders as columns.
struct OrderColumns {
    private(set) var ids: [DispatchID] = [], tickets: [CaseID] = [], whistles: [WhistleID?] = [], calledAt: [Timestamp] = []
    private(set) var ordinals: [Int16] = [], roles: [String] = [], departments: [String] = [], states: [String] = []
    private(set) var deemedSigned: [Bool] = [], signedAt: [Timestamp?] = [], arrivedAt: [Timestamp?] = []
    private(set) var completedAt: [Timestamp?] = [], recalledAt: [Timestamp?] = []
    var isEmpty: Bool { ids.isEmpty }

    /// - Parameter place: among the case's orders.
    mutating func add(_ dispatch: Dispatch, of serviceCase: ServiceCase, at place: Int) {
        ids.append(dispatch.id)
        tickets.append(serviceCase.id)
        whistles.append(serviceCase.whistle?.id)
        calledAt.append(dispatch.calledAt)
        ordinals.append(Int16(clamping: place))
        roles.append(dispatch.role.rawValue)
        departments.append(dispatch.department.description)
        states.append(dispatch.stage.rawValue)
        deemedSigned.append(dispatch.isSignedByRule)
        signedAt.append(dispatch.signedAt)
        arrivedAt.append(dispatch.arrivedAt)
        completedAt.append(dispatch.completedAt)
        // A recalled order never changes again.
        recalledAt.append(dispatch.isActive ? nil : serviceCase.changedAt)
    }
}

/// That a ticket joined a case, or left it.
struct CaseParty: Hashable, Sendable {
    let ticket: CaseID
    let version: Int32
    let party: TicketID
    let number: TicketNumber
    let by: Actor
    let at: Timestamp
}
