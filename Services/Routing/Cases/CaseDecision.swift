public import Contracts

extension CaseTable {
    /// Looks the command up, asks the guards, and says what the case becomes. Pure: the same question, the same answer.
    ///
    /// A message of an hour ago may be decided after one of now; time within a case never runs backwards, so the later of
    /// `now` and the case's last change counts.
    public static func decide(
        _ one: Case, _ command: CaseCommand, by actor: CaseActor, at now: Timestamp, in context: CaseContext
    ) throws(CaseRefusal) -> Decision {
        guard let row = index[one.state]?[command.kind] else { throw refusalOfState(one, command) }
        let now = max(now, one.changedAt)
        let question = CaseQuestion(one: one, command: command, actor: actor, now: now, context: context)
        for condition in row.guards { try question.check(condition) }
        var step = CaseStep(one, actor: actor, at: now, in: context)
        step.perform(command)
        step.move(row.next, command)
        return step.decision
    }

    /// Opens a case: the first decision of its life.
    public static func open(_ opening: CaseOpening, at now: Timestamp, in context: CaseContext) -> Decision {
        let now = max(now, opening.submittedAt)
        var step = CaseStep(Case(opening, at: now), actor: nil, at: now, in: context)
        step.say(.opened(reason: opening.routing.reason))
        step.arrangeClocks()
        return step.decision
    }

    /// A repeated message that arrives when the case has moved on is still a repetition.
    private static func refusalOfState(_ one: Case, _ command: CaseCommand) -> CaseRefusal {
        guard let id = command.dispatchID else { return .wrongState }
        guard let dispatch = one.dispatch(id) else { return .unknownDispatch }
        guard dispatch.isActive else { return .recalled }
        switch command {
        case .sign where dispatch.signedAt != nil: return .alreadySigned
        case .arrive where dispatch.arrivedAt != nil: return .alreadyArrived
        case .complete where dispatch.stage == .completed: return .alreadyCompleted
        default: return .wrongState
        }
    }
}

/// What opens a case.
public struct CaseOpening: Hashable, Sendable {
    public let id: CaseID
    public let number: TicketNumber
    public let place: CasePlace
    public let category: CategoryCode
    public let urgency: Urgency
    public let channel: Channel
    public let routing: CatalogueResult
    public let submittedAt: Timestamp

    public init(
        id: CaseID, number: TicketNumber, place: CasePlace, category: CategoryCode, urgency: Urgency, channel: Channel,
        routing: CatalogueResult, submittedAt: Timestamp
    ) {
        self.id = id
        self.number = number
        self.place = place
        self.category = category
        self.urgency = urgency
        self.channel = channel
        self.routing = routing
        self.submittedAt = submittedAt
    }
}

extension Case {
    init(_ opening: CaseOpening, at now: Timestamp) {
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
