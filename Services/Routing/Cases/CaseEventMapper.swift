import Contracts

/// Puts what happened to a case into the words of the contracts.
struct CaseEventMapper: Sendable {
    let city: CurrentCity

    /// The case as it stands, with the version of one of its events.
    func snapshot(_ serviceCase: ServiceCase, version: Int) -> CaseSnapshot {
        CaseSnapshot(
            ticket: serviceCase.id, number: serviceCase.number, version: version, state: serviceCase.state, owner: owner(serviceCase.owner),
            by: serviceCase.changedBy, area: serviceCase.place.community ?? serviceCase.place.street, grid: serviceCase.place.grid,
            plate: serviceCase.place.plate,
            category: serviceCase.category, categoryName: city.now.name(of: serviceCase.category), urgency: serviceCase.urgency,
            channel: serviceCase.channel,
            lead: serviceCase.lead?.department,
            coHandlers: serviceCase.activeDispatches.filter { $0.role == .coHandler }.map(\.department),
            awaited: serviceCase.awaitedDispatches.map(\.department), whistle: serviceCase.whistle?.kind,
            selfHandled: serviceCase.isSelfHandled, ending: serviceCase.ending, submittedAt: serviceCase.submittedAt,
            openedAt: serviceCase.openedAt,
            firstAnsweredAt: serviceCase.firstAnsweredAt, closedAt: serviceCase.closedAt, reopenCount: serviceCase.reopenCount,
            clocks: serviceCase.clocks.filter { !$0.isHeld }.map { ClockDue(kind: $0.kind, dueAt: $0.dueAt, department: $0.department) },
            mergedInto: serviceCase.mergedInto, joined: serviceCase.joined)
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
