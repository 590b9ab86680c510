import Contracts
import EventLog
import FoundationEssentials
import Postgres

/// Statements about the clock rows, which copy the clocks that run in the cases.
enum ClockQueries {
    static func put(_ rows: ClockRows) -> SQL {
        """
        INSERT INTO case_clock (ticket, kind, department, due_at, warned, is_overdue, fires_at)
        SELECT * FROM unnest(\(rows.tickets), \(rows.kinds), \(rows.departments), \(rows.dueAt), \(rows.warned), \(rows.overdue),
            \(rows.firesAt))
        ON CONFLICT (ticket, kind, department) DO UPDATE SET due_at = excluded.due_at, warned = excluded.warned,
            is_overdue = excluded.is_overdue, fires_at = excluded.fires_at
        """
    }

    static func remove(_ clocks: [(ticket: CaseID, clock: CaseClock)]) -> SQL {
        """
        DELETE FROM case_clock c USING unnest(\(clocks.map(\.ticket)), \(clocks.map(\.clock.kind.rawValue)),
            \(clocks.map { $0.clock.department?.description ?? "" })) AS u(ticket, kind, department)
        WHERE c.ticket = u.ticket AND c.kind = u.kind AND c.department = u.department
        """
    }

    /// What is due next, oldest first, after a place in that order. A case may come with several of its clocks.
    static func due(until now: Timestamp, after: DuePlace, limit: Int32) -> SQL {
        """
        SELECT fires_at, ticket FROM case_clock
        WHERE fires_at <= \(now) AND (fires_at, ticket) > (\(after.firesAt), \(after.ticket))
        ORDER BY fires_at, ticket LIMIT \(limit)
        """
    }

    /// Those of them that nobody works on at this moment. A case that is being written is left to the next scan: whoever
    /// writes it brings its clocks up to date.
    static func take(_ ids: [CaseID]) -> SQL {
        "SELECT ticket, document, report FROM case_file WHERE ticket = ANY(\(ids)) ORDER BY ticket FOR UPDATE SKIP LOCKED"
    }

    static func postpone(_ ids: [CaseID], until later: Timestamp, past now: Timestamp) -> SQL {
        "UPDATE case_clock SET fires_at = \(later) WHERE ticket = ANY(\(ids)) AND fires_at <= \(now)"
    }

    static let beginning = DuePlace(firesAt: .earliest, ticket: CaseID(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))))

    static let overdue: SQL = "SELECT kind, count(*) AS count FROM case_clock WHERE is_overdue GROUP BY kind"

    /// When the next clock fires at all.
    static let next: SQL = "SELECT fires_at FROM case_clock WHERE fires_at IS NOT NULL ORDER BY fires_at LIMIT 1"
}

/// A place in the order of the due scan.
struct DuePlace: Sendable, PostgresRowDecodable {
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

/// Clocks as columns.
struct ClockRows {
    var tickets: [CaseID] = [], kinds: [String] = [], departments: [String] = [], dueAt: [Timestamp] = []
    var warned: [Int16] = [], overdue: [Bool] = [], firesAt: [Timestamp?] = []
    var isEmpty: Bool { tickets.isEmpty }

    mutating func add(_ clock: CaseClock, of one: Case, in calendar: WorkCalendar) {
        tickets.append(one.id)
        kinds.append(clock.kind.rawValue)
        departments.append(clock.department?.description ?? "")
        dueAt.append(clock.dueAt)
        warned.append(Int16(clamping: clock.warned))
        overdue.append(clock.isOverdue)
        firesAt.append(one.fires(clock, in: calendar))
    }
}
