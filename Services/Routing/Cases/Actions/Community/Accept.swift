import Actions
import Contracts
import Pages

/// 受理: the unit takes the case as its own.
struct Accept: StaffAction {
    static let name = "accept", title = Text("受理", "Accept")
    static let from: Set<CaseState> = [.reported], by = CaseAuthority.holder
    static let isUsual = true
    static let accepted = NoteKind("filed", "受理", "Accepted")
    static let notes = [accepted]

    static func require(_ serviceCase: ServiceCase) throws(CaseRefusal) { try serviceCase.requireMayStayHere() }

    init() {}
    init(_ input: ActionInput) throws(FieldMistakes) {}

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        draft.takeFromLateCommunity()
        draft.record(NoteContent(Self.accepted, by: by)) { CaseFiled(snapshot: $0) }
        draft.enter(.filed)
    }
}
