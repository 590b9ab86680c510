public import JSON

extension Topics {
    /// What the street asks of one department; `nil` for the pattern of all. Owner: routing. Key: ticket. 3 partitions,
    /// 14 days.
    public static func dispatch(_ department: DepartmentCode?) -> Topic {
        Topic(
            "dispatch.\(department?.description ?? "{department}").v1", owner: .routing, readers: [.department], partitions: 3,
            retention: fortnight, kind: .dispatch(department))
    }

    static let dispatchEvents: [EventKind] = [
        EventKind(DispatchCalled.self), EventKind(DispatchRecalled.self), EventKind(DispatchClosed.self),
    ]
}

/// What the street says to one department about one dispatch, and where that belongs.
public protocol DispatchEvent: Event {
    var dispatch: DispatchID { get }
    var ticket: TicketID { get }
    var department: DepartmentCode { get }
    var city: AreaCode { get }
    var street: AreaCode { get }
}

extension DispatchEvent {
    public static var topic: Topic { Topics.dispatch(nil) }
    public var subject: String { ticket.description }
}

/// The street calls this department to a case 派单.
public struct DispatchCalled: DispatchEvent, Hashable {
    public static var type: String { "dispatch.called" }

    public var dispatch: DispatchID
    public var ticket: TicketID
    public var number: TicketNumber
    public var department: DepartmentCode
    public var city: AreaCode
    public var street: AreaCode
    public var role: DispatchRole
    /// Who leads 主办; the department itself when `role` says so.
    public var lead: DepartmentCode
    public var coHandlers: [DepartmentCode]
    public var category: CategoryCode
    public var categoryName: String
    public var urgency: Urgency
    public private(set) var text: String?
    public var place: DispatchPlace
    /// Addresses that open without sign-in until some time after the deadline.
    public var photos: [String]
    /// Set when a community has whistled for it.
    public var whistle: WhistleKind?
    public var due: DispatchDue
    /// Whether the reporter left a way to be reached; without one, the time to contact says nothing.
    public var hasContact: Bool
    /// Why this department: the law or the catalogue's row.
    public private(set) var basis: String

    public init(
        dispatch: DispatchID, ticket: TicketID, number: TicketNumber, department: DepartmentCode, city: AreaCode, street: AreaCode,
        role: DispatchRole, lead: DepartmentCode, coHandlers: [DepartmentCode], category: CategoryCode,
        categoryName: String, urgency: Urgency, text: PublicText? = nil, place: DispatchPlace, photos: [String],
        whistle: WhistleKind? = nil, due: DispatchDue, hasContact: Bool, basis: PublicText
    ) {
        self.dispatch = dispatch
        self.ticket = ticket
        self.number = number
        self.department = department
        self.city = city
        self.street = street
        self.role = role
        self.lead = lead
        self.coHandlers = coHandlers
        self.category = category
        self.categoryName = categoryName
        self.urgency = urgency
        self.text = text?.description
        self.place = place
        self.photos = photos
        self.whistle = whistle
        self.due = due
        self.hasContact = hasContact
        self.basis = basis.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            dispatch: try m.required("dispatch"), ticket: try m.required("ticket"),
            number: try m.required("number"), department: try m.required("department"), city: try m.required("city"),
            street: try m.required("street"), role: try m.required("role"), lead: try m.required("lead"),
            coHandlers: try m.required("coHandlers"), category: try m.required("category"),
            categoryName: try m.text("categoryName"), urgency: try m.required("urgency"),
            text: try m.optionalPublicText("text"), place: try m.required("place"), photos: try m.required("photos"),
            whistle: try m.optional("whistle"), due: try m.required("due"),
            hasContact: try m.required("hasContact"), basis: try m.publicText("basis"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("dispatch", dispatch)
        o.member("ticket", ticket)
        o.member("number", number)
        o.member("department", department)
        o.member("city", city)
        o.member("street", street)
        o.member("role", role)
        o.member("lead", lead)
        o.member("coHandlers", coHandlers)
        o.member("category", category)
        o.member("categoryName", categoryName)
        o.member("urgency", urgency)
        o.member("text", text)
        o.member("place", place)
        o.member("photos", photos)
        o.member("whistle", whistle)
        o.member("due", due)
        o.member("hasContact", hasContact)
        o.member("basis", basis)
    }
}

/// The department is no longer called: a dispute was decided, or the case went elsewhere.
public struct DispatchRecalled: DispatchEvent, Hashable {
    public static var type: String { "dispatch.recalled" }

