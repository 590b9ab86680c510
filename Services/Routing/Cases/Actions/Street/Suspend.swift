import Actions
import Contracts
import Pages

/// 挂账: the street holds a case until a day; the only pause there is.
struct Suspend: StaffAction {
    static let name = "suspend", title = Text("挂账", "Put on hold")
    static let from: Set<CaseState> = [.filed, .handling], by = CaseAuthority.approver
    private static let untilField = ActionField<Timestamp>.day("until", Text("复核日期", "Review date"))
    private static let reasonField = ActionField<PublicText>.words("reason", .whyTold, hint: .residentReads)
    static let fields = [untilField.form, reasonField.form]
    static let suspended = NoteKind("suspended", "挂账", "Put on hold")
    static let notes = [suspended]

    let until: Timestamp, reason: PublicText

    init(until: Timestamp, reason: PublicText) { (self.until, self.reason) = (until, reason) }
    init(_ input: ActionInput) throws(FieldMistakes) { (until, reason) = try input.read(Self.untilField, Self.reasonField) }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        guard let approver = draft.actor.unit else { throw .notAnApprover }
        let by = draft.by
        if reason.isBlank { throw .reasonMissing }
        let longest = draft.now.adding(milliseconds: Int64(draft.context.policy.longestSuspensionDays) * 86_400_000)
        guard draft.now < until, until <= longest else { throw .suspensionLength }
        draft.after.suspension = Suspension(
            approver: approver, from: draft.now, until: until, reason: reason.description, resumesTo: draft.before.state)
        draft.record(NoteContent(Self.suspended, by: by, reason)) { [until, reason] in
            CaseSuspended(snapshot: $0, until: until, reason: reason)
        }
        draft.enter(.suspended)
    }
}
