/// Shares of a whole, one row per name, each part with its count inside the table and its share in the drawing.
public struct StackedChart: Sendable {
    public struct Row: Sendable {
        public let name: String
        public let counts: [Int]
        public init(_ name: String, _ counts: [Int]) {
            self.name = name
            self.counts = counts
        }
    }

    public var id, title, summary: String
    /// Names of the parts, in the order of `counts`; at most five.
    public var parts: [String]
    public var rows: [Row]

    public init(id: String, title: String, summary: String, parts: [String], rows: [Row]) {
        self.id = id
        self.title = title
        self.summary = summary
        self.parts = parts
        self.rows = rows
    }

    public func html(for visit: Visit) -> HTML {
        let drawing = rows.enumerated().map { place, row in self.row(row, top: Double(place) * 3.2) }
        let table = DataTable(
            caption: title, columns: [visit(.item)] + parts, rows: rows.map { row in [row.name] + row.counts.map(String.init) })
        return Figure(
            id: id, title: title, summary: summary, drawing: "\(drawing)", height: max(Double(rows.count) * 3.2, 1),
            legend: parts.enumerated().map { ($1, $0 + 1) },
            table: table
        ).html(for: visit)
    }

    private func row(_ row: Row, top: Double) -> HTML {
        let total = row.counts.reduce(0) { $0 + Double(max($1, 0)) }
        var start = 0.0
        var segments = HTML()
        for (place, count) in row.counts.prefix(5).enumerated() where count > 0 {
            let share = Double(count) / total
            segments += """
                <rect class="series-\(place + 1)" x="\(percent(start))" y="\(em(top + 1.5))" width="\(percent(share))" height="1.2em"/>
                """
            if share >= 0.14 {
                segments += """
                    <text x="\(percent(start + share / 2))" y="\(em(top + 2.4))" text-anchor="middle">\
                    <tspan class="inside-\(place + 1)">\(Number.decimal(share * 100, places: 0))%</tspan></text>
                    """
            }
            start += share
        }
        return """
            <text x="0" y="\(em(top + 1.1))" class="name">\(row.name)</text>\
            <text x="100%" y="\(em(top + 1.1))" class="value" text-anchor="end">n = \(Int(min(total, 1e9)))</text>\
            <rect class="track" x="0" y="\(em(top + 1.5))" width="100%" height="1.2em"/>\(segments)
            """
    }
}
