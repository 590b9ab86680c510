import Contracts
import Pages

extension OverviewPage {
    init(_ overview: RateOverview, title: String, now: Timestamp, visit: Visit) {
        let (table, total) = (overview.table, overview.table.total)
        let until = min(table.days.end.adding(milliseconds: -1), max(now, table.days.start))
        self.init(
            streetName: title, from: table.days.start.milliseconds, to: until.milliseconds,
            dataUntil: table.dataUntil?.milliseconds, tickets: total.tickets, rates: Rates(total),
            firstAnswer: FirstAnswer(median: total.median, ninetieth: total.ninetieth, inTime: Share(total.answeredInTime)),
            solvedInCommunity: Share(total.solvedInCommunity), trend: overview.trend.map { Period($0.name, $0.figures) },
            endings: Self.endings(table.lines[.community] ?? [], visit),
            communities: Self.lines(table, .community, visit), categories: Self.lines(table, .category, visit),
            departments: Self.lines(table, .department, visit))
        days = (table.days.first.description, table.days.last.description)
        formula = RateFormula.id
        openNow = Share(part: overview.overdueNow, whole: overview.openNow)
        states = overview.states.map { (Text($0.state.titles.zhHans, $0.state.titles.english), $0.tickets) }
    }

    /// Only communities where somebody evaluated: a bar of nothing says nothing.
    private static func endings(_ lines: [NamedFigures], _ visit: Visit) -> [(name: String, counts: [Int])] {
        lines.filter { $0.figures.evaluated > 0 }.map { line in
            let figures = line.figures
            return (
                line.title(.community, visit),
                [figures.solved, figures.partlySolved, figures.evaluated - figures.solved - figures.partlySolved]
            )
        }
    }

    private static func lines(_ table: RateTable, _ breakdown: Breakdown, _ visit: Visit) -> [Line] {
        (table.lines[breakdown] ?? []).map { line in
            Line(
                name: line.title(breakdown, visit), tickets: line.figures.tickets, rates: Rates(line.figures),
                firstAnswerInTime: Share(line.figures.answeredInTime))
        }
    }
}

extension Breakdown {
    /// Tickets without a code: not yet placed, not classed, nobody called.
    fileprivate var wordsForNone: Text {
        switch self {
        case .community: Text("待定社区", "Not placed yet")
        case .category: Text("待分类", "Not classed yet")
        case .department: Text("未派部门", "No department")
        }
    }
}

extension NamedFigures {
    fileprivate func title(_ breakdown: Breakdown, _ visit: Visit) -> String {
        name ?? visit(code.map { .unnamed($0) } ?? breakdown.wordsForNone)
    }
}

extension OverviewPage.Share {
    fileprivate init(_ share: Proportion) { self.init(part: share.count, whole: share.n) }
}

extension OverviewPage.Rates {
    fileprivate init(_ figures: Figures) {
        self.init(
            response: .init(figures.response), resolution: .init(figures.resolution), satisfaction: .init(figures.satisfaction))
    }
}

extension OverviewPage.Period {
    fileprivate init(_ name: String, _ figures: Figures) {
        self.init(
            name: name, tickets: figures.tickets, response: figures.response.rate, resolution: figures.resolution.rate,
            satisfaction: figures.satisfaction.rate)
    }
}
