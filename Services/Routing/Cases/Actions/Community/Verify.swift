import Actions
import Contracts
import Pages

/// 核查: somebody went and looked. What is accepted closes the case, what is not goes back to work.
struct Verify: StaffAction {
    static let name = "verify", title = Text("核查", "Verify"), button = Text("确定", "Save")
    static let from: Set<CaseState> = [.answered], by = CaseAuthority.holder
    static let isUsual = true
    private static let acceptedField = ActionField<Bool>.flag(
        "accepted", Text("结论", "Verdict"), yes: Text("通过", "Accepted"), no: Text("不通过，退回办理", "Not accepted, back to work"))
    /// What the units' words propose stands chosen; where they say nothing, work that is done has solved it.
    private static let endingField = ActionField<WorkEnding>.code(
        "ending", Text("通过时的办结方式", "How it ended, if accepted"),
        { serviceCase in WorkEnding.allCases.filter { !($0 == .solved && serviceCase.proposedEnding == .unable) } },
        proposed: { $0.proposedEnding ?? .solved }
    ).optional()
    private static let textField = ActionField<PublicText>.words(
        "text", Text("说明", "Remark"), hint: Text("不通过时必须写明原因，承办单位会看到", "Needed where it is not accepted; the units will read it")
    ).optional()
    static let fields = [acceptedField.form, endingField.form, textField.form]
    static let verified = NoteKind("verified", "核查通过", "Verified")
    static let rejected = NoteKind("rejected", "核查未通过", "Not accepted", .trouble)
    static let notes = [verified, rejected]

    let isAccepted: Bool, ending: WorkEnding?, text: PublicText?

    init(accepted: Bool, ending: WorkEnding? = nil, text: PublicText? = nil) {
        (isAccepted, self.ending, self.text) = (accepted, ending, text)
    }
    init(_ input: ActionInput) throws(FieldMistakes) {
        (isAccepted, ending, text) = try input.read(Self.acceptedField, Self.endingField, Self.textField)
    }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        let proposed = draft.before.proposedEnding
        if isAccepted { try draft.before.requireHonest(ending ?? proposed) }
        // Who must do it again has to know why.
        if !isAccepted, text?.isBlank ?? true { throw .whyNotAccepted }
        let note = NoteContent(isAccepted ? Self.verified : Self.rejected, by: by, text)
        draft.record(note) { [isAccepted, text] in
            CaseVerified(snapshot: $0, accepted: isAccepted, text: isAccepted ? nil : text)
        }
        if isAccepted {
            draft.close(ending ?? proposed ?? .answered)
        } else {
            draft.callBasis = text.map { "核查未通过：\($0)" } ?? "核查未通过"
            draft.workAgain()
        }
    }
}
