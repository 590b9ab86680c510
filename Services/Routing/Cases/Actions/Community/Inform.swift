import Actions
import Contracts
import Pages

/// 告知进展: a word to the resident from the holder while it works on the case itself.
struct Inform: StaffAction {
    static let name = "inform", title = Text("告知进展", "Tell the resident how it stands"), button = Text("发出", "Send")
    static let from: Set<CaseState> = [.filed], by = CaseAuthority.holder
    private static let textField = ActionField<PublicText>.words("text", Text("进展", "How it stands"), hint: .residentReads)
    static let fields = [textField.form]
    static let informed = NoteKind("informed", "告知进展", "Told how it stands")
    static let notes = [informed]

    let text: PublicText

    init(text: PublicText) { self.text = text }
    init(_ input: ActionInput) throws(FieldMistakes) { text = try input.read(Self.textField) }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        if text.isBlank { throw .textMissing }
        draft.residentHasWord()
        let holder = draft.before.owner.code
        draft.record(NoteContent(Self.informed, by: holder, text)) { [text] in CaseProgressed(snapshot: $0, text: text) }
    }
}
