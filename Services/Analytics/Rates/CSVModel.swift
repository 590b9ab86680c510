/// A table as CSV (RFC 4180) for spreadsheets: UTF-8 with a byte order mark, without which Excel takes Chinese for GBK.
struct CSVTable: Sendable {
    private(set) var bytes: [UInt8] = [0xEF, 0xBB, 0xBF]

    mutating func add(_ cells: [String]) {
        bytes.append(contentsOf: cells.map(Self.cell).joined(separator: ",").utf8)
        bytes.append(contentsOf: [0x0D, 0x0A])
    }

    /// Spreadsheets run what begins with one of these, also in full width and behind a tab; an apostrophe makes it text.
    private static let formulaStarts: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]

    static func cell(_ text: String) -> String {
        var guarded = text.filter { $0 != "\0" }
        let first = guarded.unicodeScalars.first { $0 != " " && $0 != "\u{FEFF}" && $0 != "\u{200B}" }
        if let first, formulaStarts.contains(first) { guarded = "'" + guarded }
        let isPlain = !guarded.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == "\r" || $0 == "\n" || $0 == ";" }
        return isPlain ? guarded : "\"" + guarded.replacing("\"", with: "\"\"") + "\""
    }
}
