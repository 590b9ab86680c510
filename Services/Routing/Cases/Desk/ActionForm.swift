import Contracts
import Pages

/// The form of an action at the desk, as it stands for one case: derived from the action's fields.
struct ActionForm: Sendable {
    let code: String
    let name: Text
    let button: Text
    let fields: [FieldForm]
    let scene: FieldForm.Scene
    /// The most likely one stands open.
    let isUsual: Bool

    init(_ action: any StaffAction.Type, _ scene: FieldForm.Scene) {
        code = action.name
        name = action.title
        button = action.button
        fields = action.fields
        isUsual = action.isUsual
        self.scene = scene
    }

    /// What was typed into the form of one action and refused: it stands there again.
    struct Typed: Sendable, Hashable {
        let code: String
        let values: [String: [String]]
        /// What was said in words.
        var words: String? {
            let fields = CaseActions.staff(named: code)?.fields ?? []
            return fields.lazy.compactMap { field in
                if case .words = field.control { values["\(field.name)"]?.first { !$0.isEmpty } } else { nil }
            }.first
        }
    }

    func controls(_ visit: Visit, _ errors: FormErrors, typed: Typed? = nil) -> [HTML] {
        let typed = typed?.code == code ? typed?.values : nil
        return fields.map { control($0, visit, errors, typed) }
    }

    private func control(_ form: FieldForm, _ visit: Visit, _ errors: FormErrors, _ typed: [String: [String]]?) -> HTML {
        let name = "\(form.name)"
        func field(_ value: String = "") -> Field {
            Field(
                name, visit(form.title), hint: form.hint.map { visit($0) }, value: typed.map { $0[name]?.first ?? "" } ?? value,
                errors: errors, scope: code + "-")
        }
        switch form.control {
        case .words: return field().lines(visit)
        case .line: return field().line(visit)
        case .day: return field().line(visit, type: "date")
        case .flag(let yes, let no): return field().chips(visit, [.init("yes", visit(yes)), .init("no", visit(no))], style: "scale")
        case .choice(let choices, let proposed):
            let choices = choices(scene)
            if choices.count == 1, let only = choices.first { return hidden(name, only.code) }
            return field(proposed(scene)).chips(visit, shown(choices, visit), style: "scale")
        case .list(let choices): return field().list(visit, shown(choices(scene), visit))
        case .several(let choices): return field().checks(visit, shown(choices(scene), visit), values: Set(typed?[name] ?? []))
        case .ids: return HTML()
        }
    }

    private func shown(_ choices: [FieldForm.Choice], _ visit: Visit) -> [Field.Choice] {
        choices.map { .init($0.code, visit($0.name)) }
    }
}
