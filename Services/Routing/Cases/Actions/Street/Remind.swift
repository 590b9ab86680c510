import Actions
import Contracts
import Pages

/// 催办: the street asks a called unit for a word. No clock and no state changes.
struct Remind: StaffAction {
    static let name = "remind", title = Text("催办", "Remind a unit"), button = Text("发出", "Send")
    static let from: Set<CaseState> = [.dispatched, .handling], by = CaseAuthority.streetOrDistrict
    private static let unitField = ActionField<DepartmentCode?>.awaited("department", Text("催办哪个单位", "Which unit"))
    private static let textField = ActionField<PublicText>.words("text", Text("要求", "What is asked"), hint: .departmentReads)
    static let fields = [unitField.form, textField.form]
    static let reminded = NoteKind("reminded", "催办", "Reminded")
    static let notes = [reminded], looksBackOn = notes
    /// A unit is left alone so long before it is asked again.
    static let interval = Duration.seconds(3_600)

    /// Without: the only unit that has not finished.
    let department: DepartmentCode?, text: PublicText

    init(_ department: DepartmentCode? = nil, text: PublicText) { (self.department, self.text) = (department, text) }
    init(_ input: ActionInput) throws(FieldMistakes) { (department, text) = try input.read(Self.unitField, Self.textField) }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        if text.isBlank { throw .nothingAsked }
        let awaited = draft.before.awaitedDispatches.map(\.department)
        if department == nil, awaited.count > 1 { throw .unitNotNamed }
        guard let unit = department ?? awaited.first, awaited.contains(unit) else { throw .notAwaited }
        if draft.notes.contains(where: { $0.about == unit && draft.now < $0.at.adding(Self.interval) }) { throw .alreadyReminded }
        let words: PublicText = "\(draft.context.name(of: unit))：\(text)"
        draft.record(NoteContent(Self.reminded, by: by, about: unit, words)) { [text] in
            CaseReminded(snapshot: $0, department: unit, text: text)
        }
    }
}

extension CaseRefusal {
    static let nothingAsked = Self("text-missing", "请写明要求", "Say what is asked")
    static let unitNotNamed = Self("missing-member", "有多个单位在办，请选择一个", "Several units are at work; name one", field: "department")
    static let notAwaited = Self("not-awaited", "该单位没有在办的派单", "That unit has no open order in this case")
    static let alreadyReminded = Self("already-reminded", "一小时内已催办过该单位", "That unit was reminded within the last hour")
}

extension Actions.ActionField where Subject == CaseScene, Value == DepartmentCode? {
    /// One of the called units that have not finished.
    fileprivate static func awaited(_ name: StaticString, _ title: Text) -> Self {
        let units: FieldForm.Choices = { scene in
            scene.serviceCase.awaitedDispatches.map { order in
                .init(order.department.description, Text(verbatim: scene.city.name(of: .department(order.department))))
            }
        }
        let form = FieldForm(name: name, title: title, control: .choice(units, proposed: { _ in "" }), isRequired: false)
        return Self(form: form, read: ActionField<DepartmentCode>.department(name, title).optional().read)
    }
}
