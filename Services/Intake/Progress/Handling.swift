import Contracts

extension StatusPage.Handling {
    /// Of the last round: what was done before a reopening counts no more.
    init(_ steps: [ProgressStep]) {
        self.init()
        for event in steps.compactMap(\.caseEvent) {
            switch event.variant {
            case .reopened: self = Self()
            case .answered(let event): self = Self(by: Party(event.by))
            case .completed: self = Self(by: .departments)
            case .verified(let event): checkedBy = event.accepted ? Party(event.by) : nil
            case .opened, .filed, .declined, .merged, .joined, .withdrawn, .kept, .suspended, .resumed, .whistled, .dispatched, .signed,
                .arrived, .disputed, .progressed, .closed, .evaluated, .overdue, .staff:
                break
            }
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
