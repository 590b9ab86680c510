/// Areas in five shades, each with its number in it. Outlines are in any flat coordinates with y growing to the south.
public struct AreaMap: Sendable {
    public struct Area: Sendable {
        public let name: String
        public let value: Double?
        public let words: String
        public let outline: [(x: Double, y: Double)]
        public init(_ name: String, _ value: Double?, words: String, outline: [(x: Double, y: Double)]) {
            self.name = name
            self.value = value
            self.words = words
            self.outline = outline
        }
        /// A square cell of a plain grid: column and row from 0.
        public init(_ name: String, _ value: Double?, words: String, column: Int, row: Int) {
            let (x, y) = (Double(column), Double(row))
            self.init(name, value, words: words, outline: [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)])
        }
    }

    public var id, title, summary: String
    public var areas: [Area]

    public init(id: String, title: String, summary: String, areas: [Area]) {
        self.id = id
        self.title = title
        self.summary = summary
        self.areas = areas
    }

    public func html(for visit: Visit) -> HTML {
        let points = areas.flatMap(\.outline).filter { $0.x.isFinite && $0.y.isFinite }
        let (left, top) = (points.map(\.x).min() ?? 0, points.map(\.y).min() ?? 0)
        let (right, bottom) = (points.map(\.x).max() ?? 1, points.map(\.y).max() ?? 1)
        let scale = 320 / max(right - left, .leastNormalMagnitude)
        let high = min(max((bottom - top) * scale, 60), 640)
        let most = areas.compactMap(\.value).max() ?? 1
        let shapes = areas.map { area in
            let corners = area.outline.filter { $0.x.isFinite && $0.y.isFinite }
                .map { (x: ($0.x - left) * scale, y: ($0.y - top) * scale) }
            return shape(area, corners, Shade.level(area.value ?? 0, most: most))
        }
        let table = DataTable(
            caption: title, columns: [visit(.item), visit(.value)], rows: areas.map { [$0.name, $0.value == nil ? "—" : $0.words] })
        return Figure(
            id: id, title: title, summary: summary, drawing: "\(shapes)", height: 0, table: table,
            viewBox: "-2 -2 324 \(plain(high + 4))"
        ).html(for: visit)
    }

    private func shape(_ area: Area, _ corners: [(x: Double, y: Double)], _ level: Int) -> HTML {
        if corners.isEmpty { return HTML() }
        let count = Double(corners.count)
        let centre = (x: corners.map(\.x).reduce(0, +) / count, y: corners.map(\.y).reduce(0, +) / count)
        let list = corners.map { "\(plain($0.x)),\(plain($0.y))" }.joined(separator: " ")
        return """
            <polygon class="area heat-\(level)" points="\(list)"><title>\(area.name) \(area.words)</title></polygon>\
            <text class="on-heat-\(level)" x="\(plain(centre.x))" y="\(plain(centre.y - 3))" text-anchor="middle">\(area.name)</text>\
            <text class="on-heat-\(level) strong" x="\(plain(centre.x))" y="\(plain(centre.y + 15))" text-anchor="middle">\(area.value == nil ? "—" : area.words)</text>
            """
    }
}
