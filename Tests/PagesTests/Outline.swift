/// A second, independent reading of markup: tags with the names of their attributes, in order. Enough to see whether a value grew a tag.
struct Outline: Equatable {
    private(set) var tags: [String] = []
    private(set) var ids: [String] = []
    private(set) var attributes: [(tag: String, name: String, value: String)] = []
    /// Tags that were closed in the wrong order or never.
    private(set) var unbalanced: [String] = []

    static func == (left: Outline, right: Outline) -> Bool { left.tags == right.tags }

    init(_ markup: String) {
        let empty: Set<String> = [
            "!doctype", "meta", "link", "input", "img", "br", "rect", "circle", "path", "line",
        ]
        var open: [String] = []
        var rest = Substring(markup)
        while let start = rest.firstIndex(of: "<") {
            rest = rest[rest.index(after: start)...]
            var quote: Character?
            var tag = ""
            while let character = rest.popFirst() {
                if let inside = quote {
                    if character == inside { quote = nil }
                } else if character == "\"" || character == "'" {
                    quote = character
                }
                if character == ">", quote == nil { break }
                tag.append(character)
            }
            let name = String(tag.prefix { $0 != " " && $0 != "\n" }).lowercased()
            if name.hasPrefix("/") {
                if open.last == String(name.dropFirst()) { open.removeLast() } else { unbalanced.append(name) }
            } else if !empty.contains(name), !tag.hasSuffix("/") {
                open.append(name)
            }
            tags.append(name + read(name, tag.dropFirst(name.count)))
        }
        unbalanced += open
    }

    private mutating func read(_ tag: String, _ text: Substring) -> String {
        var rest = text
        var names = ""
        while let start = rest.firstIndex(where: { $0 != " " && $0 != "\n" && $0 != "/" }) {
            rest = rest[start...]
            let name = String(rest.prefix { $0 != "=" && $0 != " " && $0 != "\n" })
            rest = rest.dropFirst(name.count)
            var value = ""
            if rest.first == "=" {
                rest = rest.dropFirst()
                guard let quote = rest.popFirst() else { break }
                value = String(rest.prefix { $0 != quote })
                rest = rest.dropFirst(value.count + 1)
            }
            names += " " + name
            attributes.append((tag, name, value))
            if name == "id" { ids.append(value) }
        }
        return names
    }
}
