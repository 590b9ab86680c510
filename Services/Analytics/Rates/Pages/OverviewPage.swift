import Contracts
import Pages

/// The overview of one street: three rates, the 15-hour promise, the 90 % in the community, each by community, category and department.
///
/// Rates are of those who answered an evaluation; silence counts for nothing, and every rate stands beside its n.
struct OverviewPage: Sendable {
    /// A share with what it is a share of.
    struct Share: Sendable, Hashable {
        var part: Int
        var whole: Int
        var value: Double? { whole > 0 ? Double(part) / Double(whole) : nil }
        var words: String { Number.share(part, of: whole) }
    }
    struct Rates: Sendable, Hashable {
        var response: Share
        var resolution: Share
        var satisfaction: Share
    }
    struct FirstAnswer: Sendable, Hashable {
        /// In minutes; nil without a single answer.
        var median: Int?
        var ninetieth: Int?
        var inTime: Share
    }
    struct Line: Sendable, Hashable {
        var name: String
        var tickets: Int
        var rates: Rates
        var firstAnswerInTime: Share
        /// Address of the list behind the numbers.
        var link: PagePath?
    }
    struct Period: Sendable, Hashable {
        var name: String
        var tickets: Int
        var response: Double?
        var resolution: Double?
        var satisfaction: Double?
    }

    var streetName: String
    /// First and last moment that the figures cover, milliseconds since 1970.
    var from, to: Int64
    /// The newest event that is in the figures; nil before the first one.
    var dataUntil: Int64?
    var tickets: Int
    var rates: Rates
    var firstAnswer: FirstAnswer
    var solvedInCommunity: Share
    var trend: [Period]
    var endings: [(name: String, counts: [Int])]
    var communities: [Line]
    var categories: [Line]
    var departments: [Line]
    /// First and last day as `2026-11-21`, for the form and the links to the tables.
    var days: (first: String, last: String)?
    /// How each figure is counted.
    var formula: [(name: Text, words: Text)] = []
    /// The reader's desk, to go back to.
    var desk: PagePath.Desk?
    /// For who signed in.
    var signOut: SignOut?
    /// Late cases among all that are open now, whenever submitted.
    var openNow: Share?
    var states: [(name: Text, tickets: Int)] = []
    var errors = FormErrors()

    func html(for visit: Visit) -> HTML {
        let main: HTML = """
            <div><p class="eyebrow">\(visit.time(from)) – \(visit.time(to))</p><h1>\(streetName) \(visit(.overview))</h1>
            <p class="soft">\(visit(.dataUntil)) \(dataAge(visit)) · \(visit(.ticketsInAll)) \(tickets)</p>\
            \(period(visit))</div>
            <section aria-label="\(visit(.threeRates))" class="stats">\(stats(visit))</section>
            <div class="columns even">\(trendChart(visit))\(endingsChart(visit))\(communityChart(visit))\(answerChart(visit))</div>
            \(stateTable(visit))\(lines(visit, .byCommunity, communities))\(lines(visit, .byCategory, categories))\(lines(visit, .byDepartment, departments))
            \(formulaCard(visit))
            """
        return Page(
            title: streetName + " " + visit(.overview), audience: .staff, errors: errors,
            navigation: desk.map { [Link(visit(.backToDesk), to: .desk($0))] } ?? [], signOut: signOut, main: main
        ).html(for: visit)
    }

    private func formulaCard(_ visit: Visit) -> HTML? {
        if formula.isEmpty { return nil }
        let facts = Part.facts(formula.map { (visit($0.name), "\(visit($0.words))") })
        return "<section class=\"card stack\"><h2>\(visit(.howCounted))</h2>\(facts)</section>"
    }

    private func stats(_ visit: Visit) -> [HTML] {
        [
            stat(visit, .responseRate, rates.response, trend.map(\.response)),
            stat(visit, .resolutionRate, rates.resolution, trend.map(\.resolution)),
            stat(visit, .satisfactionRate, rates.satisfaction, trend.map(\.satisfaction)),
            """
            <article class="stat"><h2>\(visit(.firstAnswer))</h2><p class="big">\(span(firstAnswer.median, visit))</p>
            <p class="note">\(visit(.medianAnd)) \(span(firstAnswer.ninetieth, visit))</p>
            <p class="note">\(visit(.within15)) \(withBase(firstAnswer.inTime, visit))</p></article>
            """,
            """
            <article class="stat"><h2>\(visit(.inCommunity))</h2><p class="big">\(solvedInCommunity.words)</p>
            <p class="note">\(visit(.goal)) 90% · n = \(solvedInCommunity.whole)</p>
            <p>\(goalBadge(visit))</p></article>
            """,
            """
            \(openNow.map { overdue($0, visit) })
            """,
        ]
    }

    private func overdue(_ open: Share, _ visit: Visit) -> HTML {
        """
        <article class="stat"><h2>\(visit(.overdueNow))</h2><p class="big">\(open.part)</p>
        <p class="note">\(visit(.openNow)) \(open.whole)</p></article>
        """
    }

    private func dataAge(_ visit: Visit) -> HTML {
        guard let dataUntil else { return "\(visit(.noFigures))" }
        return "\(visit.time(dataUntil))\(visit(.inBrackets(Span.ago(dataUntil, now: visit.now))))"
    }

