public import JSON

/// A case as it stands after an event, so that a reader needs no other event to know it.
/// Nothing in it tells who the resident is.
///
/// What is false, zero or empty is left out of the record.
public struct CaseSnapshot: Sendable, Hashable {
    public var ticket: TicketID
    public var number: TicketNumber
    /// Grows by one with each event of the case.
    public var version: Int
    public var state: CaseState
    /// Who must act next.
    public var owner: CaseOwner
    /// Who took the step that led here.
    public var by: Actor
    /// The smallest area that is sure: the community the place lies in, else its street.
    public var area: AreaCode
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
    /// Those of the called units that have not finished, the lead first.
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
    /// The case in which the same matter is worked on, once this one was merged.
    public var mergedInto: TicketID?
    /// Tickets about the same matter that were merged into this case: their reporters are told what becomes of it.
    public var joined: [JoinedTicket]

    public var city: AreaCode { area.city }
    /// nil where not even the street is sure.
    public var street: AreaCode? { area.street }
    /// nil where only the street is sure.
    public var community: AreaCode? { area.community }

    public init(
        ticket: TicketID, number: TicketNumber, version: Int, state: CaseState, owner: CaseOwner, by: Actor,
        area: AreaCode, grid: AreaCode? = nil, plate: PlateCode? = nil, category: CategoryCode,
        categoryName: String, urgency: Urgency, channel: Channel, lead: DepartmentCode? = nil,
        coHandlers: [DepartmentCode] = [], awaited: [DepartmentCode] = [], whistle: WhistleKind? = nil, selfHandled: Bool = false,
        ending: Ending? = nil, submittedAt: Timestamp, openedAt: Timestamp, firstAnsweredAt: Timestamp? = nil,
        closedAt: Timestamp? = nil, reopenCount: Int = 0, clocks: [ClockDue], mergedInto: TicketID? = nil, joined: [JoinedTicket] = []
    ) {
        self.ticket = ticket
        self.number = number
        self.version = version
        self.state = state
        self.owner = owner
        self.by = by
        self.area = area
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
        self.mergedInto = mergedInto
        self.joined = joined
    }
}

extension CaseSnapshot: JSONObjectDecodable, JSONObjectEncodable {
    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            ticket: try m.required("ticket"), number: try m.required("number"),
            version: try m.required("version"), state: try m.required("state"), owner: try m.required("owner"),
            by: try m.required("by"), area: try m.area(), grid: try m.optional("grid"),
            plate: try m.optional("plate"), category: try m.required("category"),
            categoryName: try m.text("categoryName"), urgency: try m.required("urgency"),
            channel: try m.required("channel"), lead: try m.optional("lead"),
            coHandlers: try m.optional("coHandlers") ?? [], awaited: try m.optional("awaited") ?? [], whistle: try m.optional("whistle"),
            selfHandled: try m.optional("selfHandled") ?? false, ending: try m.optional("ending"),
            submittedAt: try m.required("submittedAt"), openedAt: try m.required("openedAt"),
            firstAnsweredAt: try m.optional("firstAnsweredAt"), closedAt: try m.optional("closedAt"),
            reopenCount: try m.optional("reopenCount") ?? 0, clocks: try m.clocks(),
            mergedInto: try m.optional("mergedInto"), joined: try m.optional("joined") ?? [])
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("ticket", ticket)
        o.member("number", number)
        o.member("version", version)
        o.member("state", state)
        o.member("owner", owner)
        o.member("by", by)
        o.member(area: area)
        o.member("grid", grid)
        o.member("plate", plate)
        o.member("category", category)
        o.member("categoryName", categoryName)
        o.member("urgency", urgency)
        o.member("channel", channel)
        o.member("lead", lead)
        if !coHandlers.isEmpty { o.member("coHandlers", coHandlers) }
        if !awaited.isEmpty { o.member("awaited", awaited) }
        o.member("whistle", whistle)
        if selfHandled { o.member("selfHandled", selfHandled) }
        o.member("ending", ending)
        o.member("submittedAt", submittedAt)
        o.member("openedAt", openedAt)
        o.member("firstAnsweredAt", firstAnsweredAt)
        o.member("closedAt", closedAt)
        if reopenCount > 0 { o.member("reopenCount", reopenCount) }
        o.member(clocks: clocks)
        o.member("mergedInto", mergedInto)
        if !joined.isEmpty { o.member("joined", joined) }
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
