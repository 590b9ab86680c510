import Actions
import Contracts
import Pages

/// 提级: the street asks its district to watch the case. Who must act does not change, nor any clock.
struct Escalate: StaffAction {
    static let name = "escalate", title = Text("提级", "Escalate"), button = Text("提请区级督办", "Ask the district")
    static let from: Set<CaseState> = [.filed, .whistled, .dispatched, .handling], by = CaseAuthority.street
    private static let reasonField = ActionField<PublicText>.words(
        "reason", .whyTold, hint: Text("区级会看到这段话", "The district will read this"))
    static let fields = [reasonField.form]
    static let escalated = NoteKind("escalated", "提级", "Escalated")
    static let notes = [escalated]

    let reason: PublicText

    init(reason: PublicText) { self.reason = reason }
    init(_ input: ActionInput) throws(FieldMistakes) { reason = try input.read(Self.reasonField) }

    static func require(_ serviceCase: ServiceCase) throws(CaseRefusal) {
        if serviceCase.supervision == .district { throw .alreadyWatched }
    }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        if reason.isBlank { throw .reasonMissing }
        draft.after.supervision = .district
        draft.record(NoteContent(Self.escalated, by: by, reason)) { [reason] in CaseEscalated(snapshot: $0, reason: reason) }
    }
}

extension CaseRefusal {
    static let alreadyWatched = Self("already-watched", "区级已在督办本件", "The district watches this case already")
}
