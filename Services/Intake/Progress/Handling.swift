import Contracts

extension StatusPage.Handling {
    /// Of the last round: what was done before a reopening counts no more.
    init(_ steps: [ProgressStep]) {
        self.init()
        for event in steps.compactMap(\.caseEvent) {
            if event is CaseReopened { self = Self() }
            if let answer = event as? CaseAnswered { self = Self(by: Party(answer.by)) }
            if event is CaseCompleted { self = Self(by: .departments) }
            if let check = event as? CaseVerified { checkedBy = check.accepted ? Party(check.by) : nil }
        }
    }
}

extension StatusPage.Handling.Party {
    /// nil for who is no unit that we know.
    init?(_ actor: Actor) {
        switch actor.kind {
        case .community: self = .community
        case .street: self = .street
        case .district: self = .district
        case .department: self = .departments
        case .resident, .catalogue, .clock: return nil
        }
    }
}
