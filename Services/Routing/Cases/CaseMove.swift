import Contracts

extension CaseStep {
    /// Enters the next state and lets its clocks run.
    mutating func move(_ next: NextState, _ command: CaseCommand) {
        switch next {
        case .to(let state): enter(state)
        case .stay: break
        case .work: enter(workState)
        case .rework: rework()
        case .resumed: resume()
        case .onHold: endPauseWhenDone()
        case .verdict: if one.closedAt == nil { rework() } else { enter(.closed) }
        case .withdrawal: if one.joined.isEmpty { enter(.withdrawn) }
        case .evaluation: evaluate(command)
        case .reopening: reopen()
        }
        arrangeClocks()
    }

    private mutating func enter(_ state: CaseState) {
        if state != one.state { one.isWindowOver = false }
        if state != .reported { one.isAcceptLapsed = false }
        if one.state.isFinal, !state.isFinal { forgetEnding() }
        // Nobody reviews its own refusal.
        if one.state == .declined { one.isHeldByStreet = true }
        one.state = state
    }

    /// Worked out from the units, so that no order of their messages can lead astray.
    private var workState: CaseState {
        let active = one.activeDispatches
        if !one.openDisputes.isEmpty { return .disputed }
        if !active.isEmpty, active.allSatisfy({ $0.stage == .completed }) { return .answered }
        return one.lead?.signedAt == nil ? .dispatched : .handling
    }

    /// First receiver responsible: the same units go on without signing again; own work goes back to the holder.
    private mutating func rework() {
        one.proposedEnding = nil
        one.isContacted = false
        guard !one.isSelfHandled, !one.activeDispatches.isEmpty else { return enter(.filed) }
        for dispatch in one.activeDispatches where dispatch.stage == .completed {
            update(dispatch.id) { dispatch in
                dispatch.stage = .signed
                dispatch.completedAt = nil
            }
        }
        enter(workState)
    }

    /// A pause waits for work. It is the approver's, so one unit of several does not end it; without work it waits for nothing.
    private mutating func endPauseWhenDone() {
        guard workState == .answered, let actor else { return }
        say(.resumed(by: actor.code))
        resume()
    }

    /// Where a pause leads: the work goes on as the units' words have left it.
    var resumed: CaseState { one.suspension?.resumesTo == .filed ? .filed : workState }

    private mutating func resume() {
        let state = resumed
        for place in one.clocks.indices where one.clocks[place].isHeld {
            if !one.clocks[place].isOverdue {
                one.clocks[place].dueAt = context.calendar.due(resuming: one.clocks[place], at: now)
            }
            one.clocks[place].heldWith = nil
        }
        one.suspension = nil
        enter(state)
    }

    private mutating func evaluate(_ command: CaseCommand) {
        guard case .evaluate(_, .no, _) = command, let actor else { return enter(.evaluated) }
        say(.reopened(by: actor.code, reason: "评价为未解决"))
        reopen()
    }

    /// Up to the limit the same handler; above it the street takes the case and must find another way.
    private mutating func reopen() {
        one.reopenCount += 1
        guard one.reopenCount > context.policy.reopenLimit else { return rework() }
        one.supervision = max(one.supervision, .street)
        one.isHeldByStreet = true
        one.isSelfHandled = false
        one.whistle = nil
        one.proposedEnding = nil
        for dispatch in one.activeDispatches {
            update(dispatch.id) { $0.stage = .recalled }
            recalled.append(dispatch.id)
        }
        enter(.whistled)
    }

    private mutating func forgetEnding() {
        one.ending = nil
        one.closedAt = nil
        one.mergedInto = nil
    }
}
