extension PageForm {
    /// Every form of a page, in its order. Reads the markup that our pages are written in: attributes in double quotes.
    public static func all(in page: String) -> [PageForm] {
        var forms: [PageForm] = []
        var open: PageForm?
        var select: Control?
        var rest = page[...]
        while let tag = Tag(after: &rest) {
            switch tag.name {
            case "form":
                open = PageForm(
                    action: tag["action"] ?? "", method: (tag["method"] ?? "get").lowercased(),
                    isMultipart: tag["enctype"] == "multipart/form-data")
            case "/form":
                if let form = open { forms.append(form) }
                open = nil
            case "input": open?.add(tag)
            case "textarea":
                // The line break after the tag is the markup's, not the text's.
                var words = rest.prefix { $0 != "<" }
                if words.first == "\n" { words = words.dropFirst() }
                open?.controls.append(Control(name: tag["name"] ?? "", kind: .text, values: [Tag.plain(words)]))
            case "select": select = Control(name: tag["name"] ?? "", kind: .choice)
            case "option":
                select?.offers.append(tag["value"] ?? "")
                if tag["selected"] != nil || select?.values.isEmpty == true { select?.values = [tag["value"] ?? ""] }
            case "/select":
                if let control = select { open?.controls.append(control) }
                select = nil
            default: break
            }
        }
        return forms
    }

    /// The words of a page's box of errors, if it has one.
    public static func errors(in page: String) -> String? {
        guard let start = page.firstRange(of: "class=\"errors\""), let list = page[start.upperBound...].firstRange(of: "<ul>"),
            let end = page[list.upperBound...].firstRange(of: "</ul>")
        else { return nil }
        var words = ""
        var isTag = false
        for character in page[list.upperBound..<end.lowerBound] {
            if character == "<" { isTag = true } else if character == ">" { isTag = false } else if !isTag { words.append(character) }
        }
        return Tag.plain(words[...])
    }

    private mutating func add(_ tag: Tag) {
        guard let name = tag["name"] else { return }
        let value = tag["value"] ?? ""
        let isOn = tag["checked"] != nil
        switch tag["type"] ?? "text" {
        case "hidden": controls.append(Control(name: name, kind: .hidden, values: [value]))
        case "radio", "checkbox":
            let kind: Control.Kind = tag["type"] == "radio" ? .choice : .choices
            if let place = controls.firstIndex(where: { $0.name == name }) {
                controls[place].offers.append(value)
                if isOn { controls[place].values.append(value) }
            } else {
                controls.append(Control(name: name, kind: kind, offers: [value], values: isOn ? [value] : []))
            }
        case "file": controls.append(Control(name: name, kind: .file))
        case "submit", "button", "reset": break
        default: controls.append(Control(name: name, kind: .text, values: [value]))
        }
    }
}

/// One tag with its attributes.
private struct Tag {
    let name: String
    private var attributes: [String: String] = [:]

    subscript(_ name: String) -> String? { attributes[name] }

    /// The next tag; moves `rest` behind it. Comments and the document type count as tags of other names.
    init?(after rest: inout Substring) {
        guard let start = rest.firstIndex(of: "<") else { return nil }
        rest = rest[start...].dropFirst()
        name = String(rest.prefix { !$0.isWhitespace && $0 != ">" }).lowercased()
        rest = rest.dropFirst(name.count)
        while let next = rest.first(where: { !$0.isWhitespace }), next != ">" {
            rest = rest.drop { $0.isWhitespace }
            let key = rest.prefix { !$0.isWhitespace && $0 != "=" && $0 != ">" }
            rest = rest.dropFirst(key.count)
            guard rest.hasPrefix("=\"") else {
                attributes[String(key)] = ""
                if key.isEmpty { rest = rest.dropFirst() }
                continue
            }
            let value = rest.dropFirst(2).prefix { $0 != "\"" }
            attributes[String(key)] = Self.plain(value)
            rest = rest[value.endIndex...].dropFirst()
        }
        rest = rest.drop { $0 != ">" }.dropFirst()
    }

    static func plain(_ text: Substring) -> String {
        var plain = String(text)
        for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")] {
            plain = plain.replacing(entity, with: character)
        }
        return plain
    }
}
