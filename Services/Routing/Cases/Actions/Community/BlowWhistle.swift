import Actions
import Contracts
import Pages

/// 吹哨: the community calls for help; the street must dispatch units.
struct BlowWhistle: StaffAction {
    static let name = "whistle", title = Text("吹哨", "Whistle")
    static let from: Set<CaseState> = [.filed], by = CaseAuthority.holder
    private static let kindField = ActionField<WhistleKind>.code("kind", Text("哨的种类", "Kind of whistle"), { _ in WhistleKind.allCases })
    private static let reasonField = ActionField<PublicText>.words(
        "reason", Text("为什么社区办不了", "Why the community cannot do it alone"), hint: .streetReads)
    static let fields = [kindField.form, reasonField.form]
    static let whistled = NoteKind("whistled", "吹哨", "Whistled")
    static let notes = [whistled]

    let kind: WhistleKind, reason: PublicText

    init(_ kind: WhistleKind, reason: PublicText) { (self.kind, self.reason) = (kind, reason) }
    init(_ input: ActionInput) throws(FieldMistakes) { (kind, reason) = try input.read(Self.kindField, Self.reasonField) }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        if reason.isBlank { throw .reasonMissing }
        let id: WhistleID = draft.context.ids.next()
        draft.after.whistle = Whistle(id: id, kind: kind, by: draft.before.owner, reason: reason.description, at: draft.now)
        draft.record(NoteContent(Self.whistled, by: by, reason)) { [kind, reason] in
            CaseWhistled(snapshot: $0, whistle: id, kind: kind, reason: reason)
        }
        draft.enter(.whistled)
    }
}
