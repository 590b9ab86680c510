/// The frame of every chart: a caption, a drawing that says in words what it shows, and the same numbers as a table.
///
/// Drawings measure in percent across and in em downwards, so text keeps the size that the reader chose on every screen.
public struct Figure: Sendable {
    /// Letters and digits, unique on the page: the drawing's title is found by it.
    public var id: String
    public var title: String
    /// One sentence that says what the drawing says.
    public var summary: String
    var drawing: HTML
    /// Height of the drawing in em of its text.
    var height: Double
    /// Words with the number of the colour that they explain.
    var legend: [(words: String, series: Int)]
    var table: DataTable
    var viewBox: String?

    init(
        id: String, title: String, summary: String, drawing: HTML, height: Double, legend: [(words: String, series: Int)] = [],
        table: DataTable, viewBox: String? = nil
    ) {
        self.id = id
        self.title = title
        self.summary = summary
        self.drawing = drawing
        self.height = height
        self.legend = legend
        self.table = table
        self.viewBox = viewBox
    }

    func html(for visit: Visit) -> HTML {
        let keys = legend.map { key in
            """
            <li><svg class="key" viewBox="0 0 12 12" aria-hidden="true" focusable="false"><rect class="series-\(key.series)" width="12" height="12" rx="3"/></svg> \(key.words)</li>
            """ as HTML
        }
        let width: String? = viewBox == nil ? "100%" : nil
        let tall: String? = viewBox == nil ? Number.decimal(height, places: 2) + "em" : nil
        return """
            <figure class="figure"><figcaption>\(title)</figcaption><p class="says">\(summary)</p>
            \(if: !legend.isEmpty, "<ul class=\"legend\">\(keys)</ul>")
            <svg class="chart" role="img" aria-labelledby="\(id)-title \(id)-desc"\(attribute: "viewBox", viewBox)\
            \(attribute: "width", width)\(attribute: "height", tall)>
            <title id="\(id)-title">\(title)</title><desc id="\(id)-desc">\(summary)</desc>
            \(drawing)</svg>
            <details><summary>\(visit(.sameNumbers))</summary>\(table.html(for: visit))</details></figure>
            """
    }
}

/// Coordinates as text.
func percent(_ share: Double) -> String { Number.decimal(min(max(share, 0), 1) * 100, places: 2) + "%" }
func em(_ value: Double) -> String { Number.decimal(value, places: 2) + "em" }
func plain(_ value: Double) -> String { Number.decimal(value, places: 2) }