    /// A share with what it is a share of.
    private func withBase(_ share: Share, _ visit: Visit) -> String {
        share.words + visit(.inBrackets(Text(verbatim: "n = \(share.whole)")))
    }

    /// Which days, and the same figures as files.
    private func period(_ visit: Visit) -> HTML? {
        guard let days else { return nil }
        let files: [(by: String, words: Text)] = [("community", .byCommunity), ("category", .byCategory), ("department", .byDepartment)]
        let links = files.map { file in
            let page = PagePath.rateFile(by: file.by, from: days.first, to: days.last)
            return " · <a href=\"\(page)\">\(visit(file.words)) CSV</a>" as HTML
        }
        return """
            <form class="days" method="get" action="\(PagePath.overview())">\(day("from", .fromDay, days.first, visit))\
            \(day("to", .toDay, days.last, visit))\(Part.submit(visit(.show), isPrimary: false))</form>
            <p class="small">\(visit(.download))\(links)</p>
            """
    }

    private func day(_ name: String, _ label: Text, _ value: String, _ visit: Visit) -> HTML {
        Field(name, visit(label), value: value, errors: errors).line(visit, type: "date", limit: 10)
    }

    private func stateTable(_ visit: Visit) -> HTML? {
        if states.isEmpty { return nil }
        let rows = states.map { [visit($0.name), String($0.tickets)] }
        return """
            <section class="card captioned"><h2>\(visit(.byState))</h2>\
            \(DataTable(caption: visit(.byState), columns: [visit(.state), visit(.tickets)], rows: rows).html(for: visit))</section>
            """
    }

    private func goalBadge(_ visit: Visit) -> HTML {
        guard let value = solvedInCommunity.value else { return Part.badge(visit(.noFigures), .muted) }
        return value >= 0.9 ? Part.badge(visit(.goalMet), .good) : Part.badge(visit(.goalMissed), .late)
    }

    private func stat(_ visit: Visit, _ name: Text, _ share: Share, _ values: [Double?]) -> HTML {
        """
        <article class="stat"><h2>\(visit(name))</h2><p class="big">\(share.words)</p><p class="note">n = \(share.whole)</p>
        \(if: values.count > 1, Sparkline.html(values, words: visit(name) + visit(.trendOf)))</article>
        """
    }

    private func span(_ minutes: Int?, _ visit: Visit) -> String {
        minutes.map { visit(Span.words(milliseconds: Int64(min(max($0, 0), 5_000_000)) * 60_000)) } ?? "—"
    }

    private func trendChart(_ visit: Visit) -> HTML {
        let names: [Text] = [.responseRate, .resolutionRate, .satisfactionRate]
        let values: [[Double?]] = [trend.map(\.response), trend.map(\.resolution), trend.map(\.satisfaction)]
        let series = zip(names, values).map { LineChart.Series(visit($0), $1.map { $0.map { $0 * 100 } }) }
        return LineChart(
            id: "trend", title: visit(.ratesOverTime), summary: visit(.ratesOverTimeSays), periods: trend.map(\.name), series: series,
            top: 100, places: 0, unit: "%"
        ).html(for: visit)
    }

    private func endingsChart(_ visit: Visit) -> HTML {
        StackedChart(
            id: "endings", title: visit(.howTheyEnded), summary: visit(.howTheyEndedSays),
            parts: [visit(.solved), visit(.partly), visit(.notSolved)], rows: endings.map { .init($0.name, $0.counts) }
        ).html(for: visit)
    }

    private func communityChart(_ visit: Visit) -> HTML {
        bars(visit, "resolution", .resolutionByCommunity, .resolutionByCommunitySays, communities, \.rates.resolution, target: nil)
    }

    private func answerChart(_ visit: Visit) -> HTML {
        bars(
            visit, "in-time", .inTimeByCommunity, .inTimeByCommunitySays, communities, \.firstAnswerInTime,
            target: (1.0, visit(.goal) + " 100%"))
    }

    private func bars(
        _ visit: Visit, _ id: String, _ title: Text, _ says: Text, _ lines: [Line], _ share: KeyPath<Line, Share>,
        target: (value: Double, words: String)?
    ) -> HTML {
        let bars = lines.map { line in
            let one = line[keyPath: share]
            return BarChart.Bar(line.name, one.value, words: withBase(one, visit))
        }
        return BarChart(id: id, title: visit(title), summary: visit(says), bars: bars, full: 1, target: target).html(for: visit)
    }

    private func lines(_ visit: Visit, _ title: Text, _ lines: [Line]) -> HTML {
        let columns = [Text.name, .tickets, .responseRate, .resolutionRate, .satisfactionRate, .within15].map { visit($0) }
        let rows = lines.map { line in
            let shares = [line.rates.response, line.rates.resolution, line.rates.satisfaction, line.firstAnswerInTime]
            return [line.name, String(line.tickets)] + shares.map { "\($0.words) (\($0.whole))" }
        }
        return """
            <section class="card captioned"><h2>\(visit(title))</h2><p class="small soft">\(visit(.tableCaption))</p>\
            \(DataTable(caption: visit(title), columns: columns, rows: rows, links: lines.map(\.link)).html(for: visit))</section>
            """
    }
}
