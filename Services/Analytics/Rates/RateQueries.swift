import Contracts
import EventLog
import Postgres

/// Every statement that reads figures. Aggregates only: no row of a ticket leaves the database.
enum RateQueries {
    /// The group of all tickets first, then one row per value of each breakdown, the largest first.
    ///
    /// Percentiles (`spans`) sort every group, which costs more than all counts together: asked for only where they are shown.
    static func lines(_ breakdowns: [Breakdown], _ days: DayRange, _ scope: Scope, now: Timestamp, spans: Bool) -> SQL {
        let sets: [SQL] = ["()"] + breakdowns.map { "(\(identifier: $0.column))" }
        let names: [SQL] = breakdowns.map { "WHEN grouping(\(identifier: $0.column)) = 0 THEN \($0.rawValue)" }
        let keys: [SQL] = breakdowns.map { "\(identifier: $0.column)" } + ["NULL"]
        return """
            SELECT CASE \(join: names, separator: " ") WHEN false THEN '' END AS breakdown,
                coalesce(\(join: keys), NULL::text) AS key, max(category_name) AS category_name,
                \(counts(now)), \(spans ? percentiles : noPercentiles)
            FROM case_fact WHERE \(inPeriod(days, scope))
            GROUP BY GROUPING SETS (\(join: sets))
            ORDER BY 1 NULLS FIRST, tickets DESC, 2
            """
    }

    /// The three rates along the period, one row per `days.step` days that have tickets.
    static func trend(_ days: DayRange, _ scope: Scope, now: Timestamp) -> SQL {
        """
        SELECT ((submitted_at - \(days.start)) / \(Int64(days.step) * 86_400_000))::integer AS point, \(counts(now)), \(noPercentiles)
        FROM case_fact WHERE \(inPeriod(days, scope)) GROUP BY 1 ORDER BY 1
        """
    }

    /// Median and ninth decile of the time to the first answer, and nothing else.
    static func firstAnswer(_ days: DayRange, _ scope: Scope) -> SQL {
        "SELECT \(percentiles) FROM case_fact WHERE first_answer_minutes IS NOT NULL AND \(inPeriod(days, scope))"
    }

    static func states(_ days: DayRange, _ scope: Scope) -> SQL {
        "SELECT state, count(*) AS tickets FROM case_fact WHERE \(inPeriod(days, scope)) GROUP BY state"
    }

    /// All that is open now, whenever it was submitted, and how much of it is late.
    static func openNow(_ scope: Scope, now: Timestamp) -> SQL {
        """
        SELECT count(*) AS open, count(*) FILTER (WHERE next_due <= \(now)) AS overdue
        FROM case_fact WHERE is_open AND \(within(scope))
        """
    }

    static let heard: SQL = "SELECT max(latest) AS latest FROM heard"
    static let communityNames: SQL = "SELECT code, name FROM area WHERE level = 'community' ORDER BY code"
    static let departmentNames: SQL = "SELECT code, name FROM department ORDER BY code"

    /// The formula `shao-rates-1` as counts.
    private static func counts(_ now: Timestamp) -> SQL {
        let limit = RateFormula.firstAnswerLimit
        return """
            count(*) AS tickets,
            count(*) FILTER (WHERE first_answered_at <= response_due) AS responded,
            count(*) FILTER (WHERE first_answered_at IS NOT NULL
                OR (response_due <= \(now) AND state NOT IN ('withdrawn', 'merged'))) AS response_due,
            count(solved) AS evaluated,
            count(*) FILTER (WHERE solved = 'yes') AS solved,
            count(*) FILTER (WHERE solved = 'partly') AS partly,
            count(*) FILTER (WHERE satisfied = 'very') AS very,
            count(*) FILTER (WHERE satisfied = 'yes') AS satisfied,
            count(*) FILTER (WHERE satisfied = 'fair') AS fair,
            count(first_answered_at) AS answered,
            count(*) FILTER (WHERE first_answered_at <= submitted_at + \(limit)) AS in_time,
            count(*) FILTER (WHERE first_answered_at IS NOT NULL
                OR (submitted_at + \(limit) <= \(now) AND state NOT IN ('withdrawn', 'merged'))) AS in_time_of,
            count(*) FILTER (WHERE state IN ('closed', 'evaluated')) AS closed,
            count(*) FILTER (WHERE state IN ('closed', 'evaluated') AND self_handled) AS self_handled,
            count(*) FILTER (WHERE is_open) AS open,
            count(*) FILTER (WHERE is_open AND next_due <= \(now)) AS overdue,
            coalesce(sum(overdue_count), 0)::bigint AS run_out,
            count(*) FILTER (WHERE reopen_count > 0) AS reopened
            """
    }

    private static let percentiles: SQL = """
        percentile_disc(0.5) WITHIN GROUP (ORDER BY first_answer_minutes) AS median,
        percentile_disc(0.9) WITHIN GROUP (ORDER BY first_answer_minutes) AS ninetieth
        """
    private static let noPercentiles: SQL = "NULL::integer AS median, NULL::integer AS ninetieth"

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

/// The figures of one stretch of the period.
struct TrendPoint: PostgresRowDecodable, Sendable {
    /// Counted from 0.
    let point: Int32
    let figures: Figures

    init(row: borrowing PostgresRow) throws(PostgresError) {
        point = try row["point"]
        figures = try Figures(row: row)
    }
}

extension Figures: PostgresRowDecodable {
    init(row: borrowing PostgresRow) throws(PostgresError) {
        tickets = try row["tickets"]
        response = Proportion(count: try row["responded"], n: try row["response_due"])
        evaluated = try row["evaluated"]
        solved = try row["solved"]
        partlySolved = try row["partly"]
        very = try row["very"]
        satisfied = try row["satisfied"]
        fair = try row["fair"]
        answered = try row["answered"]
        answeredInTime = Proportion(count: try row["in_time"], n: try row["in_time_of"])
        solvedInCommunity = Proportion(count: try row["self_handled"], n: try row["closed"])
        open = try row["open"]
        overdue = try row["overdue"]
        clocksRunOut = try row["run_out"]
        reopened = try row["reopened"]
        let spans = try FirstAnswerSpans(row: row)
        (median, ninetieth) = (spans.median, spans.ninetieth)
    }
}

/// Minutes to the first answer.
struct FirstAnswerSpans: PostgresRowDecodable, Sendable {
    let median: Int?
    let ninetieth: Int?

    init(row: borrowing PostgresRow) throws(PostgresError) {
        let (half, most): (Int32?, Int32?) = (try row["median"], try row["ninetieth"])
        (median, ninetieth) = (half.map(Int.init), most.map(Int.init))
    }
}
