import Contracts
import EventLog
import JSON
import Postgres

/// Statements that write cases: always whole groups, so that one and five hundred cost the same number of round trips.
enum CaseQueries {
    static func insert(_ rows: CaseRows) -> SQL {
        """
        INSERT INTO case_file (ticket, number, version, state, owner_kind, owner, street, community, category, lead, next_due,
            submitted_at, opened_at, changed_at, closed_at, document, report)
        SELECT * FROM unnest(\(rows.tickets), \(rows.numbers), \(rows.versions), \(rows.states), \(rows.ownerKinds),
            \(rows.owners), \(rows.streets), \(rows.communities), \(rows.categories), \(rows.leads), \(rows.nextDues),
            \(rows.submittedAt), \(rows.openedAt), \(rows.changedAt), \(rows.closedAt), \(rows.documents), \(rows.reports))
        """
    }

    /// The rows are locked by then, so the versions need no comparing.
    static func update(_ rows: CaseRows) -> SQL {
        """
        UPDATE case_file c SET version = u.version, state = u.state, owner_kind = u.owner_kind, owner = u.owner, lead = u.lead,
            next_due = u.next_due, changed_at = u.changed_at, closed_at = u.closed_at, document = u.document
        FROM unnest(\(rows.tickets), \(rows.versions), \(rows.states), \(rows.ownerKinds), \(rows.owners), \(rows.leads),
            \(rows.nextDues), \(rows.changedAt), \(rows.closedAt), \(rows.documents))
            AS u(ticket, version, state, owner_kind, owner, lead, next_due, changed_at, closed_at, document)
        WHERE c.ticket = u.ticket
        """
    }

    static func addDispatches(_ dispatches: [(ticket: TicketID, dispatch: Dispatch)]) -> SQL {
        """
        INSERT INTO dispatch (id, ticket, department)
        SELECT * FROM unnest(\(dispatches.map(\.dispatch.id)), \(dispatches.map(\.ticket)),
            \(dispatches.map(\.dispatch.department.description)))
        """
    }

    static func lock(_ id: CaseID) -> SQL {
        "SELECT document, report FROM case_file WHERE ticket = \(id) FOR UPDATE"
    }

    /// In one order for all, so that two groups never wait for each other.
    static func lock(_ ids: [CaseID]) -> SQL {
        "SELECT document, report FROM case_file WHERE ticket = ANY(\(ids)) ORDER BY ticket FOR UPDATE"
    }

    /// The case that a dispatch belongs to, locked.
    static func lock(of dispatch: DispatchID) -> SQL {
        """
        SELECT c.document, c.report FROM dispatch d JOIN case_file c ON c.ticket = d.ticket WHERE d.id = \(dispatch)
        FOR UPDATE OF c
        """
    }

    static func waiting(_ states: [CaseState]) -> SQL {
        "SELECT state, count(*) AS count FROM case_file WHERE state = ANY(\(states.map(\.rawValue))) GROUP BY state"
    }

    static func read(_ id: CaseID) -> SQL { "SELECT document, report FROM case_file WHERE ticket = \(id)" }

    static func read(_ ids: [CaseID]) -> SQL { "SELECT document, report FROM case_file WHERE ticket = ANY(\(ids))" }

    static func find(number: String) -> SQL { "SELECT document, report FROM case_file WHERE number = \(number)" }
}

/// Cases as columns.
struct CaseRows {
    var tickets: [CaseID] = [], numbers: [String] = [], versions: [Int32] = [], states: [String] = []
    var ownerKinds: [String] = [], owners: [String] = [], streets: [String] = [], communities: [String] = []
    var categories: [String] = [], leads: [String?] = [], nextDues: [Timestamp?] = [], submittedAt: [Timestamp] = []
    var openedAt: [Timestamp] = [], changedAt: [Timestamp] = [], closedAt: [Timestamp?] = [], documents: [[UInt8]] = []
    var reports: [[UInt8]] = []

    init(_ outcomes: [CaseOutcome]) {
        for outcome in outcomes {
            let one = outcome.after
            let owner = one.owner
            tickets.append(one.id)
            numbers.append(one.number.description)
            versions.append(Int32(clamping: one.version))
            states.append(one.state.rawValue)
            ownerKinds.append(owner.kind.rawValue)
            owners.append(owner.code)
            streets.append(one.place.street.description)
            communities.append((one.place.community ?? one.place.street).description)
            categories.append(one.category.description)
            leads.append(one.lead?.department.description)
            nextDues.append(one.nextDue?.dueAt)
            submittedAt.append(one.submittedAt)
            openedAt.append(one.openedAt)
            changedAt.append(one.changedAt)
            closedAt.append(one.closedAt)
            documents.append(one.json)
            reports.append(outcome.before == nil ? outcome.report.json : [])
        }
    }
}
