import Contracts
import EventLog
import Postgres

/// Every statement that reads figures. Aggregates only: no row of a ticket leaves the database.
enum RateQueries {
    /// Compiling these statements takes longer than running them, and a sort on disk is worse than 32 MB.
    static let settings: SQL = "SELECT set_config('jit', 'off', true), set_config('work_mem', '32MB', true)"

    /// The group of all tickets first, then one row per value of each breakdown, the largest first.
    ///
    /// Counted once, in parallel, per combination of the keys; the groupings then add up some thousand rows.
    static func lines(_ breakdowns: [Breakdown], _ days: DayRange, _ scope: Scope, now: Timestamp) -> SQL {
        let sets: [SQL] = ["()"] + breakdowns.map { "(\(identifier: $0.column))" }
        let names: [SQL] = breakdowns.map { "WHEN grouping(\(identifier: $0.column)) = 0 THEN \($0.rawValue)" }
        let keys: [SQL] = breakdowns.map { "\(identifier: $0.column)" } + ["NULL"]
        return """
            WITH cell AS MATERIALIZED (
                SELECT community, category, lead, max(category_name) AS category_name,
                    \(join: rateCounts(now) + otherCounts(now))
                FROM case_fact WHERE \(inPeriod(days, scope)) GROUP BY community, category, lead
            )
            SELECT CASE \(join: names, separator: " ") WHEN false THEN '' END AS breakdown,
                coalesce(\(join: keys), NULL::text) AS key, max(category_name) AS category_name,
                \(join: sums(rateNames + otherNames))
            FROM cell GROUP BY GROUPING SETS (\(join: sets))
            ORDER BY 1 NULLS FIRST, tickets DESC, 2
            """
    }

    /// The three rates along the period, one row per state and `days.step` days that have tickets: one reading of the facts
    /// for the line of the rates and for the counts by state.
    static func trend(_ days: DayRange, _ scope: Scope, now: Timestamp) -> SQL {
        """
        WITH daily AS MATERIALIZED (
            SELECT submitted_day, state, \(join: rateCounts(now)) FROM case_fact
            WHERE \(inPeriod(days, scope)) GROUP BY submitted_day, state
        )
        SELECT (submitted_day - \(Int32(clamping: days.first.daysSince1970))) / \(Int32(clamping: days.step)) AS point,
            state, \(join: sums(rateNames))
        FROM daily GROUP BY 1, state ORDER BY 1, state
        """
    }

    /// Median and ninth decile of the minutes to the first answer, of all or per value of a breakdown: the least number of
    /// minutes that half, or nine in ten, of the answers took at most. From a count per minute, which needs no sort of all answers.
    static func firstAnswer(_ breakdown: Breakdown?, _ days: DayRange, _ scope: Scope) -> SQL {
        let key: SQL = breakdown.map { "\(identifier: $0.column)" } ?? "NULL::text"
        return """
            WITH minute AS MATERIALIZED (
                SELECT \(key) AS key, first_answer_minutes AS m, count(*) AS answers FROM case_fact
                WHERE first_answer_minutes IS NOT NULL AND \(inPeriod(days, scope)) GROUP BY 1, 2
            ), sofar AS (
                SELECT key, m, sum(answers) OVER (PARTITION BY key ORDER BY m) AS upto, sum(answers) OVER (PARTITION BY key) AS n
                FROM minute
            )
            SELECT key, min(m) FILTER (WHERE 2 * upto >= n) AS median, min(m) FILTER (WHERE 10 * upto >= 9 * n) AS ninetieth
            FROM sofar GROUP BY key
            """
    }

    /// All that is open now, whenever it was submitted, and how much of it is late.
    static func openNow(_ scope: Scope, now: Timestamp) -> SQL {
        """
        SELECT count(*) AS open, count(*) FILTER (WHERE next_due <= \(now)) AS overdue
        FROM case_fact WHERE is_open AND \(within(scope))
        """
    }

    static let heard: SQL = "SELECT max(latest) AS latest FROM heard"
    /// Of communities, and of the street, which stands in where a ticket has no community.
    static let areaNames: SQL = """
        SELECT code, name, level = 'community' AND NOT retired AS is_listed FROM area WHERE level <> 'grid' ORDER BY code
        """
    static let departmentNames: SQL = "SELECT code, name, NOT retired AS is_listed FROM department ORDER BY code"

    private static let rateNames = [
        "tickets", "responded", "response_of", "evaluated", "solved", "partly", "very", "satisfied", "fair",
    ]
    private static let otherNames = [
        "answered", "in_time", "in_time_of", "closed", "self_handled", "open", "overdue", "run_out", "reopened",
    ]

    private static func sums(_ names: [String]) -> [SQL] {
        names.map { "coalesce(sum(\(identifier: $0)), 0)::bigint AS \(identifier: $0)" }
    }

