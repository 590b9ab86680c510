import Actions
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
        return fields.map { $0.control(visit, for: scene, typed: typed, errors: errors, scope: code + "-") }
    }
}
