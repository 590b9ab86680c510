import Contracts
import EventLog
import FoundationEssentials
import Postgres

/// Statements about the clocks of cases, one row for all of a case.
enum ClockQueries {
    static func insert(_ c: ClockColumns) -> SQL {
        """
        INSERT INTO case_clock (ticket, fires_at, overall_rests, \(names))
        SELECT u.ticket, u.fires_at, u.overall_rests, \(values) FROM \(rows(c))
        """
    }

    static func update(_ c: ClockColumns) -> SQL {
        """
        UPDATE case_clock k SET (fires_at, overall_rests, \(names)) = ROW(u.fires_at, u.overall_rests, \(values))
        FROM \(rows(c)) WHERE k.ticket = u.ticket
        """
    }

    private static let names: SQL = "kinds, departments, started_at, due_at, limits, units, held_with, warned, overdue"
    private static let values: SQL =
        """
        u.kinds::clock_kind[], u.departments::text[], u.started_at::bigint[], u.due_at::bigint[], u.limits::integer[],
        u.units::clock_unit[], u.held_with::bigint[], u.warned::smallint[], u.overdue::boolean[]
        """

    private static func rows(_ c: ClockColumns) -> SQL {
        """
        unnest(\(c.tickets), \(c.firesAt), \(c.overallRests), \(c.kinds), \(c.departments), \(c.startedAt), \(c.dueAt), \(c.limits),
            \(c.units), \(c.heldWith), \(c.warned), \(c.overdue)) AS u(ticket, fires_at, overall_rests, \(names))
        """
    }

    /// What is due next, oldest first, after a place in that order: ids and instants, so that no damaged row can stop the scan.
    static func due(until now: Timestamp, after: DuePosition, limit: Int32) -> SQL {
        """
        SELECT fires_at, ticket FROM case_clock
        WHERE fires_at <= \(now) AND (fires_at, ticket) > (\(after.firesAt), \(after.ticket))
        ORDER BY fires_at, ticket LIMIT \(limit)
        """
    }

    static func postpone(_ ids: [CaseID], until later: Timestamp, past now: Timestamp) -> SQL {
        "UPDATE case_clock SET fires_at = \(later) WHERE ticket = ANY(\(ids)) AND fires_at <= \(now)"
    }

    static let beginning = DuePosition(firesAt: .earliest, ticket: CaseID(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))))

    static let overdue: SQL =
        """
        SELECT u.kind::text AS kind, count(*) AS count FROM case_clock k, unnest(k.kinds, k.overdue) AS u(kind, is_overdue)
        WHERE k.overdue IS NOT NULL AND u.is_overdue GROUP BY u.kind
        """

    /// When the next clock fires at all.
    static let next: SQL = "SELECT fires_at FROM case_clock WHERE fires_at IS NOT NULL ORDER BY fires_at LIMIT 1"
}

/// A place in the order of the due scan.
struct DuePosition: Sendable, PostgresRowDecodable {
    let firesAt: Timestamp
    let ticket: CaseID

    init(firesAt: Timestamp, ticket: CaseID) {
        self.firesAt = firesAt
        self.ticket = ticket
    }

    init(row: borrowing PostgresRow) throws(PostgresError) {
        firesAt = try row["fires_at"]
        ticket = try row["ticket"]
    }
}

/// Sets of clocks as columns: one list for each case and column, nothing where all of a list would be the same.
struct ClockColumns {
    private(set) var tickets: [CaseID] = [], firesAt: [Timestamp?] = [], overallRests: [Bool] = []
    private(set) var kinds: [PostgresArrayText] = [], departments: [PostgresArrayText?] = [], startedAt: [PostgresArrayText] = []
    private(set) var dueAt: [PostgresArrayText] = [], limits: [PostgresArrayText] = [], units: [PostgresArrayText] = []
    private(set) var heldWith: [PostgresArrayText?] = [], warned: [PostgresArrayText?] = [], overdue: [PostgresArrayText?] = []
    var isEmpty: Bool { tickets.isEmpty }

    mutating func add(_ set: ClockSet, of ticket: CaseID, firesAt instant: Timestamp?) {
        let clocks = set.all
        tickets.append(ticket)
        firesAt.append(instant)
        overallRests.append(set.resting != nil)
        kinds.append(PostgresArrayText(clocks.map(\.kind.rawValue)))
        departments.append(list(clocks) { $0.department?.description })
        startedAt.append(PostgresArrayText(clocks.map { "\($0.startedAt.milliseconds)" }))
        dueAt.append(PostgresArrayText(clocks.map { "\($0.dueAt.milliseconds)" }))
        limits.append(PostgresArrayText(clocks.map { "\($0.limit.value)" }))
        units.append(PostgresArrayText(clocks.map(\.limit.unit.rawValue)))
        heldWith.append(list(clocks) { $0.heldWith.map { "\($0)" } })
        warned.append(list(clocks, otherwise: "0") { $0.warned == 0 ? nil : "\($0.warned)" })
        overdue.append(list(clocks, otherwise: "f") { $0.isOverdue ? "t" : nil })
    }

    private func list(_ clocks: [CaseClock], otherwise: String? = nil, _ value: (CaseClock) -> String?) -> PostgresArrayText? {
        let values = clocks.map(value)
        return values.allSatisfy { $0 == nil } ? nil : PostgresArrayText(values.map { $0 ?? otherwise })
    }
}
