import Foundation

/// Lines of a table beside the tests: columns by tabs; `\n`, `\t`, `\\` and `\u{…}` stand for what cannot be seen.
enum Table {
    static func rows(_ name: String) throws -> [[String]] {
        let file = Repository.root.appending(path: "Tests/ContractsTests/\(name)")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map { plain(String($0)) }
        }
    }

    private static func plain(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\\", let next = rest.popFirst() else {
                out.append(scalar)
                continue
            }
            switch next {
            case "n": out.append("\n")
            case "r": out.append("\r")
            case "t": out.append("\t")
            case "u":
                let digits = rest.dropFirst().prefix { $0 != "}" }
                rest = rest.dropFirst(digits.count + 2)
                if let scalar = UInt32(String(String.UnicodeScalarView(digits)), radix: 16).flatMap({ Unicode.Scalar($0) }) {
                    out.append(scalar)
                }
            default: out.append(next)
            }
        }
        return String(out)
    }
}
