import Contracts

/// One decision in the making: the case after it, and what has been said so far.
struct CaseStep {
    var one: Case
    let before: Case
    let actor: CaseActor?
    let now: Timestamp
    let context: CaseContext
    var events: [CaseChange] = []
    var recalled: [DispatchID] = []

    init(_ one: Case, actor: CaseActor?, at now: Timestamp, in context: CaseContext) {
        self.one = one
        self.before = one
        self.actor = actor
        self.now = now
        self.context = context
        self.one.changedAt = now
    }

    var decision: Decision {
        Decision(
            after: one, events: events,
            started: one.clocks.filter { clock in !before.clocks.contains(clock) },
            stopped: before.clocks.filter { clock in one.clock(clock.kind, clock.department) == nil }, recalled: recalled)
    }

    /// One event, one version.
    mutating func say(_ change: CaseChange) {
        events.append(change)
        one.version += 1
    }

    // MARK: The work

    mutating func perform(_ command: CaseCommand) {
        guard let actor else { return }
        switch command {
        case .accept:
            one.isHeldByStreet = one.isHeldByStreet || isTakenByStreet(actor)
            say(.filed(by: actor.code))
        case .decline(let reason):
            answerGiven()
            say(.declined(by: actor.code, reason: reason))
        case .merge(let into, let number):
            one.mergedInto = into
            one.ending = .merged
            say(.merged(into: into, number: number, by: actor.code))
        case .join(let ticket, let number):
            one.joined.append(JoinedTicket(ticket: ticket, number: number))
            say(.joined(ticket, number, by: actor.code))
        case .leave(let ticket, let number):
            one.joined.removeAll { $0.ticket == ticket }
            say(.left(ticket, number, by: actor.code))
        case .withdraw(let reason):
            say(one.state == .reported && one.joined.isEmpty ? .withdrawn(reason: reason) : .kept(reason: reason))
        case .answer(let text, let photos, let ending):
            answerGiven()
            one.isSelfHandled = true
            one.proposedEnding = ending
            say(.answered(by: actor.code, text: text, photos: photos, ending: ending))
        case .whistle(let id, let kind, let reason):
            one.whistle = Whistle(id: id, kind: kind, by: one.owner, reason: reason.description, at: now)
            say(.whistled(id, kind, by: actor.code, reason: reason))
        case .refuseWhistle(let reason):
            one.whistle = nil
            say(.refused(by: actor.code, reason: reason))
        case .dispatch(let calls, let basis):
            one.isHeldByStreet = one.isHeldByStreet || isTakenByStreet(actor)
            one.dispatches += calls.map { Dispatch($0, at: now) }
            one.isSelfHandled = false
            one.isContacted = false
            say(.dispatched(calls, by: actor.code, basis: basis))
        case .adjudicate(let id, let ruling, let reason): adjudicate(id, ruling, reason, by: actor.code)
        case .suspend(let until, let reason): suspend(until: until, reason, actor)
        case .resume: say(.resumed(by: actor.code))
        case .sign, .arrive, .dispute, .progress, .complete: performUnit(command)
        case .verify, .close, .evaluate, .reopen: performEnding(command, actor.code)
        case .warn, .expire: performTime(command, actor.code)
        }
    }

    /// The community let the time to accept lapse, and it was not the first to act afterwards.
    private func isTakenByStreet(_ actor: CaseActor) -> Bool {
        guard one.isAcceptLapsed, case .unit(let unit) = actor.role else { return false }
        return unit.kind != .community
    }

    private mutating func performUnit(_ command: CaseCommand) {
        switch command {
        case .sign(let id):
            let department = update(id) { [now] in $0.sign(at: now, byRule: false) }
            if let department { say(.signed(department, byRule: false)) }
        case .arrive(let id):
            // Turning up says more than a signature and includes it.
            let department = update(id) { [now] dispatch in
                if dispatch.stage == .called { dispatch.sign(at: now, byRule: false) }
                dispatch.arrivedAt = now
            }
            if let department { say(.arrived(department)) }
        case .dispute(let id, let ground, let text):
            guard let department = update(id, { $0.stage = .disputed }) else { return }
            one.disputes.append(
                Dispute(dispatch: id, department: department, ground: ground, text: text?.description, at: now, court: .street))
            say(.disputed(department, ground, text: text))
        case .progress(let id, let text):
            answerGiven()
            let dispatch = id.flatMap { one.dispatch($0) }
            if dispatch?.role == .lead { one.isContacted = true }
            say(.progressed(dispatch.map { .department($0.department) } ?? one.owner, text: text))
        case .complete(let id, let text, let photos, let ending):
            answerGiven()
            // The lead's word on how it ended counts, a co-handler's only where the lead says nothing.
            if let ending, one.proposedEnding == nil || one.dispatch(id)?.role == .lead { one.proposedEnding = ending }
            let department = update(id) { [now] dispatch in
                dispatch.stage = .completed
                dispatch.completedAt = now
            }
            if let department { say(.completed(department, text: text, photos: photos)) }
        default: break
        }
    }

    private mutating func adjudicate(_ id: DispatchID, _ ruling: Ruling, _ reason: PublicText?, by: Actor) {
        guard let place = one.disputes.firstIndex(where: { $0.dispatch == id && $0.isOpen }) else { return }
        let department = one.disputes[place].department
        switch ruling {
        case .uphold:
            one.disputes[place].verdict = .uphold
            update(id) { [now] in $0.sign(at: now, byRule: true) }
            say(.adjudicated(department, .uphold, to: nil, by: by, reason: reason))
        case .reassign(let other, let otherID):
            one.disputes[place].verdict = .reassign
            let role = one.dispatch(id)?.role ?? .coHandler
            update(id) { $0.stage = .recalled }
            recalled.append(id)
            one.dispatches.append(Dispatch(Call(dispatch: otherID, department: other, role: role), at: now))
            inheritHandling(from: department, to: other)
            say(.adjudicated(department, .reassign, to: other, by: by, reason: reason))
        }
    }

    private mutating func suspend(until: Timestamp, _ reason: PublicText, _ actor: CaseActor) {
        guard case .unit(let approver) = actor.role else { return }
        one.suspension = Suspension(approver: approver, from: now, until: until, reason: reason.description, resumesTo: one.state)
        say(.suspended(by: actor.code, until: until, reason: reason))
    }

    private mutating func performEnding(_ command: CaseCommand, _ by: Actor) {
        switch command {
        case .verify(let accepted, let ending, let text):
            say(.verified(by: by, accepted: accepted, text: text))
            if accepted { close(ending ?? one.proposedEnding ?? .answered) }
        case .close(let ending): close(ending)
        case .evaluate(let contacted, let solved, let satisfied): say(.evaluated(contacted, solved, satisfied))
        case .reopen(let reason): say(.reopened(by: by, reason: reason))
        default: break
        }
    }

    private mutating func close(_ ending: Ending) {
        one.ending = ending
        one.closedAt = now
        say(.closed(ending))
    }

    /// The first word to the resident ends the first-answer clock, whoever says it.
    private mutating func answerGiven() {
        if one.firstAnsweredAt == nil { one.firstAnsweredAt = now }
    }

    @discardableResult
    mutating func update(_ id: DispatchID, _ change: (inout Dispatch) -> Void) -> DepartmentCode? {
        guard let place = one.dispatches.firstIndex(where: { $0.id == id }) else { return nil }
        change(&one.dispatches[place])
        return one.dispatches[place].department
    }
}
