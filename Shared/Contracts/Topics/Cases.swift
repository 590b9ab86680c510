extension Topics {
    /// The work on each ticket. Owner: routing. Key: ticket. 12 partitions, 14 days.
    public static let cases = internalTopic("cases.v1", .routing, readers: [.intake, .notification, .voting, .analytics])

    static let caseEvents: [EventKind] = [
        EventKind(CaseOpened.self), EventKind(CaseFiled.self), EventKind(CaseDeclined.self),
        EventKind(CaseMerged.self), EventKind(CaseWithdrawn.self), EventKind(CaseAnswered.self),
        EventKind(CaseWhistled.self), EventKind(CaseRefused.self), EventKind(CaseDispatched.self),
        EventKind(CaseSigned.self), EventKind(CaseArrived.self), EventKind(CaseDisputed.self),
        EventKind(CaseAdjudicated.self), EventKind(CaseProgressed.self), EventKind(CaseCompleted.self),
        EventKind(CaseVerified.self), EventKind(CaseSuspended.self), EventKind(CaseResumed.self),
        EventKind(CaseClosed.self), EventKind(CaseReopened.self), EventKind(CaseEvaluated.self),
        EventKind(CaseWarned.self), EventKind(CaseOverdue.self), EventKind(CaseKept.self),
        EventKind(CaseJoined.self),
    ]
}

/// An event of a case. Each carries the case as it stands after it.
public protocol CaseEvent: Event {
    var snapshot: CaseSnapshot { get }
}

extension CaseEvent {
    public static var topic: Topic { Topics.cases }
    public var subject: String { snapshot.ticket.description }
}
