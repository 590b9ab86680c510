import Contracts

/// How a case passes from state to state. What depends on the called units is worked out from them, never passed in, so that no
/// order of their messages can lead astray.
extension CaseDraft {
    mutating func enter(_ state: CaseState) {
        if state != after.state { after.isWindowOver = false }
        if state != .reported { after.isAcceptLapsed = false }
        if after.state.isFinal, !state.isFinal { forgetEnding() }
        // Nobody reviews its own refusal.
        if after.state == .declined { after.isHeldByStreet = true }
        after.state = state
    }

    /// disputed while a dispute is open, answered when all have completed, handling once the lead has signed, else dispatched
    var workState: CaseState {
        let active = after.activeDispatches
        if !after.openDisputes.isEmpty { return .disputed }
        if !active.isEmpty, active.allSatisfy({ $0.stage == .completed }) { return .answered }
        return after.lead?.signedAt == nil ? .dispatched : .handling
    }

    /// After a word of a called unit. A pause is the approver's, so one unit of several does not end it; but without work it waits
    /// for nothing.
    mutating func continueWork() {
        guard after.state == .suspended else { return enter(workState) }
        if workState == .answered { endPause() }
    }

    /// First receiver responsible: the same units go on without signing again; own work goes back to the holder.
    mutating func workAgain() {
        after.proposedEnding = nil
        after.isContacted = false
        guard !after.isSelfHandled, !after.activeDispatches.isEmpty else { return enter(.filed) }
        for dispatch in after.activeDispatches where dispatch.stage == .completed {
            update(dispatch.id) { dispatch in
                dispatch.stage = .signed
                dispatch.completedAt = nil
            }
        }
        enter(workState)
    }

    /// Where a pause leads: the work goes on as the units' words have left it.
    var stateAfterPause: CaseState { after.suspension?.resumesTo == .filed ? .filed : workState }

    mutating func endPause() {
        record(NoteContent(Resume.resumed, by: by)) { CaseResumed(snapshot: $0) }
        let state = stateAfterPause
        for place in after.clocks.indices where after.clocks[place].isHeld {
            if !after.clocks[place].isOverdue {
                after.clocks[place].dueAt = context.calendar.due(resuming: after.clocks[place], at: now)
            }
            after.clocks[place].heldWith = nil
        }
        after.suspension = nil
        enter(state)
    }

    mutating func close(_ said: WorkEnding) {
        let ending = said.ending
        after.ending = ending
        after.closedAt = now
        // Who closed it is said by the event before.
        record(NoteContent(Close.closed, by: "", "\(ending.titles.zhHans)")) { CaseClosed(snapshot: $0, ending: ending) }
        enter(.closed)
    }

    /// Up to the limit the same handler; above it the street takes the case and must find another way.
    mutating func reopen(_ reason: PublicText) {
        after.reopenCount += 1
        callBasis = "重新办理：\(reason)"
        guard after.reopenCount > context.policy.reopenLimit else { return workAgain() }
        after.supervision = max(after.supervision, .street)
        after.isHeldByStreet = true
        after.isSelfHandled = false
        after.whistle = nil
        after.proposedEnding = nil
        recallReason = "重新办理，由街道另派：\(reason)"
        for dispatch in after.activeDispatches { recall(dispatch.id) }
        enter(.whistled)
    }

    private mutating func forgetEnding() {
        after.ending = nil
        after.closedAt = nil
        after.mergedInto = nil
    }
}
