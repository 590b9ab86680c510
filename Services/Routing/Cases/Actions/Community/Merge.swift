import Actions
import Contracts
import Pages

/// 并单: the same matter is worked on in another case; its reporter is told what becomes of that one.
struct Merge: StaffAction {
    static let name = "merge", title = Text("并单", "Merge")
    static let from: Set<CaseState> = [.reported], by = CaseAuthority.holder
    private static let into = ActionField<OtherCase>.otherCase(
        "into", Text("并到哪一件（工单号）", "Into which ticket (number)"), hint: Text("两边的居民都会收到进展", "Both residents will be told"))
    static let fields = [into.form]
    static let merged = NoteKind("merged", "并单", "Merged")
    static let notes = [merged]

    let target: OtherCase
    var other: OtherCase? { target }

    init(into target: OtherCase) { self.target = target }
    init(_ input: ActionInput) throws(FieldMistakes) { target = try input.read(Self.into) }

    static func require(_ serviceCase: ServiceCase) throws(CaseRefusal) { if !serviceCase.joined.isEmpty { throw .othersJoined } }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        let serviceCase = draft.before
        if target == .id(serviceCase.id) || target == .number(serviceCase.number) { throw .intoItself }
        guard let other = draft.other else { throw .noSuchCase }
        guard !other.state.isFinal, other.place.street == serviceCase.place.street else { throw .mergeTarget }
        draft.after.mergedInto = other.id
        draft.after.ending = .merged
        draft.onOther = JoinTicket(ticket: serviceCase.id, number: serviceCase.number)
        draft.record(NoteContent(Self.merged, by: by, "并入 \(other.number.description)")) { CaseMerged(snapshot: $0) }
        draft.enter(.merged)
    }
}
