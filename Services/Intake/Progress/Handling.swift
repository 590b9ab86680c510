import Contracts

extension StatusPage.Handling {
    /// Of the last round: what was done before a reopening counts no more.
    init(_ steps: [ProgressStep]) {
        self.init()
        for event in steps.compactMap(\.caseEvent) {
            switch event {
            case is CaseReopened: self = Self()
            case let event as CaseAnswered: self = Self(by: Party(event.by))
            case is CaseCompleted: self = Self(by: .departments)
            case let event as CaseVerified: checkedBy = event.accepted ? Party(event.by) : nil
            default: break
            }
        }
    }
}

extension StatusPage.Handling.Party {
    /// nil for who is no unit that we know.
    init?(_ actor: Actor) {
        switch AreaCode(actor.unitCode)?.level {
        case .community: self = .community
        case .street: self = .street
        case .district: self = .district
        default: return nil
        }
    }
}
