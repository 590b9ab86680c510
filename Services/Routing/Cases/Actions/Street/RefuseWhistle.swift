import Actions
import Contracts
import Pages

/// 退回吹哨: the community can do it alone.
struct RefuseWhistle: StaffAction {
    static let name = "refuse", title = Text("退回吹哨", "Refuse the whistle")
    static let from: Set<CaseState> = [.whistled], by = CaseAuthority.holder
    private static let reasonField = ActionField<PublicText>.words("reason", .whyTold, hint: .communityReads)
    static let fields = [reasonField.form]
    static let refused = NoteKind("refused", "退回吹哨", "Whistle refused", .trouble)
    static let notes = [refused]

    let reason: PublicText

    init(reason: PublicText) { self.reason = reason }
    init(_ input: ActionInput) throws(FieldMistakes) { reason = try input.read(Self.reasonField) }

    static func require(_ serviceCase: ServiceCase) throws(CaseRefusal) {
        if serviceCase.whistle == nil { throw .nothingWhistled }
        try serviceCase.requireMayStayHere()
    }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        if reason.isBlank { throw .reasonMissing }
        draft.after.whistle = nil
        draft.record(NoteContent(Self.refused, by: by, reason)) { [reason] in CaseRefused(snapshot: $0, reason: reason) }
        draft.enter(.filed)
    }
}
