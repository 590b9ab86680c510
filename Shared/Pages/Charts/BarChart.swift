/// One bar per name, largest meaning up to the caller's order, with its value in words at the end and, if wanted, a line at a target.
public struct BarChart: Sendable {
    public struct Bar: Sendable {
        public let name: String
        /// Bars with no value (nil) keep their row and say 「—」.
        public let value: Double?
        /// The value as people read it: `93.4% (n = 120)`.
        public let words: String
        public init(_ name: String, _ value: Double?, words: String) {
            self.name = name
            self.value = value
            self.words = words
        }
    }

    public var id, title, summary: String
    public var bars: [Bar]
    /// The value of a full bar; the largest value when nil.
    public var full: Double?
    public var target: (value: Double, words: String)?

    public init(id: String, title: String, summary: String, bars: [Bar], full: Double? = nil, target: (value: Double, words: String)? = nil)
    {
        self.id = id
        self.title = title
        self.summary = summary
        self.bars = bars
        self.full = full
        self.target = target
    }

    public func html(for visit: Visit) -> HTML {
        let whole = max(full ?? bars.compactMap(\.value).max() ?? 1, .leastNormalMagnitude)
        let row = 2.7
        let offset = target == nil ? 0.0 : 1.8
        let rows = bars.enumerated().map { place, bar in
            let top = offset + Double(place) * row
            return """
                <text x="0" y="\(em(top + 1.1))" class="name">\(bar.name)</text>\
                <text x="100%" y="\(em(top + 1.1))" class="value" text-anchor="end">\(bar.value == nil ? "—" : bar.words)</text>\
                <rect class="track" x="0" y="\(em(top + 1.5))" width="100%" height="0.62em" rx="3"/>\
                <rect class="series-1" x="0" y="\(em(top + 1.5))" width="\(percent((bar.value ?? 0) / whole))" height="0.62em" rx="3"/>\
                \(mark(whole, top))
                """ as HTML
        }
        let height = offset + Double(bars.count) * row
        let columns = [visit(.item), visit(.value)]
        let table = DataTable(caption: title, columns: columns, rows: bars.map { [$0.name, $0.value == nil ? "—" : $0.words] })
        return Figure(
            id: id, title: title, summary: summary, drawing: "\(rows)\(targetWords(whole))", height: max(height, 1), table: table
        ).html(for: visit)
    }

    private func mark(_ whole: Double, _ top: Double) -> HTML {
        guard let target else { return HTML() }
        let x = percent(target.value / whole)
        return "<line class=\"target\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(em(top + 1.3))\" y2=\"\(em(top + 2.32))\"/>"
    }

    private func targetWords(_ whole: Double) -> HTML {
        guard let target else { return HTML() }
        let share = target.value / whole
        return """
            <text x="\(percent(share))" y="1.05em" text-anchor="\(share > 0.5 ? "end" : "start")"><tspan class="target-words">\(target.words)</tspan></text>
            """
    }
}
