/// Counts by two things (weekday and hour, category and community) in five shades with the number in every cell.
public struct HeatTable: Sendable {
    public var id, title, summary: String
    public var columns: [String]
    public var rows: [(name: String, counts: [Int])]

    public init(id: String, title: String, summary: String, columns: [String], rows: [(name: String, counts: [Int])]) {
        self.id = id
        self.title = title
        self.summary = summary
        self.columns = columns
        self.rows = rows
    }

    public func html(for visit: Visit) -> HTML {
        let most = max(rows.flatMap(\.counts).max() ?? 1, 1)
        let wide = 0.72 / Double(max(columns.count, 1))
        let heads = columns.enumerated().map { place, name in
            "<text x=\"\(percent(0.28 + (Double(place) + 0.5) * wide))\" y=\"1em\" text-anchor=\"middle\"><tspan class=\"tick\">\(name)</tspan></text>"
                as HTML
        }
        let lines = rows.enumerated().map { line, row in
            let top = 1.6 + Double(line) * 2.2
            let cells = row.counts.prefix(columns.count).enumerated().map { place, count in
                let level = Shade.level(Double(count), most: Double(most))
                return """
                    <rect class="heat-\(level)" x="\(percent(0.28 + Double(place) * wide))" y="\(em(top))" width="\(percent(wide - 0.006))" height="2em" rx="4"/>\
                    <text class="on-heat-\(level)" x="\(percent(0.28 + (Double(place) + 0.5) * wide - 0.003))" y="\(em(top + 1.35))" text-anchor="middle">\(count)</text>
                    """ as HTML
            }
            return "<text class=\"name\" x=\"0\" y=\"\(em(top + 1.35))\">\(row.name)</text>\(cells)" as HTML
        }
        let table = DataTable(
            caption: title, columns: [visit(.item)] + columns, rows: rows.map { [$0.name] + $0.counts.map(String.init) })
        return Figure(
            id: id, title: title, summary: summary, drawing: "\(heads)\(lines)", height: 1.8 + Double(rows.count) * 2.2, table: table
        ).html(for: visit)
    }
}

/// Five shades, so that neighbouring ones can be told apart.
enum Shade {
    static func level(_ value: Double, most: Double) -> Int {
        guard value > 0, most > 0, value.isFinite else { return 0 }
        let fifths = min(value / most * 5, 5)
        let whole = Int(fifths)
        return min(max(Double(whole) < fifths ? whole + 1 : whole, 1), 5)
    }
}
