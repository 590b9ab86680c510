import Contracts

/// Puts what happened to a case into the words of the contracts.
struct CaseNews: Sendable {
    let city: City

    /// The case as it stands, with the version of one of its events.
    func snapshot(_ one: Case, version: Int) -> CaseSnapshot {
        CaseSnapshot(
            ticket: one.id, number: one.number, version: version, state: one.state, owner: owner(one.owner),
            community: one.place.community ?? one.place.street, grid: one.place.grid, plate: one.place.plate,
            category: one.category, categoryName: city.name(of: one.category), urgency: one.urgency, channel: one.channel,
            lead: one.lead?.department,
            coHandlers: one.activeDispatches.filter { $0.role == .coHandler }.map(\.department),
            awaited: one.awaitedDispatches.map(\.department), whistle: one.whistle?.kind,
            selfHandled: one.isSelfHandled, ending: one.ending, submittedAt: one.submittedAt, openedAt: one.openedAt,
            firstAnsweredAt: one.firstAnsweredAt, closedAt: one.closedAt, reopenCount: one.reopenCount,
            clocks: one.clocks.filter { !$0.isHeld }.map { ClockDue(kind: $0.kind, dueAt: $0.dueAt, department: $0.department) },
            joined: one.joined)
    }

    private func owner(_ unit: CaseUnit) -> CaseOwner {
        switch unit {
        case .community(let area): .community(area)
        case .street(let area): .street(area)
        case .district(let area): .district(area)
        case .department(let code): .department(code)
        case .nobody: .none
        }
    }

    /// One event for each change. The versions rise by one and end with the case's.
    /// - Parameter sentOut: whether departments are called in the same commit as the case is opened.
    func events(of decision: Decision, _ report: CaseReport, sentOut: Bool = false) -> [(event: any CaseEvent, version: Int)] {
        let first = decision.after.version - decision.events.count
        return decision.events.enumerated().compactMap { place, change in
            let version = first + place + 1
            return event(change, snapshot(decision.after, version: version), decision.after, report, sentOut).map { ($0, version) }
        }
    }

    private func event(
        _ change: CaseChange, _ snapshot: CaseSnapshot, _ one: Case, _ report: CaseReport, _ sentOut: Bool
    ) -> (any CaseEvent)? {
        switch change {
        case .opened:
            return CaseOpened(
                snapshot: snapshot, text: PublicText(scrubbing: report.text), photos: report.photos, placeName: one.place.name,
                sentOut: sentOut)
        case .filed(let by): return CaseFiled(snapshot: snapshot, by: by)
        case .declined(let by, let reason): return CaseDeclined(snapshot: snapshot, by: by, reason: reason)
        case .merged(let into, _, _): return CaseMerged(snapshot: snapshot, into: into)
        case .joined(let ticket, let number, _):
            return CaseJoined(snapshot: snapshot, ticket: ticket, number: number, isJoined: true)
        case .left(let ticket, let number, _):
            return CaseJoined(snapshot: snapshot, ticket: ticket, number: number, isJoined: false)
        case .withdrawn: return CaseWithdrawn(snapshot: snapshot)
        case .kept(let reason): return CaseKept(snapshot: snapshot, reason: reason)
        case .answered(let by, let text, let photos, let ending):
            return CaseAnswered(
                snapshot: snapshot, by: by, text: text, photos: photos, ending: ending)
        case .whistled(let id, let kind, let by, let reason):
            return CaseWhistled(
                snapshot: snapshot, whistle: id, kind: kind, by: by, reason: reason)
        case .refused(let by, let reason): return CaseRefused(snapshot: snapshot, by: by, reason: reason)
        case .dispatched(let calls, let by, let basis):
            let units = calls.map { CalledUnit(dispatch: $0.dispatch, department: $0.department, role: $0.role) }
            return CaseDispatched(snapshot: snapshot, dispatches: units, by: by, basis: basis)
        case .verified(let by, let accepted, let text):
            return CaseVerified(
                snapshot: snapshot, by: by, accepted: accepted, text: accepted ? nil : text)
        case .suspended(let by, let until, let reason):
            return CaseSuspended(snapshot: snapshot, by: by, until: until, reason: reason)
        case .resumed(let by): return CaseResumed(snapshot: snapshot, by: by)
        case .closed(let ending): return CaseClosed(snapshot: snapshot, ending: ending)
        case .reopened(_, let reason): return CaseReopened(snapshot: snapshot, reason: reason)
        case .evaluated(let contacted, let solved, let satisfied):
            return CaseEvaluated(snapshot: snapshot, contacted: contacted, solved: solved, satisfied: satisfied)
        case .warned(let clock, let department, let percent):
            return CaseWarned(snapshot: snapshot, clock: clock, percent: percent, department: department)
        case .overdue(let clock, let department, let dueAt):
            return CaseOverdue(snapshot: snapshot, clock: clock, dueAt: dueAt, department: department)
        case .signed, .arrived, .disputed, .adjudicated, .progressed, .completed: return unitEvent(change, snapshot)
        }
    }

    private func unitEvent(_ change: CaseChange, _ snapshot: CaseSnapshot) -> (any CaseEvent)? {
        switch change {
        case .arrived(let department): return CaseArrived(snapshot: snapshot, department: department)
        case .disputed(let department, let ground, let text):
            return CaseDisputed(
                snapshot: snapshot, department: department, ground: ground, text: text)
        case .adjudicated(let department, let verdict, let to, let by, let reason):
            return CaseAdjudicated(
                snapshot: snapshot, verdict: verdict, to: to, by: by, department: department, reason: reason)
        case .completed(let department, let text, let photos):
            return CaseCompleted(
                snapshot: snapshot, department: department, text: text, photos: photos)
        case .progressed(let unit, let text):
            // The holder of a filed case is named by its area's code; nobody never speaks.
            return DepartmentCode(unit.code).map { CaseProgressed(snapshot: snapshot, department: $0, text: text) }
        case .signed(let department, let byRule): return CaseSigned(snapshot: snapshot, department: department, byRule: byRule)
        default: return nil
        }
    }
}