    public var dispatch: DispatchID
    public var ticket: TicketID
    public var department: DepartmentCode
    public var city: AreaCode
    public var street: AreaCode
    public private(set) var reason: String

    public init(
        dispatch: DispatchID, ticket: TicketID, department: DepartmentCode, city: AreaCode, street: AreaCode, reason: PublicText
    ) {
        self.dispatch = dispatch
        self.ticket = ticket
        self.department = department
        self.city = city
        self.street = street
        self.reason = reason.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            dispatch: try m.required("dispatch"), ticket: try m.required("ticket"), department: try m.required("department"),
            city: try m.required("city"), street: try m.required("street"), reason: try m.publicText("reason"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("dispatch", dispatch)
        o.member("ticket", ticket)
        o.member("department", department)
        o.member("city", city)
        o.member("street", street)
        o.member("reason", reason)
    }
}

/// The case is closed; nothing more is expected of the department.
public struct DispatchClosed: DispatchEvent, Hashable {
    public static var type: String { "dispatch.closed" }

    public var dispatch: DispatchID
    public var ticket: TicketID
    public var department: DepartmentCode
    public var city: AreaCode
    public var street: AreaCode
    public var ending: Ending

    public init(
        dispatch: DispatchID, ticket: TicketID, department: DepartmentCode, city: AreaCode, street: AreaCode, ending: Ending
    ) {
        self.dispatch = dispatch
        self.ticket = ticket
        self.department = department
        self.city = city
        self.street = street
        self.ending = ending
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            dispatch: try m.required("dispatch"), ticket: try m.required("ticket"), department: try m.required("department"),
            city: try m.required("city"), street: try m.required("street"), ending: try m.required("ending"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("dispatch", dispatch)
        o.member("ticket", ticket)
        o.member("department", department)
        o.member("city", city)
        o.member("street", street)
        o.member("ending", ending)
    }
}

/// Where a department has to go. Coordinates are WGS-84 degrees; both or none.
public struct DispatchPlace: Sendable, Hashable, JSONObjectDecodable, JSONObjectEncodable {
    /// In words.
    public var name: String
    public var lat: Double?
    public var lng: Double?
    public var community: AreaCode
    public var grid: AreaCode?
    public var plate: PlateCode?

    public init(
        name: String, lat: Double? = nil, lng: Double? = nil, community: AreaCode, grid: AreaCode? = nil,
        plate: PlateCode? = nil
    ) {
        self.name = name
        self.lat = lat
        self.lng = lng
        self.community = community
        self.grid = grid
        self.plate = plate
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            name: try m.text("name"), lat: try m.optionalDegrees("lat", upTo: 90),
            lng: try m.optionalDegrees("lng", upTo: 180), community: try m.required("community"),
            grid: try m.optional("grid"), plate: try m.optional("plate"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("name", name)
        o.member("lat", lat)
        o.member("lng", lng)
        o.member("community", community)
        o.member("grid", grid)
        o.member("plate", plate)
    }
}

/// By when a called unit must do what.
public struct DispatchDue: Sendable, Hashable, JSONObjectDecodable, JSONObjectEncodable {
    /// Sign for it 签收.
    public var sign: Timestamp
    /// Turn up 报到: whistles only.
    public var arrive: Timestamp?
    /// Get in touch with the resident for the first time: the lead unit only.
    public var contact: Timestamp?
    /// Complete it 办结.
    public var handle: Timestamp

    public init(sign: Timestamp, arrive: Timestamp? = nil, contact: Timestamp? = nil, handle: Timestamp) {
        self.sign = sign
        self.arrive = arrive
        self.contact = contact
        self.handle = handle
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            sign: try m.required("sign"), arrive: try m.optional("arrive"), contact: try m.optional("contact"),
            handle: try m.required("handle"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("sign", sign)
        o.member("arrive", arrive)
        o.member("contact", contact)
        o.member("handle", handle)
    }
}
