public import Contracts

/// A table of figures with a caption; on a narrow screen it scrolls inside its own box, reachable by keyboard.
public struct DataTable: Sendable {
    public var caption: String
    public var columns: [String]
    /// The first cell of each row is its heading; the others are right-aligned figures.
    public var rows: [[String]]
    /// Where each row's heading leads; empty when nowhere.
    public var links: [PagePath?]

    public init(caption: String, columns: [String], rows: [[String]], links: [PagePath?] = []) {
        self.caption = caption
        self.columns = columns
        self.rows = rows
        self.links = links
    }

    public func html(for visit: Visit) -> HTML {
        let head = columns.map { "<th scope=\"col\">\($0)</th>" as HTML }
        let body = rows.enumerated().map { place, row in
            let link = links.dropFirst(place).first.flatMap { $0 }
            let heading: HTML = link.map { "<a href=\"\($0)\">\(row.first)</a>" } ?? "\(row.first)"
            return "<tr><th scope=\"row\">\(heading)</th>\(row.dropFirst().map { "<td>\($0)</td>" as HTML })</tr>" as HTML
        }
        let empty: HTML = "<tr><td colspan=\"\(columns.count)\">\(visit(.nothingYet))</td></tr>"
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(caption)"><table>
            <caption>\(caption)</caption><thead><tr>\(head)</tr></thead><tbody>\(rows.isEmpty ? [empty] : body)</tbody></table></div>
            """
    }
}
