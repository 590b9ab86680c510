public import JSON

extension Topics {
    /// Messages that went out. Owner: notification. Key: delivery. 12 partitions, 14 days.
    public static let deliveries = internalTopic("deliveries.v1", .notification, readers: [.analytics])

    static let deliveryEvents: [EventKind] = [
        EventKind(DeliverySettled.self)
    ]
}

/// It is known what became of a message. To whom it went, only intake and notification know.
public struct DeliverySettled: Event, Hashable {
    public static var topic: Topic { Topics.deliveries }
    public static var type: String { "delivery.settled" }
    public var subject: String { delivery.description }

    public var delivery: DeliveryID
    public var ticket: TicketID?
    /// Where its matter lies: the smallest area that is sure.
    public var area: AreaCode
    /// The event the message was about.
    public var event: EventID
    public var channel: DeliveryChannel
    public var outcome: DeliveryOutcome
    public var attempts: Int

    public init(
        delivery: DeliveryID, ticket: TicketID? = nil, area: AreaCode, event: EventID, channel: DeliveryChannel,
        outcome: DeliveryOutcome, attempts: Int
    ) {
        self.delivery = delivery
        self.ticket = ticket
        self.area = area
        self.event = event
        self.channel = channel
        self.outcome = outcome
        self.attempts = attempts
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            delivery: try m.required("delivery"), ticket: try m.optional("ticket"), area: try m.area(),
            event: try m.required("event"), channel: try m.required("channel"),
            outcome: try m.required("outcome"), attempts: try m.required("attempts"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("delivery", delivery)
        o.member("ticket", ticket)
        o.member(area: area)
        o.member("event", event)
        o.member("channel", channel)
        o.member("outcome", outcome)
        o.member("attempts", attempts)
    }
}
