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

    /// The events of a decision with their versions, which rise by one and end with the case's.
    /// - Parameter isSentOut: whether departments are called in the same commit as the case is opened.
    func events(of decision: Decision, isSentOut: Bool = false) -> [(event: any CaseEvent, version: Int)] {
        decision.events.compactMap { record in
            guard let event = record.make(snapshot(decision.after, version: record.version)) else { return nil }
            guard var opened = event as? CaseOpened else { return (event, record.version) }
            opened.sentOut = isSentOut
            return (opened, record.version)
        }
    }
}