    /// The formula `shao-rates-1` as counts.
    private static func rateCounts(_ now: Timestamp) -> [SQL] {
        [
            "count(*) AS tickets",
            "count(*) FILTER (WHERE first_answered_at <= response_due) AS responded",
            """
            count(*) FILTER (WHERE first_answered_at IS NOT NULL
                OR (response_due <= \(now) AND state NOT IN ('withdrawn', 'merged'))) AS response_of
            """,
            "count(solved) AS evaluated",
            "count(*) FILTER (WHERE solved = 'yes') AS solved",
            "count(*) FILTER (WHERE solved = 'partly') AS partly",
            "count(*) FILTER (WHERE satisfied = 'very') AS very",
            "count(*) FILTER (WHERE satisfied = 'yes') AS satisfied",
            "count(*) FILTER (WHERE satisfied = 'fair') AS fair",
        ]
    }

    private static func otherCounts(_ now: Timestamp) -> [SQL] {
        let limit = RateFormula.firstAnswerLimit
        return [
            "count(first_answered_at) AS answered",
            "count(*) FILTER (WHERE first_answered_at <= submitted_at + \(limit)) AS in_time",
            """
            count(*) FILTER (WHERE first_answered_at IS NOT NULL
                OR (submitted_at + \(limit) <= \(now) AND state NOT IN ('withdrawn', 'merged'))) AS in_time_of
            """,
            "count(*) FILTER (WHERE state IN ('closed', 'evaluated')) AS closed",
            "count(*) FILTER (WHERE state IN ('closed', 'evaluated') AND self_handled) AS self_handled",
            "count(*) FILTER (WHERE is_open) AS open",
            "count(*) FILTER (WHERE is_open AND next_due <= \(now)) AS overdue",
            "sum(overdue_count) AS run_out",
            "count(*) FILTER (WHERE reopen_count > 0) AS reopened",
        ]
    }

    private static func inPeriod(_ days: DayRange, _ scope: Scope) -> SQL {
        "submitted_at >= \(days.start) AND submitted_at < \(days.end) AND \(within(scope))"
    }

    private static func within(_ scope: Scope) -> SQL {
        switch scope {
        case .street: "true"
        case .community(let area): "community = \(area.description)"
        }
    }
}

extension Breakdown {
    /// The department that led answers for a case; co-handlers do not.
    fileprivate var column: String {
        switch self {
        case .community: "community"
        case .category: "category"
        case .department: "lead"
        }
    }
}

/// The figures of one group, and which group.
struct FigureLine: PostgresRowDecodable, Sendable {
    /// Nil for the group of all.
    let breakdown: Breakdown?
    /// Nil in a breakdown: tickets that have none (yet).
    let key: String?
    let categoryName: String?
    let figures: Figures

    init(row: borrowing PostgresRow) throws(PostgresError) {
        let name: String? = try row["breakdown"]
        breakdown = name.flatMap { Breakdown(rawValue: $0) }
        key = try row["key"]
        categoryName = try row["category_name"]
        figures = try Figures(row: row)
    }
}

/// The rates of the tickets in one state of one stretch of the period.
struct TrendPoint: PostgresRowDecodable, Sendable {
    /// Counted from 0.
    let point: Int32
    let state: String
    let figures: Figures

    init(row: borrowing PostgresRow) throws(PostgresError) {
        point = try row["point"]
        state = try row["state"]
        figures = try Figures(rates: row)
    }
}

extension Figures {
    /// The three rates, nothing else.
    fileprivate init(rates row: borrowing PostgresRow) throws(PostgresError) {
        tickets = try row["tickets"]
        response = Proportion(count: try row["responded"], n: try row["response_of"])
        evaluated = try row["evaluated"]
        solved = try row["solved"]
        partlySolved = try row["partly"]
        very = try row["very"]
        satisfied = try row["satisfied"]
        fair = try row["fair"]
    }

    fileprivate init(row: borrowing PostgresRow) throws(PostgresError) {
        try self.init(rates: row)
        answered = try row["answered"]
        answeredInTime = Proportion(count: try row["in_time"], n: try row["in_time_of"])
        solvedInCommunity = Proportion(count: try row["self_handled"], n: try row["closed"])
        open = try row["open"]
        overdue = try row["overdue"]
        clocksRunOut = try row["run_out"]
        reopened = try row["reopened"]
    }
}

/// Minutes to the first answer.
struct FirstAnswerSpans: PostgresRowDecodable, Sendable {
    let key: String?
    let median: Int?
    let ninetieth: Int?

    init(row: borrowing PostgresRow) throws(PostgresError) {
        key = try row["key"]
        let (half, most): (Int32?, Int32?) = (try row["median"], try row["ninetieth"])
        (median, ninetieth) = (half.map(Int.init), most.map(Int.init))
    }
}
