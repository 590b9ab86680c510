public import Pages

/// One of the answers that a field offers.
public struct FieldChoice: Sendable, Hashable {
    public let code: String
    public let name: Text

    public init(_ code: String, _ name: Text) {
        self.code = code
        self.name = name
    }
}

/// How a field of an action looks and what it takes, whatever its value becomes. `Subject` is what its choices depend on; `Void` where
/// they are always the same.
public struct FieldForm<Subject>: Sendable {
    public typealias Choice = FieldChoice
    public typealias Choices = @Sendable (Subject) -> [FieldChoice]

    public enum Control: Sendable {
        /// Several lines of text. `limit` is what the browser lets pass.
        case words(rows: Int, limit: Int)
        case line
        case telephone
        case day
        /// Yes or no, in words.
        case flag(yes: Text, no: Text)
        /// One of few, all in view; a single one is taken without asking.
        case choice(Choices, proposed: @Sendable (Subject) -> String)
        /// One of few as chips, one of which always stands chosen.
        case chips(Choices, proposed: String)
        /// One of many.
        case list(Choices)
        /// Any number of them.
        case several(Choices)
        /// A text, for programs only.
        case code
        /// Ids, for programs only.
        case ids
    }

    public let name: StaticString
    public let title: Text
    public var hint: Text?
    public let control: Control
    public var isRequired = true

    public init(name: StaticString, title: Text, hint: Text? = nil, control: Control, isRequired: Bool = true) {
        (self.name, self.title, self.hint, self.control, self.isRequired) = (name, title, hint, control, isRequired)
    }

    /// The name as a form and a pointer have it.
    public var key: String { "\(name)" }
}

extension FieldForm {
    /// The control with label and hint, what was typed and what is wrong with it.
    /// - Parameters:
    ///   - typed: everything that was typed into the form before; nil: nothing was, so what is proposed stands chosen.
    ///   - scope: goes before the name to make the `id`, when one page holds several forms.
    public func control(
        _ visit: Visit, for subject: Subject, typed: [String: [String]]? = nil, errors: FormErrors = FormErrors(), scope: String = ""
    ) -> HTML {
        func field(_ value: String = "") -> Field {
            Field(
                key, visit(title), hint: hint.map { visit($0) }, value: typed.map { $0[key]?.first ?? "" } ?? value, errors: errors,
                scope: scope)
        }
        switch control {
        case .words(let rows, let limit): return field().lines(visit, rows: rows, limit: limit)
        case .line: return field().line(visit)
        case .telephone: return field().line(visit, type: "tel", keyboard: "tel", fills: "tel", limit: 128)
        case .day: return field().line(visit, type: "date")
        case .flag(let yes, let no): return field().chips(visit, [.init("yes", visit(yes)), .init("no", visit(no))], style: "scale")
        case .choice(let choices, let proposed):
            let choices = choices(subject)
            if choices.count == 1, let only = choices.first { return hidden(key, only.code) }
            return field(proposed(subject)).chips(visit, shown(choices, visit), style: "scale")
        case .chips(let choices, let proposed): return field(proposed).chips(visit, shown(choices(subject), visit))
        case .list(let choices): return field().list(visit, shown(choices(subject), visit))
        case .several(let choices): return field().checks(visit, shown(choices(subject), visit), values: Set(typed?[key] ?? []))
        case .code, .ids: return HTML()
        }
    }

    private func shown(_ choices: [FieldChoice], _ visit: Visit) -> [Field.Choice] { choices.map { .init($0.code, visit($0.name)) } }
}
