import Contracts
import Pages

extension OverviewPage {
    init(_ overview: RateOverview, title: String, street: (code: String, name: String), now: Timestamp, visit: Visit) {
        let (table, total) = (overview.table.naming(street), overview.table.total)
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
        formula = RateFormula.words
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

extension RateTable {
    /// Tickets without a community stand under the street, whose name is known before the directory is.
    fileprivate func naming(_ street: (code: String, name: String)) -> RateTable {
        var table = self
        table.lines[.community] = lines[.community]?.map { line in
            var line = line
            if line.code == street.code { line.name = line.name ?? street.name }
            return line
        }
        return table
    }
}

extension RateFormula {
    /// `definitions` for who reads the page.
    static let words: [(name: Text, words: Text)] = [
        (
            .responseRate,
            Text(
                "时限内有人首次回复的工单，占已回复和已到期工单的比例；未回复就撤回或并单的不计。",
                "First word of a person within its clock, of cases answered or due; not those withdrawn or merged before it.")
        ),
        (
            .resolutionRate,
            Text("居民评价「解决了」的比例；「部分解决」另计，未评价的不计。", "Residents who say solved, of those who evaluated; partly is counted apart.")
        ),
        (
            .satisfactionRate,
            Text("居民评价「非常满意」「满意」「基本满意」的比例；未评价的不计。", "Residents very, yes or fairly satisfied, of those who evaluated.")
        ),
        (
            .within15,
            Text("上报后 15 小时内有人首次回复的工单，占已回复和已满 15 小时工单的比例。", "First word within 15 h of the report, of cases answered or 15 h old.")
        ),
        (.inCommunity, Text("社区未吹哨、自行办结的工单，占已办结工单的比例。", "Handled by the community without calling anyone, of cases closed.")),
    ]
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
