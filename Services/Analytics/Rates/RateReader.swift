import Contracts
import EventLog
import Postgres

/// One line of a table of figures.
struct NamedFigures: Sendable {
    /// Nil: the tickets that have no such code (yet).
    var code: String?
    var name: String?
    var figures: Figures
}

/// The figures of a period, all read in one snapshot of the database.
struct RateTable: Sendable {
    var days: DayRange
    /// The time of the newest event in the figures; nil before the first.
    var dataUntil: Timestamp?
    var total = Figures()
    var lines: [Breakdown: [NamedFigures]] = [:]
}

/// What the overview shows beyond the tables.
struct RateOverview: Sendable {
    var table: RateTable
    var trend: [(name: String, figures: Figures)]
    var states: [(state: CaseState, tickets: Int)]
    /// All open cases, whenever submitted.
    var openNow: Int
    var overdueNow: Int
}

/// Reads figures.
struct RateReader: Sendable {
    let pool: PostgresPool

    /// The lines of one breakdown, each with median and ninth decile.
    func table(_ breakdown: Breakdown, _ days: DayRange, _ scope: Scope, now: Timestamp) async throws -> RateTable {
        try await pool.transaction(.readOnlySnapshot) { transaction in
            transaction.enqueue(RateQueries.settings)
            var table = try await Self.table([breakdown], days, scope, now: now, &transaction)
            let spans = try await transaction.query(RateQueries.firstAnswer(breakdown, days, scope), as: FirstAnswerSpans.self)
            let byKey = Dictionary(spans.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
            table.lines[breakdown] = table.lines[breakdown]?.map { line in
                var line = line
                (line.figures.median, line.figures.ninetieth) = (byKey[line.code]?.median, byKey[line.code]?.ninetieth)
                return line
            }
            return table
        }
    }

    func overview(_ breakdowns: [Breakdown], _ days: DayRange, _ scope: Scope, now: Timestamp) async throws -> RateOverview {
        try await pool.transaction(.readOnlySnapshot) { transaction in
            transaction.enqueue(RateQueries.settings)
            let table = try await Self.table(breakdowns, days, scope, now: now, &transaction)
            let trend = try await transaction.query(RateQueries.trend(days, scope, now: now), as: TrendPoint.self)
            let open = try await transaction.query(RateQueries.openNow(scope, now: now)) { row in
                (try row["open"] as Int, try row["overdue"] as Int)
            }
            let counts = Dictionary(trend.map { ($0.state, $0.figures.tickets) }, uniquingKeysWith: +)
            return RateOverview(
                table: table, trend: Self.trend(trend, days),
                states: CaseState.allCases.map { ($0, counts[$0.rawValue] ?? 0) },
                openNow: open.first?.0 ?? 0, overdueNow: open.first?.1 ?? 0)
        }
    }

    private static func table(
        _ breakdowns: [Breakdown], _ days: DayRange, _ scope: Scope, now: Timestamp,
        _ transaction: inout PostgresTransaction
    ) async throws -> RateTable {
        let sql = RateQueries.lines(breakdowns, days, scope, now: now)
        let rows = try await transaction.query(sql, as: FigureLine.self)
        let names = try await names(&transaction)
        let heard = try await transaction.query(RateQueries.heard) { row in try row["latest"] as Timestamp? }
        var table = RateTable(days: days, dataUntil: heard.first ?? nil)
        for row in rows where row.breakdown == nil { table.total = row.figures }
        let spans = try await transaction.query(RateQueries.firstAnswer(nil, days, scope), as: FirstAnswerSpans.self).first
        (table.total.median, table.total.ninetieth) = (spans?.median, spans?.ninetieth)
        for breakdown in breakdowns {
            table.lines[breakdown] = named(rows.filter { $0.breakdown == breakdown }, breakdown, names, scope)
        }
        return table
    }

    /// `isListed`: has a line of its own also without a ticket.
    private typealias Names = [Breakdown: [(code: String, name: String, isListed: Bool)]]

    private static func names(_ transaction: inout PostgresTransaction) async throws -> Names {
        var names: Names = [:]
        for (breakdown, sql) in [(Breakdown.community, RateQueries.areaNames), (.department, RateQueries.departmentNames)] {
            names[breakdown] = try await transaction.query(sql) { row in
                (try row["code"] as String, try row["name"] as String, try row["is_listed"] as Bool)
            }
        }
        return names
    }

    /// With names, and with those communities and departments that had no ticket: nobody is missing from the table by having none.
    private static func named(_ rows: [FigureLine], _ breakdown: Breakdown, _ names: Names, _ scope: Scope) -> [NamedFigures] {
        let known = names[breakdown] ?? []
        let byCode = Dictionary(known.map { ($0.code, $0.name) }, uniquingKeysWith: { first, _ in first })
        var lines = rows.map { row in
            NamedFigures(
                code: row.key, name: breakdown == .category && row.key != nil ? row.categoryName : row.key.flatMap { byCode[$0] },
                figures: row.figures)
        }
        if scope == .street {
            let present = Set(rows.compactMap(\.key))
            lines += known.filter { $0.isListed && !present.contains($0.code) }.map {
                NamedFigures(code: $0.code, name: $0.name, figures: Figures())
            }
        }
        return lines
    }

    /// Every stretch of the period, those without tickets too.
    private static func trend(_ points: [TrendPoint], _ days: DayRange) -> [(name: String, figures: Figures)] {
        let figures = Dictionary(points.map { (Int($0.point), $0.figures) }, uniquingKeysWith: { $0.addingRates($1) })
        return stride(from: 0, to: days.days, by: days.step).enumerated().map { place, offset in
            (String(days.first.adding(days: offset).description.suffix(5)), figures[place] ?? Figures())
        }
    }
}
