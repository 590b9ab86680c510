/// Form controls with label, hint, message and kept value. The name is also the `id`.
public struct Field: Sendable {
    /// One of several answers.
    public struct Choice: Sendable, Hashable {
        public let code: String
        public let words: String
        public init(_ code: String, _ words: String) {
            self.code = code
            self.words = words
        }
    }

    public let name: String
    public let label: String
    public var hint: String?
    public var value: String
    public var errors: FormErrors
    /// Goes before the name to make the `id`, when one page holds several forms with the same field; errors name the whole `id`.
    public var scope: String

    public init(
        _ name: String, _ label: String, hint: String? = nil, value: String = "", errors: FormErrors = FormErrors(), scope: String = ""
    ) {
        self.name = name
        self.label = label
        self.hint = hint
        self.value = value
        self.errors = errors
        self.scope = scope
    }

    private var id: String { scope + name }
    private var isWrong: Bool { errors.message(for: id) != nil }
    private var describedBy: String? {
        let parts = (hint == nil ? [] : [id + "-hint"]) + (isWrong ? [id + "-wrong"] : [])
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }
    private var hintLine: HTML {
        guard let hint else { return HTML() }
        return "<p class=\"hint\" id=\"\(id)-hint\">\(hint)</p>"
    }
    private var classes: String { isWrong ? "field is-wrong" : "field" }

    /// A one-line control. `keyboard` is the `inputmode`, `fills` the `autocomplete` token.
    public func line(_ visit: Visit, type: String = "text", keyboard: String? = nil, fills: String = "off", limit: Int = 200) -> HTML {
        """
        <div class="\(classes)"><label for="\(id)">\(label)</label>\(hintLine)\(errors.beside(id, visit))
        <input id="\(id)" name="\(name)" type="\(type)" value="\(value)" maxlength="\(limit)" autocomplete="\(fills)"\
        \(attribute: "inputmode", keyboard)\(attribute: "aria-describedby", describedBy)\(attribute: "aria-invalid", isWrong ? "true" : nil)></div>
        """
    }

    /// A control of several lines.
    public func lines(_ visit: Visit, rows: Int = 3, limit: Int = 2000) -> HTML {
        """
        <div class="\(classes)"><label for="\(id)">\(label)</label>\(hintLine)\(errors.beside(id, visit))
        <textarea id="\(id)" name="\(name)" rows="\(rows)" maxlength="\(limit)"\
        \(attribute: "aria-describedby", describedBy)\(attribute: "aria-invalid", isWrong ? "true" : nil)>
        \(value)</textarea></div>
        """
    }

    /// A drop-down list; the first entry, without a code, asks to choose.
    public func list(_ visit: Visit, _ choices: [Choice]) -> HTML {
        let options = choices.map { choice in
            "<option value=\"\(choice.code)\"\(flag: "selected", choice.code == value)>\(choice.words)</option>" as HTML
        }
        return """
            <div class="\(classes)"><label for="\(id)">\(label)</label>\(hintLine)\(errors.beside(id, visit))
            <select id="\(id)" name="\(name)"\(attribute: "aria-describedby", describedBy)\
            \(attribute: "aria-invalid", isWrong ? "true" : nil)><option value="">\(visit(.choose))</option>\(options)</select></div>
            """
    }

    /// One of several, as large chips. The link from an error summary leads to the first chip.
    public func chips(_ visit: Visit, _ choices: [Choice], style: String = "chips") -> HTML {
        choiceSet(visit, choices, type: "radio", style: style) { $0.code == value }
    }

    /// Any of several. `values` are the codes already chosen.
    public func checks(_ visit: Visit, _ choices: [Choice], values: Set<String> = []) -> HTML {
        choiceSet(visit, choices, type: "checkbox", style: "scale") { values.contains($0.code) }
    }

    private func choiceSet(_ visit: Visit, _ choices: [Choice], type: String, style: String, isOn: (Choice) -> Bool) -> HTML {
        let entries = choices.enumerated().map { place, choice in
            """
            <label class="chip"><input type="\(type)" name="\(name)" value="\(choice.code)"\
            \(attribute: "id", place == 0 ? id : nil)\(flag: "checked", isOn(choice))><span>\(choice.words)</span></label>
            """ as HTML
        }
        return """
            <fieldset class="\(classes)"\(attribute: "aria-describedby", describedBy)><legend>\(label)</legend>\(hintLine)\
            \(errors.beside(id, visit))<div class="\(style)">\(entries)</div></fieldset>
            """
    }
}

/// `<input type="hidden">`.
public func hidden(_ name: String, _ value: String) -> HTML {
    "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
}
