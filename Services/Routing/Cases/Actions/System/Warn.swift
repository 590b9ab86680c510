import Contracts
import Pages

/// 预警: a clock has used up part of its time.
struct Warn: CaseAction {
    static let name = "warn", title = Text("预警", "Warn")
    static let from = Set(CaseState.allCases.filter { !$0.isFinal }), by = CaseAuthority.rule

    static let warned = NoteKind("warned", "时限提醒", "Warned")
    static let notes = [warned]

    let clock: ClockKind, department: DepartmentCode?, percent: Int

    init(_ clock: ClockKind, _ department: DepartmentCode?, percent: Int) {
        (self.clock, self.department, self.percent) = (clock, department, percent)
    }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let running = try draft.before.running(clock, department)
        if running.isOverdue || percent <= running.warned { throw .alreadyWarned }
        if !WorkCalendar.warnings.contains(percent) || draft.now < draft.context.calendar.instant(at: percent, of: running) {
            throw .clockNotDue
        }
        draft.updateClock(clock, department) { $0.warned = percent }
        let serviceCase = draft.before
        let words: PublicText = "\(clock.titles(in: serviceCase.state).zhHans)时限已用\(percent)%"
        draft.record(NoteContent(Self.warned, by: department?.description ?? serviceCase.owner.code, words)) {
            [clock, department, percent] in
            CaseWarned(snapshot: $0, clock: clock, percent: percent, department: department)
        }
    }
}

extension ServiceCase {
    func running(_ kind: ClockKind, _ department: DepartmentCode?) throws(CaseRefusal) -> CaseClock {
        guard let clock = clock(kind, department) else { throw .clockNotRunning }
        if clock.isHeld { throw .clockHeld }
        return clock
    }
}
