import Contracts
import Pages

/// 撤回: the resident takes the report back. A withdrawal that crossed somebody's decision, or one that others wait for, moves nothing;
/// the resident's word is kept, and answered.
struct Withdraw: CaseAction {
    static let name = "withdraw", title = Text("撤回", "Withdraw")
    static let from = Set(CaseState.allCases), by = CaseAuthority.resident
    static let withdrawn = NoteKind("withdrawn", "居民撤回", "Withdrawn by the resident")
    static let kept = NoteKind("kept", "居民要求撤回，没有撤回", "The resident wanted it back, too late", .trouble)
    static let notes = [withdrawn, kept]

    let reason: PublicText?

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        guard draft.before.state == .reported, draft.before.joined.isEmpty else {
            return draft.record(NoteContent(Self.kept, by: by, reason)) { [reason] in CaseKept(snapshot: $0, reason: reason) }
        }
        draft.record(NoteContent(Self.withdrawn, by: by, reason)) { CaseWithdrawn(snapshot: $0) }
        draft.enter(.withdrawn)
    }
}
