/// One message for one recipient. Every channel takes from it what it can show.
public struct ChannelMessage: Sendable {
    /// The delivery's id: the same for every attempt, so that receivers can drop doubles.
    public var id: String
    /// A mail address, telephone number or WeChat open id; a webhook knows its own address.
    public var recipient: String
    public var subject: String
    public var text: String
    public var html: String?
    /// What a webhook sends, byte for byte; empty means a small object made of the fields above.
    public var body: [UInt8] = []
    /// What `body` is: its media type.
    public var bodyType = "application/json"

    public init(id: String, recipient: String, subject: String = "", text: String = "") {
        (self.id, self.recipient, self.subject, self.text) = (id, recipient, subject, text)
    }
}

/// How one attempt ended.
public enum DeliveryOutcome: Sendable, Equatable {
    /// The other side took it.
    case sent
    /// Not now. `after` is the other side's own wish, already limited; `nil` leaves it to the schedule.
    case retryLater(after: Duration?)
    /// Never this way: trying again cannot help.
    case refused(reason: RefusalReason)
    /// Perhaps sent, perhaps not: the attempt was broken off.
    case unknown
}

/// Why trying again cannot help. An open set; the names are stable.
public struct RefusalReason: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }

    /// The recipient is no address of this channel.
    public static let badAddress = RefusalReason("bad-address")
    /// A telephone number that no text message reaches: a landline, or one where this installation does not send.
    public static let noTextMessages = RefusalReason("no-text-messages")
    /// The address leads where this installation does not send.
    public static let addressNotAllowed = RefusalReason("address-not-allowed")
    /// The other side said that it wants no more (HTTP 410): switch the endpoint off.
    public static let gone = RefusalReason("gone")
    /// The other side refused for good, for example an unknown mailbox.
    public static let rejected = RefusalReason("rejected")
    /// The message cannot be sent as it is.
    public static let badMessage = RefusalReason("bad-message")
}

/// A way to reach someone. One call is one attempt; when to try again is the caller's matter.
public protocol Channel: Sendable {
    /// Never throws: whatever happens is one of the four outcomes. A cancelled attempt is `unknown`.
    func deliver(_ message: ChannelMessage) async -> DeliveryOutcome
}
