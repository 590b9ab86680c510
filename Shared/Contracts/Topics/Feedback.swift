public import JSON

extension Topics {
    /// What one department answers; `nil` for the pattern of all. Owner: the department. Key: ticket. 3 partitions,
    /// 14 days. Records come from outside: de-duplicated by `ce_id`, and refused to `-dlt` with a reason.
    public static func feedback(_ department: DepartmentCode?) -> Topic {
        Topic(
            "feedback.\(department?.description ?? "{department}").v1", owner: .department, readers: [.routing], partitions: 3,
            retention: fortnight, kind: .feedback(department))
    }

    static let feedbackEvents: [EventKind] = [
        EventKind(FeedbackSigned.self), EventKind(FeedbackArrived.self), EventKind(FeedbackDisputed.self),
        EventKind(FeedbackProgressed.self), EventKind(FeedbackCompleted.self),
    ]
}

/// What a department answers to one of its dispatches.
public protocol FeedbackEvent: Event {
    var dispatch: DispatchID { get }
    var ticket: TicketID { get }
    /// Who speaks. Must be there on a topic that several departments share; on a department's own, the topic says it.
    var department: DepartmentCode? { get set }
}

extension FeedbackEvent {
    public static var topic: Topic { Topics.feedback(nil) }
    public var subject: String { ticket.description }
}

/// The department has signed for it 签收.
public struct FeedbackSigned: FeedbackEvent, Hashable {
    public static var type: String { "feedback.signed" }

    public var dispatch: DispatchID
    public var ticket: TicketID
    public var department: DepartmentCode?
    /// The department's own code for who did it; never a name.
    public var by: UnitStaffCode?

    public init(dispatch: DispatchID, ticket: TicketID, department: DepartmentCode? = nil, by: UnitStaffCode? = nil) {
        self.dispatch = dispatch
        self.ticket = ticket
        self.department = department
        self.by = by
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            dispatch: try m.required("dispatch"), ticket: try m.required("ticket"), department: try m.optional("department"),
            by: try m.optional("by"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("dispatch", dispatch)
        o.member("ticket", ticket)
        o.member("department", department)
        o.member("by", by)
    }
}

/// The department has turned up 报到.
public struct FeedbackArrived: FeedbackEvent, Hashable {
    public static var type: String { "feedback.arrived" }

    public var dispatch: DispatchID
    public var ticket: TicketID
    public var department: DepartmentCode?
    public var by: UnitStaffCode?

    public init(dispatch: DispatchID, ticket: TicketID, department: DepartmentCode? = nil, by: UnitStaffCode? = nil) {
        self.dispatch = dispatch
        self.ticket = ticket
        self.department = department
        self.by = by
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            dispatch: try m.required("dispatch"), ticket: try m.required("ticket"), department: try m.optional("department"),
            by: try m.optional("by"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("dispatch", dispatch)
        o.member("ticket", ticket)
        o.member("department", department)
        o.member("by", by)
    }
}

/// The department says that it is not its own 派单异议: once per dispatch.
public struct FeedbackDisputed: FeedbackEvent, Hashable {
    public static var type: String { "feedback.disputed" }

    public var dispatch: DispatchID
    public var ticket: TicketID
    public var department: DepartmentCode?
    public var ground: DisputeGround
    public var text: String?

    public init(dispatch: DispatchID, ticket: TicketID, department: DepartmentCode? = nil, ground: DisputeGround, text: String? = nil) {
        self.dispatch = dispatch
        self.ticket = ticket
        self.department = department
        self.ground = ground
        self.text = text
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            dispatch: try m.required("dispatch"), ticket: try m.required("ticket"), department: try m.optional("department"),
            ground: try m.required("ground"), text: try m.optionalText("text"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("dispatch", dispatch)
        o.member("ticket", ticket)
        o.member("department", department)
        o.member("ground", ground)
        o.member("text", text)
    }
}

/// How far the department is.
public struct FeedbackProgressed: FeedbackEvent, Hashable {
    public static var type: String { "feedback.progress" }

    public var dispatch: DispatchID
    public var ticket: TicketID
    public var department: DepartmentCode?
    public var text: String

    public init(dispatch: DispatchID, ticket: TicketID, department: DepartmentCode? = nil, text: String) {
        self.dispatch = dispatch
        self.ticket = ticket
        self.department = department
        self.text = text
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            dispatch: try m.required("dispatch"), ticket: try m.required("ticket"), department: try m.optional("department"),
            text: try m.text("text"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("dispatch", dispatch)
        o.member("ticket", ticket)
        o.member("department", department)
        o.member("text", text)
    }
}

/// The department says that it is done 办结.
public struct FeedbackCompleted: FeedbackEvent, Hashable {
    public static var type: String { "feedback.completed" }

    public var dispatch: DispatchID
    public var ticket: TicketID
    public var department: DepartmentCode?
    public var text: String
    /// Photos handed in beforehand; may be absent.
    public var photos: [PhotoID]
    /// How the unit thinks it ended; who verifies decides.
    public var ending: WorkEnding?

    public init(
        dispatch: DispatchID, ticket: TicketID, department: DepartmentCode? = nil, text: String, photos: [PhotoID] = [],
        ending: WorkEnding? = nil
    ) {
        self.dispatch = dispatch
        self.ticket = ticket
        self.department = department
        self.text = text
        self.photos = photos
        self.ending = ending
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            dispatch: try m.required("dispatch"), ticket: try m.required("ticket"), department: try m.optional("department"),
            text: try m.text("text"), photos: try m.optional("photos") ?? [],
            ending: try m.optional("ending"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("dispatch", dispatch)
        o.member("ticket", ticket)
        o.member("department", department)
        o.member("text", text)
        o.member("photos", photos)
        o.member("ending", ending)
    }
}
