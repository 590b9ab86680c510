import Contracts

/// A decision in the making: the case after it, and what it leads to.
struct CaseDraft {
    /// The case as it was found.
    let before: ServiceCase
    var after: ServiceCase
    let actor: Actor
    let now: Timestamp
    let context: CaseContext
    /// The other case that the action named.
    let other: ServiceCase?
    /// What was said before, of the kinds that the action looks back on.
    let notes: [CaseNote]
    private(set) var events: [CaseRecord] = []
    private(set) var recalled: [DispatchID] = []
    private var parties: [PartyChange] = []
    /// What called units are told: why they are called (again), or why no longer.
    var callBasis: PublicText?
    var recallReason: PublicText?
    /// What has to be done to the other case in the same commit.
    var onOther: (any CaseAction)?

    init(
        _ serviceCase: ServiceCase, actor: Actor, at now: Timestamp, in context: CaseContext, other: ServiceCase? = nil,
        notes: [CaseNote] = []
    ) {
        before = serviceCase
        after = serviceCase
        self.actor = actor
        self.now = now
        self.context = context
        self.other = other
        self.notes = notes
        after.changedAt = now
        after.changedBy = actor
    }

    var decision: Decision {
        Decision(
            after: after, events: events, recalled: recalled, callBasis: callBasis, recallReason: recallReason, onOther: onOther,
            parties: parties)
    }

    /// Who acts, as recorded.
    var by: Actor { actor }

    /// One event, one version, one note; of the opening the report itself tells. `make` is called with the case as it stands after the whole decision.
    mutating func record<E: CaseEvent>(_ note: NoteContent?, _ make: @escaping @Sendable (CaseSnapshot) -> E?) {
        after.version += 1
        events.append(CaseRecord(type: E.type, version: after.version, at: now, note: note, make: make))
    }

    /// A ticket joins the case, as the event that was just recorded says.
    mutating func join(_ party: JoinedTicket) {
        after.joined.append(party)
        parties.append(PartyChange(party: party, isJoined: true, by: by, version: after.version))
    }

    /// A ticket leaves the case again.
    mutating func separate(_ party: JoinedTicket) {
        after.joined.removeAll { $0.ticket == party.ticket }
        parties.append(PartyChange(party: party, isJoined: false, by: by, version: after.version))
    }

    mutating func recall(_ id: DispatchID) {
        update(id) { $0.stage = .recalled }
        recalled.append(id)
    }

    mutating func update(_ id: DispatchID, _ change: (inout Dispatch) -> Void) {
        guard let place = after.dispatches.firstIndex(where: { $0.id == id }) else { return }
        change(&after.dispatches[place])
    }

    /// The first word to the resident ends the first-answer clock, whoever says it.
    mutating func residentHasWord() {
        if after.firstAnsweredAt == nil { after.firstAnsweredAt = now }
    }

    /// The community let the time to accept lapse, and it is not the first to act afterwards: the street holds the case now.
    mutating func takeFromLateCommunity() {
        guard after.isAcceptLapsed, let unit = actor.unit, unit.kind != .community else { return }
        after.isHeldByStreet = true
    }
}

/// What is said in the course of a case beside the event.
struct NoteContent: Sendable {
    let kind: NoteKind
    /// The unit's or actor's code.
    let by: String
    var words: PublicText?
    var photos: [PhotoID] = []
    /// The called unit that somebody else says it about.
    var about: DepartmentCode?

    init(
        _ kind: NoteKind, by: some CustomStringConvertible, about: DepartmentCode? = nil, _ words: PublicText? = nil,
        photos: [PhotoID] = []
    ) {
        self.kind = kind
        self.by = by.description
        self.about = about
        self.words = words
        self.photos = photos
    }
}

/// One event of a decision.
struct CaseRecord: Sendable {
    /// `case.suspended`
    let type: String
    let version: Int
    let at: Timestamp
    let note: NoteContent?
    let make: @Sendable (CaseSnapshot) -> (any CaseEvent)?
}

/// What an action leads to: the case as it then is, what happened, and what others are told.
struct Decision: Sendable {
    let after: ServiceCase
    let events: [CaseRecord]
    /// Called units that must be told that they are no longer called.
    let recalled: [DispatchID]
    let callBasis: PublicText?
    let recallReason: PublicText?
    let onOther: (any CaseAction)?
    let parties: [PartyChange]
}

/// That a ticket joined a case, or left it, with the version of the event that says so.
struct PartyChange: Hashable, Sendable {
    let party: JoinedTicket
    let isJoined: Bool
    let by: Actor
    let version: Int
}
