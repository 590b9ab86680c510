public import JSON

extension Topics {
    /// What people told us. Owner: intake. Key: ticket. 12 partitions, 14 days.
    public static let tickets = internalTopic("tickets.v1", .intake, readers: [.routing, .analytics])

    static let ticketEvents: [EventKind] = [
        EventKind(TicketSubmitted.self), EventKind(TicketWithdrawn.self), EventKind(TicketReviewRequested.self),
    ]
}

/// A resident, or somebody for one, has told us something 上报.
public struct TicketSubmitted: Event, Hashable {
    public static var topic: Topic { Topics.tickets }
    public static var type: String { "ticket.submitted" }
    public var subject: String { ticket.description }

    public var ticket: TicketID
    public var number: TicketNumber
    public var channel: Channel
    public var plate: PlateCode?
    /// Where the reporter stood or pointed.
    public var point: GeoPoint?
    /// The chip that was chosen.
    public var category: CategoryCode?
    /// Free words, scrubbed (``PersonalData``).
    public private(set) var text: String?
    public var photos: [PhotoID]
    /// Whether intake can reach the reporter; how, only intake knows.
    public var hasContact: Bool
    public var submittedAt: Timestamp

    public init(
        ticket: TicketID, number: TicketNumber, channel: Channel, plate: PlateCode? = nil, point: GeoPoint? = nil,
        category: CategoryCode? = nil, text: PublicText? = nil, photos: [PhotoID], hasContact: Bool,
        submittedAt: Timestamp
    ) {
        self.ticket = ticket
        self.number = number
        self.channel = channel
        self.plate = plate
        self.point = point
        self.category = category
        self.text = text?.description
        self.photos = photos
        self.hasContact = hasContact
        self.submittedAt = submittedAt
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            ticket: try m.required("ticket"), number: try m.required("number"),
            channel: try m.required("channel"), plate: try m.optional("plate"), point: try m.optional("point"),
            category: try m.optional("category"), text: try m.optionalPublicText("text"),
            photos: try m.required("photos"), hasContact: try m.required("hasContact"),
            submittedAt: try m.required("submittedAt"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("ticket", ticket)
        o.member("number", number)
        o.member("channel", channel)
        o.member("plate", plate)
        o.member("point", point)
        o.member("category", category)
        o.member("text", text)
        o.member("photos", photos)
        o.member("hasContact", hasContact)
        o.member("submittedAt", submittedAt)
    }
}

/// The reporter has taken the ticket back 撤回.
public struct TicketWithdrawn: Event, Hashable {
    public static var topic: Topic { Topics.tickets }
    public static var type: String { "ticket.withdrawn" }
    public var subject: String { ticket.description }

    public var ticket: TicketID
    public private(set) var reason: String?

    public init(ticket: TicketID, reason: PublicText? = nil) {
        self.ticket = ticket
        self.reason = reason?.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(ticket: try m.required("ticket"), reason: try m.optionalPublicText("reason"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("ticket", ticket)
        o.member("reason", reason)
    }
}

/// The reporter asks for a review of a refusal 申请复核.
public struct TicketReviewRequested: Event, Hashable {
    public static var topic: Topic { Topics.tickets }
    public static var type: String { "ticket.review_requested" }
    public var subject: String { ticket.description }

    public var ticket: TicketID
    public private(set) var reason: String

    public init(ticket: TicketID, reason: PublicText) {
        self.ticket = ticket
        self.reason = reason.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(ticket: try m.required("ticket"), reason: try m.publicText("reason"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("ticket", ticket)
        o.member("reason", reason)
    }
}
