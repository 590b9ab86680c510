import Actions
import Contracts
import Pages

/// 裁定异议: the unit keeps the case and counts as having signed, or another takes its place; the handling clock goes on.
struct Adjudicate: StaffAction {
    static let name = "adjudicate", title = Text("裁定异议", "Decide the dispute"), button = Text("确定", "Save")
    static let from: Set<CaseState> = [.disputed], by = CaseAuthority.court
    static let isUsual = true
    private static let disputeField = ActionField<DispatchID?>.dispute("dispatch", Text("裁定哪个单位的异议", "Whose dispute"))
    private static let verdictField = ActionField<Verdict>.code("verdict", Text("结论", "Verdict"), { _ in Verdict.allCases })
    private static let toField = ActionField<DepartmentCode>.department("to", Text("改派给", "Reassign to"))
    private static let reasonField = ActionField<PublicText>.words("reason", .whyTold, hint: .departmentReads)
    static let fields = [disputeField.form, verdictField.form, toField.form, reasonField.form]
    static let adjudicated = NoteKind("adjudicated", "裁定", "Decided")
    static let notes = [adjudicated]

    /// Without: the only open dispute.
    let order: DispatchID?, verdict: Verdict, to: DepartmentCode?, reason: PublicText?

    init(_ order: DispatchID? = nil, _ verdict: Verdict, to: DepartmentCode? = nil, reason: PublicText? = nil) {
        (self.order, self.verdict, self.to, self.reason) = (order, verdict, to, reason)
    }
    init(_ input: ActionInput) throws(FieldMistakes) {
        (order, verdict, to, reason) = try input.read(
            Self.disputeField, Self.verdictField, Self.toField.optional(), Self.reasonField.optionalForPrograms())
    }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        let open = draft.before.openDisputes
        if order == nil, open.count > 1 { throw .disputeNotNamed }
        let dispatch = try draft.before.active(order ?? open.first?.dispatch)
        guard dispatch.stage == .disputed, let place = draft.after.disputes.firstIndex(where: { $0.dispatch == dispatch.id && $0.isOpen })
        else { throw .notInDispute }
        draft.after.disputes[place].verdict = verdict
        let basis = draft.before.routing.basis
        switch verdict {
        case .uphold:
            if to != nil { throw .successorUnexpected }
            draft.update(dispatch.id) { [now = draft.now] in $0.sign(at: now, byRule: true) }
            draft.callBasis = Self.basis("派单异议不成立，维持派单", reason, basis)
        case .reassign:
            try reassign(dispatch, &draft)
            draft.callBasis = Self.basis("派单异议裁定改派", reason, basis)
            draft.recallReason = "派单异议成立"
        }
        let successor = verdict == .reassign ? to : nil
        draft.record(NoteContent(Self.adjudicated, by: by, words(dispatch.department, successor, draft.context))) {
            [verdict, reason] in
            CaseAdjudicated(snapshot: $0, verdict: verdict, to: successor, department: dispatch.department, reason: reason)
        }
        draft.enter(draft.workState)
    }

    private func reassign(_ dispatch: Dispatch, _ draft: inout CaseDraft) throws(CaseRefusal) {
        let serviceCase = draft.before
        guard let to else { throw .successorMissing }
        guard draft.context.canCall(to, to: draft.before.place) else { throw .unknownDepartment }
        guard !serviceCase.activeDispatches.contains(where: { $0.department == to }) else { throw .duplicateDepartment }
        // Two streets of units may not play ping-pong; the district, who must decide, may name anyone.
        let wasRelieved = serviceCase.disputes.contains { $0.department == to && $0.verdict == .reassign }
        if wasRelieved, !Standing(actor: draft.actor, serviceCase: serviceCase).isDistrict { throw .alreadyReturned }
        draft.recall(dispatch.id)
        let call = Call(dispatch: draft.context.ids.next(), department: to, role: dispatch.role)
        draft.after.dispatches.append(Dispatch(call, at: draft.now))
        draft.inheritHandling(from: dispatch.department, to: to)
    }

    /// `路灯所的异议：改派城管中队。现场归城管。`
    private func words(_ department: DepartmentCode, _ successor: DepartmentCode?, _ context: CaseContext) -> PublicText {
        let ruling = "\(context.name(of: department))的异议：\(verdict.titles.zhHans)\(successor.map(context.name) ?? "")"
        return reason.map { "\(ruling)。\($0)" } ?? "\(ruling)"
    }

    private static func basis(_ verdict: String, _ reason: PublicText?, _ basis: String) -> PublicText {
        PublicText(scrubbing: [verdict, reason?.description, basis].compactMap(\.self).joined(separator: "；"))
    }
}
