import Contracts

extension ServiceCase {
    /// What the case becomes when somebody does this to it. Pure: the same question, the same answer.
    ///
    /// A message of an hour ago may be decided after one of now; time within a case never runs backwards, so the later of
    /// `now` and the case's last change counts.
    ///
    /// - Parameters:
    ///   - other: the other case that the action names, if there is one that the actor may see.
    ///   - notes: what was said before, of the kinds that the action looks back on.
    func decide(
        _ action: any CaseAction, by actor: Actor, at now: Timestamp, in context: CaseContext, other: ServiceCase? = nil,
        notes: [CaseNote] = []
    ) throws(CaseRefusal) -> Decision {
        let kind = type(of: action)
        guard kind.from.contains(state) else { throw action.refusal(inStateOf: self) }
        try kind.by.check(actor, self, action.dispatch)
        try kind.require(self)
        var draft = CaseDraft(self, actor: actor, at: max(now, changedAt), in: context, other: other, notes: notes)
        try action.perform(on: &draft)
        draft.arrangeClocks()
        return draft.decision
    }

    /// Whether somebody may do this now, as far as that does not depend on what is said.
    func allows(_ action: any CaseAction.Type, by actor: Actor) -> Bool {
        guard action.from.contains(state) else { return false }
        do {
            try action.by.check(actor, self)
            try action.require(self)
            return true
        } catch { return false }
    }

    /// Opens a case: the first decision of its life.
    static func open(_ opening: CaseOpening, by actor: Actor, at now: Timestamp, in context: CaseContext) -> Decision {
        let now = max(now, opening.submittedAt)
        var draft = CaseDraft(ServiceCase(opening, by: actor, at: now), actor: actor, at: now, in: context)
        draft.record(nil) { snapshot in
            CaseOpened(snapshot: snapshot, text: opening.text, photos: opening.photos, placeName: opening.place.name)
        }
        draft.arrangeClocks()
        return draft.decision
    }
}

/// What opens a case.
struct CaseOpening: Hashable, Sendable {
    let id: CaseID
    let number: TicketNumber
    let place: CasePlace
    let category: CategoryCode
    let urgency: Urgency
    let channel: Channel
    let routing: CatalogueResult
    let submittedAt: Timestamp
    let text: PublicText?
    let photos: [PhotoID]

    init(
        id: CaseID, number: TicketNumber, place: CasePlace, category: CategoryCode, urgency: Urgency, channel: Channel,
        routing: CatalogueResult, submittedAt: Timestamp, text: PublicText? = nil, photos: [PhotoID] = []
    ) {
        self.id = id
        self.number = number
        self.place = place
        self.category = category
        self.urgency = urgency
        self.channel = channel
        self.routing = routing
        self.submittedAt = submittedAt
        self.text = text
        self.photos = photos
    }
}

extension ServiceCase {
    init(_ opening: CaseOpening, by actor: Actor, at now: Timestamp) {
        id = opening.id
        number = opening.number
        place = opening.place
        category = opening.category
        urgency = opening.urgency
        channel = opening.channel
        routing = opening.routing
        submittedAt = opening.submittedAt
        openedAt = now
        version = 0
        state = .reported
        changedAt = now
        changedBy = actor
        dispatches = []
        disputes = []
        isContacted = false
        isSelfHandled = false
        reopenCount = 0
        supervision = .none
        isHeldByStreet = false
        isAcceptLapsed = false
        joined = []
        isWindowOver = false
        clocks = []
    }
}
