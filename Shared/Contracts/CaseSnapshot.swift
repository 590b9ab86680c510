public import JSON

/// A case as it stands after an event, so that a reader needs no other event to know it.
/// Nothing in it tells who the resident is.
public struct CaseSnapshot: Sendable, Hashable, JSONObjectDecodable, JSONObjectEncodable {
    public var ticket: TicketID
    public var number: TicketNumber
    /// Grows by one with each event of the case.
    public var version: Int
    public var state: CaseState
    /// Who must act next.
    public var owner: CaseOwner
    /// The community the place lies in.
    public var community: AreaCode
    public var grid: AreaCode?
    public var plate: PlateCode?
    public var category: CategoryCode
    /// The category's name in the catalogue version that was used.
    public var categoryName: String
    public var urgency: Urgency
    public var channel: Channel
    /// The lead unit 主办.
    public var lead: DepartmentCode?
    /// The co-handlers 协办.
    public var coHandlers: [DepartmentCode]
    /// Those of the called units that have not finished, the lead first; empty also in records of older writers.
    public var awaited: [DepartmentCode]
    /// Set once the community has whistled.
    public var whistle: WhistleKind?
    /// The community handles it without calling anyone 自办.
    public var selfHandled: Bool
    public var ending: Ending?
    public var submittedAt: Timestamp
    public var openedAt: Timestamp
    /// First word to the resident from a person.
    public var firstAnsweredAt: Timestamp?
    public var closedAt: Timestamp?
    public var reopenCount: Int
    /// Clocks that run now.
    public var clocks: [ClockDue]
    /// Tickets about the same matter that were merged into this case: their reporters are told what becomes of it.
    public var joined: [JoinedTicket]

    public init(
        ticket: TicketID, number: TicketNumber, version: Int, state: CaseState, owner: CaseOwner,
        community: AreaCode, grid: AreaCode? = nil, plate: PlateCode? = nil, category: CategoryCode,
        categoryName: String, urgency: Urgency, channel: Channel, lead: DepartmentCode? = nil,
        coHandlers: [DepartmentCode], awaited: [DepartmentCode] = [], whistle: WhistleKind? = nil, selfHandled: Bool, ending: Ending? = nil,
        submittedAt: Timestamp, openedAt: Timestamp, firstAnsweredAt: Timestamp? = nil, closedAt: Timestamp? = nil,
        reopenCount: Int, clocks: [ClockDue], joined: [JoinedTicket] = []
    ) {
        self.ticket = ticket
        self.number = number
        self.version = version
        self.state = state
        self.owner = owner
        self.community = community
        self.grid = grid
        self.plate = plate
        self.category = category
        self.categoryName = categoryName
        self.urgency = urgency
        self.channel = channel
        self.lead = lead
        self.coHandlers = coHandlers
        self.awaited = awaited
        self.whistle = whistle
        self.selfHandled = selfHandled
        self.ending = ending
        self.submittedAt = submittedAt
        self.openedAt = openedAt
        self.firstAnsweredAt = firstAnsweredAt
        self.closedAt = closedAt
        self.reopenCount = reopenCount
        self.clocks = clocks
        self.joined = joined
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            ticket: try m.required("ticket"), number: try m.required("number"),
            version: try m.required("version"), state: try m.required("state"), owner: try m.required("owner"),
            community: try m.required("community"), grid: try m.optional("grid"),
            plate: try m.optional("plate"), category: try m.required("category"),
            categoryName: try m.text("categoryName"), urgency: try m.required("urgency"),
            channel: try m.required("channel"), lead: try m.optional("lead"),
            coHandlers: try m.required("coHandlers"), awaited: try m.optional("awaited") ?? [], whistle: try m.optional("whistle"),
            selfHandled: try m.required("selfHandled"), ending: try m.optional("ending"),
            submittedAt: try m.required("submittedAt"), openedAt: try m.required("openedAt"),
            firstAnsweredAt: try m.optional("firstAnsweredAt"), closedAt: try m.optional("closedAt"),
            reopenCount: try m.required("reopenCount"), clocks: try m.required("clocks"),
            joined: try m.optional("joined") ?? [])
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("ticket", ticket)
        o.member("number", number)
        o.member("version", version)
        o.member("state", state)
        o.member("owner", owner)
        o.member("community", community)
        o.member("grid", grid)
        o.member("plate", plate)
        o.member("category", category)
        o.member("categoryName", categoryName)
        o.member("urgency", urgency)
        o.member("channel", channel)
        o.member("lead", lead)
        o.member("coHandlers", coHandlers)
        if !awaited.isEmpty { o.member("awaited", awaited) }
        o.member("whistle", whistle)
        o.member("selfHandled", selfHandled)
        o.member("ending", ending)
        o.member("submittedAt", submittedAt)
        o.member("openedAt", openedAt)
        o.member("firstAnsweredAt", firstAnsweredAt)
        o.member("closedAt", closedAt)
        o.member("reopenCount", reopenCount)
        o.member("clocks", clocks)
        if !joined.isEmpty { o.member("joined", joined) }
    }
}

/// A running clock and the moment it runs out.
public struct ClockDue: Sendable, Hashable, JSONObjectDecodable, JSONObjectEncodable {
    public var kind: ClockKind
    public var dueAt: Timestamp
    /// The unit whose clock it is, where each called unit has its own.
    public var department: DepartmentCode?

    public init(kind: ClockKind, dueAt: Timestamp, department: DepartmentCode? = nil) {
        self.kind = kind
        self.dueAt = dueAt
        self.department = department
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(kind: try m.required("kind"), dueAt: try m.required("dueAt"), department: try m.optional("department"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("kind", kind)
        o.member("dueAt", dueAt)
        o.member("department", department)
    }
}

/// A ticket about the same matter that was merged into a case.
public struct JoinedTicket: Sendable, Hashable, JSONObjectDecodable, JSONObjectEncodable {
    public var ticket: TicketID
    public var number: TicketNumber

    public init(ticket: TicketID, number: TicketNumber) {
        self.ticket = ticket
        self.number = number
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(ticket: try m.required("ticket"), number: try m.required("number"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("ticket", ticket)
        o.member("number", number)
    }
}

/// One unit called to a case and its part in it.
public struct CalledUnit: Sendable, Hashable, JSONObjectDecodable, JSONObjectEncodable {
    public var dispatch: DispatchID
    public var department: DepartmentCode
    public var role: DispatchRole

    public init(dispatch: DispatchID, department: DepartmentCode, role: DispatchRole) {
        self.dispatch = dispatch
        self.department = department
        self.role = role
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            dispatch: try m.required("dispatch"), department: try m.required("department"),
            role: try m.required("role"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("dispatch", dispatch)
        o.member("department", department)
        o.member("role", role)
    }
}
