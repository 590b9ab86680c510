import Actions
import Contracts
import Pages

/// 办结: the holder closes what it has done alone. The desk closes by ``Verify``.
struct Close: StaffAction {
    static let name = "close", title = Text("办结", "Close")
    static let from: Set<CaseState> = [.answered], by = CaseAuthority.holder
    static let isAtDesk = false
    static let closed = NoteKind("closed", "办结", "Closed", .ended)
    static let notes = [closed]
    private static let endingField = ActionField<WorkEnding>.code("ending", Text("结果", "Result"), { _ in WorkEnding.allCases })
    static let fields = [endingField.form]

    let ending: WorkEnding

    init(_ ending: WorkEnding) { self.ending = ending }
    init(_ input: ActionInput) throws(FieldMistakes) { ending = try input.read(Self.endingField) }

    static func require(_ serviceCase: ServiceCase) throws(CaseRefusal) {
        if !serviceCase.activeDispatches.isEmpty { throw .verificationMissing }
    }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        try draft.before.requireHonest(ending)
        draft.close(ending)
    }
}
