extension Topics {
    /// The work on each ticket. Owner: routing. Key: ticket. 12 partitions, 14 days.
    public static let cases = internalTopic("cases.v1", .routing, readers: [.intake, .notification, .voting, .analytics])

    /// Each is listed in the file that it stands in.
    static let caseEvents: [EventKind] = openingEvents + answeringEvents + whistlingEvents + handlingEvents + closingEvents
}

/// An event of a case. Each carries the case as it stands after it.
public protocol CaseEvent: Event {
    var snapshot: CaseSnapshot { get }
}

extension CaseEvent {
    public static var topic: Topic { Topics.cases }
    public var subject: String { snapshot.ticket.description }
}

/// Somebody did what it says: a unit's staff, or a rule.
public protocol ActorEvent: CaseEvent {
    var by: Actor { get }
}

/// A called unit speaks, or is spoken to.
public protocol UnitEvent: CaseEvent {
    var department: DepartmentCode { get }
    /// What is said; nothing where the fact is all.
    var words: String? { get }
}

extension UnitEvent {
    public var words: String? { nil }
}

/// Said among the staff: who reported is neither shown it nor sent a message about it.
public protocol StaffEvent: CaseEvent {}
