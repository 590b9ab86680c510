import Actions
import Contracts
import Pages

/// 答复居民: the holder has done it itself, or says that it cannot be done.
struct Answer: StaffAction {
    static let name = "answer", title = Text("答复居民", "Answer the resident"), button = Text("发出答复", "Send answer")
    // A supervised case without a whistle needs a way out that is not another dispatch.
    static let from: Set<CaseState> = [.filed, .whistled], by = CaseAuthority.holder
    static let isUsual = true
    private static let endingField = ActionField<WorkEnding>.code("ending", Text("结果", "Result"), { _ in WorkEnding.allCases })
    private static let textField = ActionField<PublicText>.words("text", Text("答复内容", "Answer"), hint: .residentReads)
    private static let photosField = ActionField<[PhotoID]>.photos("photos")
    static let fields = [endingField.form, textField.form, photosField.form]
    static let answered = NoteKind("answered", "答复居民", "Answered")
    static let notes = [answered]

    let text: PublicText, photos: [PhotoID], ending: WorkEnding

    init(text: PublicText, photos: [PhotoID] = [], ending: WorkEnding) {
        (self.text, self.photos, self.ending) = (text, photos, ending)
    }
    init(_ input: ActionInput) throws(FieldMistakes) {
        (ending, text, photos) = try input.read(Self.endingField, Self.textField, Self.photosField)
    }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        if text.isBlank { throw .textMissing }
        try draft.before.requireHonest(ending)
        draft.residentHasWord()
        draft.after.isSelfHandled = true
        draft.after.proposedEnding = ending
        draft.record(NoteContent(Self.answered, by: by, text, photos: photos)) { [text, photos, ending] in
            CaseAnswered(snapshot: $0, text: text, photos: photos, ending: ending.ending)
        }
        draft.enter(.answered)
    }
}
