/// What a reader would stumble over in a page: text that is no text, and Chinese that no editor would pass.
public enum PageText {
    /// Values that came out as the program writes them, not as people do.
    private static let foreign = [
        "HTML(", "Text(", "Optional(", "PagePath", "markup:", "chinese:", "%@", "[object", "\\u{", "undefined", "NaN", "Swift.", "\\(",
        "(null)",
    ]

    /// The visible text of a page: between tags, references resolved; with what is shown by attributes.
    public static func visible(_ html: String) -> String {
        var text = ""
        var rest = html[...]
        while let open = rest.firstIndex(of: "<") {
            text += rest[..<open] + " "
            guard let close = rest[open...].firstIndex(of: ">") else { break }
            for name in ["alt=\"", "aria-label=\"", "title=\"", "data-done=\"", "data-kept=\"", "data-lost=\""] {
                if let start = rest[open..<close].firstRange(of: name) { text += rest[start.upperBound...].prefix { $0 != "\"" } + " " }
            }
            rest = rest[rest.index(after: close)...]
        }
        text += rest
        for (reference, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
            text = text.replacing(reference, with: character)
        }
        return text
    }

    /// What is wrong with a page's text, each with its surroundings.
    public static func faults(_ html: String) -> [String] {
        let text = visible(html)
        var faults = foreign.filter(text.contains).map { "\($0) in a page" }
        if html.contains("lang=\"zh-Hans\" class") { faults += chineseFaults(text) }
        return faults
    }

    /// ASCII punctuation beside Chinese characters, and 你 where residents are 您.
    public static func chineseFaults(_ text: String) -> [String] {
        var faults: [String] = []
        let scalars = Array(text.unicodeScalars)
        for (place, scalar) in scalars.enumerated() {
            let isMark = [",", ".", ":", ";", "?", "!", "(", ")"].contains(scalar)
            let around = [place - 1, place + 1].contains { scalars.indices.contains($0) && isChinese(scalars[$0]) }
            guard scalar == "你" || isMark && around else { continue }
            var near = String.UnicodeScalarView()
            near.append(contentsOf: scalars[max(place - 12, 0)..<min(place + 12, scalars.count)])
            faults.append("\(scalar) in 「\(String(near).replacing("\n", with: " "))」")
        }
        return faults
    }

    private static func isChinese(_ scalar: Unicode.Scalar) -> Bool { (0x4E00...0x9FFF).contains(scalar.value) }
}
