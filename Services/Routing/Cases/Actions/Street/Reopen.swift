import Actions
import Contracts
import Pages

/// 重开: not solved after all, or a refusal is reviewed; while the window of the ended case is open.
struct Reopen: StaffAction {
    static let name = "reopen", title = Text("重开", "Reopen")
    static let from: Set<CaseState> = [.closed, .evaluated, .merged, .declined, .withdrawn], by = CaseAuthority.residentOrStreet
    private static let reasonField = ActionField<PublicText>.words("reason", .whyTold, hint: .residentReads)
    static let fields = [reasonField.form]
    static let reopened = NoteKind("reopened", "重开", "Reopened", .trouble)
    static let notes = [reopened]

    let reason: PublicText
    /// What was said where it is not for everybody who is told of the case; the staff reads it.
    var said: PublicText?
    var other: OtherCase? { .mergedInto }

    init(reason: PublicText, said: PublicText? = nil) { (self.reason, self.said) = (reason, said) }
    init(_ input: ActionInput) throws(FieldMistakes) { reason = try input.read(Self.reasonField) }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        try draft.before.requireOpenWindow(at: draft.now)
        if reason.isBlank { throw .reasonMissing }
        let serviceCase = draft.before
        draft.record(NoteContent(Self.reopened, by: draft.by, said ?? reason)) { [reason] in
            CaseReopened(snapshot: $0, reason: reason)
        }
        switch serviceCase.state {
        case .closed, .evaluated: draft.reopen(reason)
        case .merged:
            draft.onOther = SeparateTicket(ticket: serviceCase.id, number: serviceCase.number)
            draft.enter(.reported)
        default: draft.enter(.reported)
        }
    }
}
