/// Where one department is spoken to and speaks: on two topics of its own, or on two that small units share.
public struct DepartmentTopics: Sendable, Hashable {
    public let department: DepartmentCode
    public let isShared: Bool

    public init(_ department: DepartmentCode, isShared: Bool = false) {
        self.department = department
        self.isShared = isShared
    }

    /// As a row of `departments.json` says it: `topic` is `own`, `shared` or left out. `nil` for anything else.
    public init?(code: String?, topic: String?) {
        guard let department = code.flatMap({ DepartmentCode($0) }), [nil, "own", "shared"].contains(topic) else { return nil }
        self.init(department, isShared: topic == "shared")
    }

    /// What it hears.
    public var dispatch: Topic { isShared ? Topics.sharedDispatch : Topics.dispatch(department) }
    /// What it says.
    public var feedback: Topic { isShared ? Topics.sharedFeedback : Topics.feedback(department) }

    /// The key of a record about a ticket, either way. On shared topics all records of a department keep their order.
    public func key(_ ticket: TicketID) -> String { isShared ? department.description : ticket.description }
}

extension Topics {
    /// What the street asks of the units that have no topic of their own. Owner: routing. Key: department. 12 partitions, 14 days.
    public static let sharedDispatch = Topic(
        "dispatch.\(DepartmentCode.shared).v1", owner: .routing, readers: [.department], partitions: 12, retention: fortnight,
        kind: .sharedDispatch)

    /// What those units answer. Owner: they. Key: department. 12 partitions, 14 days. As on a department's own, records come from
    /// outside; and each says which department speaks.
    public static let sharedFeedback = Topic(
        "feedback.\(DepartmentCode.shared).v1", owner: .department, readers: [.routing], partitions: 12, retention: fortnight,
        kind: .sharedFeedback)
}
