/// Values over time, up to three lines, gaps where a value is missing.
public struct LineChart: Sendable {
    public struct Series: Sendable {
        public let name: String
        public let values: [Double?]
        public init(_ name: String, _ values: [Double?]) {
            self.name = name
            self.values = values
        }
    }

    public var id, title, summary: String
    /// One per value, oldest first.
    public var periods: [String]
    public var series: [Series]
    /// The top of the scale; the largest value when nil.
    public var top: Double?
    public var target: (value: Double, words: String)?
    public var places: Int
    public var unit: String

    public init(
        id: String, title: String, summary: String, periods: [String], series: [Series], top: Double? = nil,
        target: (value: Double, words: String)? = nil, places: Int = 1, unit: String = ""
    ) {
        self.id = id
        self.title = title
        self.summary = summary
        self.periods = periods
        self.series = series
        self.top = top
        self.target = target
        self.places = places
        self.unit = unit
    }

    public func html(for visit: Visit) -> HTML {
        let whole = max(top ?? max(series.flatMap(\.values).compactMap { $0 }.max() ?? 1, target?.value ?? 0) * 1.1, .leastNormalMagnitude)
        let rows = periods.enumerated().map { place, period in
            [period] + series.map { one in one.values.dropFirst(place).first.flatMap { $0 }.map(words) ?? "—" }
        }
        return Figure(
            id: id, title: title, summary: summary, drawing: "\(scale(whole))\(plot(whole))\(axis)", height: 12.6,
            legend: series.count > 1 ? zip(series, [1, 2, 4]).map { ($0.name, $1) } : [],
            table: DataTable(caption: title, columns: [visit(.period)] + series.map(\.name), rows: rows)
        ).html(for: visit)
    }

    /// Room at the left for the scale, as a share of the width.
    private let gutter = 0.13

    private func words(_ value: Double) -> String { Number.decimal(value, places: places) + unit }

    private func scale(_ whole: Double) -> HTML {
        let lines = [1.0, 0.5, 0.0].map { share in
            let y = 1.2 + (1 - share) * 9.6
            return """
                <line class="rule" x1="\(percent(gutter))" x2="100%" y1="\(em(y))" y2="\(em(y))"/>\
                <text x="0" y="\(em(y + 0.3))"><tspan class="tick">\(words(whole * share))</tspan></text>
                """ as HTML
        }
        guard let target else { return HTML() + (lines as [HTML]).reduce(HTML(), +) }
        let y = 1.2 + (1 - min(max(target.value / whole, 0), 1)) * 9.6
        return lines.reduce(HTML(), +) + """
            <line class="target" x1="\(percent(gutter))" x2="100%" y1="\(em(y))" y2="\(em(y))"/>\
            <text x="100%" y="\(em(y - 0.3))" text-anchor="end"><tspan class="target-words">\(target.words)</tspan></text>
            """
    }

    private func plot(_ whole: Double) -> HTML {
        let lines = series.prefix(3).enumerated().map { place, one in
            "<path class=\"line-\(place + 1)\" d=\"\(Trace.path(one.values, whole: whole))\"/>" as HTML
        }
        return
            "<svg x=\"\(percent(gutter))\" y=\"1.2em\" width=\"\(percent(1 - gutter))\" height=\"9.6em\" viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\">\(lines)</svg>"
    }

    private var axis: HTML {
        let last = periods.count - 1
        let shown = last > 1 ? [0, last / 2, last] : Array(0..<periods.count)
        return shown.reduce(HTML()) { sum, place in
            let anchor = place == 0 ? "start" : place == last ? "end" : "middle"
            let period = periods.dropFirst(place).first
            return sum
                + """
                <text x="\(percent(gutter + (1 - gutter) * Double(place) / Double(max(last, 1))))" y="12.2em" text-anchor="\(anchor)">\
                <tspan class="tick">\(period)</tspan></text>
                """
        }
    }
}

/// A line of values in a box of 100 × 100.
enum Trace {
    static func path(_ values: [Double?], from floor: Double = 0, whole: Double) -> String {
        let step = 100 / Double(max(values.count - 1, 1))
        var path = ""
        var isDown = false
        for (place, value) in values.enumerated() {
            guard let value, value.isFinite else {
                isDown = false
                continue
            }
            let y = 100 - min(max((value - floor) / whole, 0), 1) * 100
            // `h0` gives a value between two gaps a dot.
            path += "\(isDown ? "L" : "M")\(plain(Double(place) * step)) \(plain(y))\(isDown ? "" : "h0")"
            isDown = true
        }
        return path
    }
}

/// A line the size of a word, for a trend beside a number. The words say the same.
public enum Sparkline {
    public static func html(_ values: [Double?], words: String) -> HTML {
        let known = values.compactMap { $0 }
        let (low, high) = (known.min() ?? 0, known.max() ?? 1)
        // Its own range: it shows which way things go, the number beside it how much.
        let range = max(high - low, .leastNormalMagnitude)
        return """
            <svg class="spark" role="img" aria-label="\(words)" viewBox="0 0 100 100" preserveAspectRatio="none">\
            <path class="line-1" d="\(Trace.path(values, from: high > low ? low : low - 1, whole: high > low ? range : 2))"/></svg>
            """
    }
}
