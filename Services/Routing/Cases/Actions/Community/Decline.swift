import Actions
import Contracts
import Pages

/// 不予受理: nobody will work on it; the resident may ask the street to review that.
struct Decline: StaffAction {
    static let name = "decline", title = Text("不予受理", "Decline")
    static let from: Set<CaseState> = [.reported], by = CaseAuthority.holder
    private static let reasonField = ActionField<PublicText>.words("reason", .whyTold, hint: .residentReads)
    static let fields = [reasonField.form]
    static let declined = NoteKind("declined", "不予受理", "Declined", .trouble)
    static let notes = [declined]

    let reason: PublicText

    init(reason: PublicText) { self.reason = reason }
    init(_ input: ActionInput) throws(FieldMistakes) { reason = try input.read(Self.reasonField) }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        if reason.isBlank { throw .reasonMissing }
        draft.residentHasWord()
        draft.record(NoteContent(Self.declined, by: by, reason)) { [reason] in CaseDeclined(snapshot: $0, reason: reason) }
        draft.enter(.declined)
    }
}
