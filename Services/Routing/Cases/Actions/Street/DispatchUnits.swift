import Actions
import Contracts
import Pages

/// 派单: a lead unit 主办 and any number of co-handlers 协办 are called. Without units: those that the catalogue names.
struct DispatchUnits: StaffAction {
    static let name = "dispatch", title = Text("派单", "Dispatch")
    static let from: Set<CaseState> = [.reported, .filed, .whistled], by = CaseAuthority.streetOrRule
    static let isUsual = true
    private static let leadField = ActionField<DepartmentCode>.department("lead", Text("主办", "Lead"))
    private static let coHandlersField = ActionField<[DepartmentCode]?>.departments(
        "coHandlers", Text("协办（可多选）", "Co-handlers (any number)"), hint: Text("不选协办，就只派主办。", "Choose none to call the lead alone."))
    private static let basisField = ActionField<PublicText>.words("basis", Text("派单依据", "Basis"), hint: .departmentReads)
    static let fields = [leadField.form, coHandlersField.form, basisField.form]

    static let dispatched = NoteKind("dispatched", "派单", "Dispatched")
    static let notes = [dispatched]

    let lead: DepartmentCode?, coHandlers: [DepartmentCode]?, basis: PublicText?

    init(lead: DepartmentCode? = nil, coHandlers: [DepartmentCode]? = nil, basis: PublicText? = nil) {
        (self.lead, self.coHandlers, self.basis) = (lead, coHandlers, basis)
    }
    init(_ input: ActionInput) throws(FieldMistakes) {
        let sent = try input.read(Self.leadField.optionalForPrograms(), Self.coHandlersField, Self.basisField.optionalForPrograms())
        // Who leads need not help as well.
        (lead, coHandlers, basis) = (sent.0, sent.1?.filter { $0 != sent.0 }, sent.2)
    }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        let routing = draft.before.routing
        let calls = try calls(routing, draft)
        let basis = basis ?? PublicText(scrubbing: routing.basis)
        if basis.isBlank { throw .reasonMissing }
        draft.takeFromLateCommunity()
        draft.after.dispatches += calls.map { [now = draft.now] in Dispatch($0, at: now) }
        draft.after.isSelfHandled = false
        draft.after.isContacted = false
        draft.callBasis = basis
        let units = calls.map { CalledUnit(dispatch: $0.dispatch, department: $0.department, role: $0.role) }
        draft.record(NoteContent(Self.dispatched, by: by, words(calls, basis, draft.context))) {
            CaseDispatched(snapshot: $0, dispatches: units, basis: basis)
        }
        draft.enter(.dispatched)
    }

    /// `主办：路灯所；协办：排水所、城管中队。依据：三定`
    private func words(_ calls: [Call], _ basis: PublicText, _ context: CaseContext) -> PublicText {
        func names(_ role: DispatchRole) -> String {
            calls.filter { $0.role == role }.map { context.name(of: $0.department) }.joined(separator: "、")
        }
        let others = names(.coHandler)
        return "主办：\(names(.lead))\(others.isEmpty ? "" : "；协办：\(others)")。依据：\(basis)"
    }

    private func calls(_ routing: CatalogueResult, _ draft: CaseDraft) throws(CaseRefusal) -> [Call] {
        guard let unit = lead ?? routing.lead else { throw .leadMissing }
        let others = coHandlers ?? (unit == routing.lead ? routing.coHandlers : [])
        let departments = [unit] + others
        guard Set(departments).count == departments.count else { throw .duplicateDepartment }
        guard departments.allSatisfy({ draft.context.canCall($0, to: draft.before.place) }) else { throw .unknownDepartment }
        return departments.enumerated().map { place, department in
            Call(dispatch: draft.context.ids.next(), department: department, role: place == 0 ? .lead : .coHandler)
        }
    }
}
