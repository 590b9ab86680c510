import Contracts
import Pages

/// 一事一评: the resident's evaluation of a closed case. "Not solved" reopens it.
struct Evaluate: CaseAction {
    static let name = "evaluate", title = Text("一事一评", "Evaluate")
    static let from: Set<CaseState> = [.closed], by = CaseAuthority.resident

    static let evaluated = NoteKind("evaluated", "一事一评", "Evaluated", .ended)
    static let notes = [evaluated]

    let contacted: Contacted, solved: Solved, satisfied: Satisfied

    init(_ contacted: Contacted, _ solved: Solved, _ satisfied: Satisfied) {
        (self.contacted, self.solved, self.satisfied) = (contacted, solved, satisfied)
    }

    private static let notSolved: PublicText = "评价为未解决"

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        try draft.before.requireOpenWindow(at: draft.now)
        let words: PublicText = "\(contacted.titles.zhHans)、\(solved.titles.zhHans)、\(satisfied.titles.zhHans)"
        draft.record(NoteContent(Self.evaluated, by: by, words)) { [contacted, solved, satisfied] in
            CaseEvaluated(snapshot: $0, contacted: contacted, solved: solved, satisfied: satisfied)
        }
        guard solved == .no else { return draft.enter(.evaluated) }
        draft.record(NoteContent(Reopen.reopened, by: by, Self.notSolved)) { CaseReopened(snapshot: $0, reason: Self.notSolved) }
        draft.reopen(Self.notSolved)
    }
}
