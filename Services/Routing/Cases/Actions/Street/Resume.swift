import Actions
import Contracts
import Pages

/// 恢复办理: the pause ends before its day.
struct Resume: StaffAction {
    static let name = "resume", title = Text("恢复办理", "Resume")
    static let from: Set<CaseState> = [.suspended], by = CaseAuthority.approverOrAbove
    static let isUsual = true
    static let resumed = NoteKind("resumed", "恢复办理", "Resumed")
    static let notes = [resumed]

    init() {}
    init(_ input: ActionInput) throws(FieldMistakes) {}

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        draft.endPause()
    }
}
