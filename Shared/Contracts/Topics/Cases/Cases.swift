extension Topics {
    /// The work on each ticket. Owner: routing. Key: ticket. 12 partitions, 14 days.
    public static let cases = internalTopic("cases.v1", .routing, readers: [.intake, .notification, .voting, .analytics])

    /// Each is listed in the file that it stands in.
    static let caseEvents: [EventKind] = openingEvents + answeringEvents + whistlingEvents + handlingEvents + closingEvents
}

/// An event of a case. Each carries the case as it stands after it, with who took the step.
public protocol CaseEvent: Event {
    var snapshot: CaseSnapshot { get }
    /// Which of them it is.
    var variant: CaseEventVariant { get }
    /// The departments that it names beside the snapshot.
    var departments: [DepartmentCode] { get }
}

extension CaseEvent {
    public static var topic: Topic { Topics.cases }
    public var subject: String { snapshot.ticket.description }
    public var by: Actor { snapshot.by }
    public var departments: [DepartmentCode] { [] }
}

/// The events of a case. A reader that goes through them says what it does with each: what it forgets does not compile.
public enum CaseEventVariant: Sendable {
    case opened(CaseOpened)
    case filed(CaseFiled)
    case declined(CaseDeclined)
    case merged(CaseMerged)
    case joined(CaseJoined)
    case withdrawn(CaseWithdrawn)
    case kept(CaseKept)
    case answered(CaseAnswered)
    case verified(CaseVerified)
    case suspended(CaseSuspended)
    case resumed(CaseResumed)
    case whistled(CaseWhistled)
    case dispatched(CaseDispatched)
    case signed(CaseSigned)
    case arrived(CaseArrived)
    case disputed(CaseDisputed)
    case progressed(CaseProgressed)
    case completed(CaseCompleted)
    case closed(CaseClosed)
    case reopened(CaseReopened)
    case evaluated(CaseEvaluated)
    case overdue(CaseOverdue)
    /// Said among the staff, whatever it is.
    case staff(any StaffEvent)
}

/// Said among the staff: who reported is neither shown it nor sent a message about it.
public protocol StaffEvent: CaseEvent {
    /// The called unit that it is about, where it is about one.
    var about: DepartmentCode? { get }
    /// What is said; nothing where the fact is all.
    var words: String? { get }
    var staffVariant: StaffEventVariant { get }
}

extension StaffEvent {
    public var words: String? { nil }
    public var variant: CaseEventVariant { .staff(self) }
    public var departments: [DepartmentCode] { about.map { [$0] } ?? [] }
}
