import Contracts
import Pages

/// 超时: a clock has run out. What that means depends on the clock.
struct Expire: CaseAction {
    static let name = "expire", title = Text("超时", "Run out")
    static let from = Set(CaseState.allCases), by = CaseAuthority.rule
    static let lapsed = NoteKind("lapsed", "超过受理时限，街道介入", "Not accepted in time: the street is called in", .trouble)
    static let overdue = NoteKind("overdue", "超时", "Overdue", .trouble)
    static let notes = [lapsed, overdue]

    let clock: ClockKind, department: DepartmentCode?

    init(_ clock: ClockKind, _ department: DepartmentCode?) { (self.clock, self.department) = (clock, department) }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let state = draft.before.state
        guard CaseClocks.canRunOut(clock, in: state) else { throw .wrongState }
        let running = try draft.before.running(clock, department)
        if running.isOverdue { throw .alreadyExpired }
        if draft.now < running.dueAt { throw .clockNotDue }
        switch clock {
        case .evaluate, .reopen, .appeal: draft.after.isWindowOver = true  // A window that ends is nobody's fault and no news.
        case .review: draft.endPause()
        default: announce(running, &draft)
        }
    }

    private func announce(_ running: CaseClock, _ draft: inout CaseDraft) {
        draft.updateClock(clock, department) { $0.isOverdue = true }
        draft.record(note(draft.before)) { [clock, department] in
            CaseOverdue(snapshot: $0, clock: clock, dueAt: running.dueAt, department: department)
        }
        draft.after.supervision = draft.after.supervision == .none ? .street : .district
        switch clock {
        case .accept: draft.after.isAcceptLapsed = true
        case .sign:
            acceptBySilence(&draft)
            draft.enter(draft.workState)
        case .adjudicate: raise(&draft)
        default: break
        }
    }

    private func note(_ serviceCase: ServiceCase) -> NoteContent {
        if clock == .accept { return NoteContent(Self.lapsed, by: serviceCase.place.community ?? serviceCase.place.street) }
        let unit = department?.description ?? serviceCase.owner.code
        return NoteContent(Self.overdue, by: unit, "\(clock.titles(in: serviceCase.state).zhHans)")
    }

    private func acceptBySilence(_ draft: inout CaseDraft) {
        guard let dispatch = draft.after.activeDispatches.first(where: { $0.department == department && $0.stage == .called }) else {
            return
        }
        draft.update(dispatch.id) { [now = draft.now] in $0.sign(at: now, byRule: true) }
        draft.record(NoteContent(SignFor.deemedSigned, by: dispatch.department)) {
            CaseSigned(snapshot: $0, department: dispatch.department)
        }
    }

    /// The street had its time; now the district must decide, with a clock of its own. After that there is nobody above.
    private func raise(_ draft: inout CaseDraft) {
        guard let place = draft.after.disputes.firstIndex(where: { $0.isOpen && $0.department == department }),
            draft.after.disputes[place].court == .street
        else { return }
        draft.after.disputes[place].court = .district
        draft.restart(.adjudicate, department)
    }
}
