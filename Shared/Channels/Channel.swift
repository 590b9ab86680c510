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
    /// Not this message's matter: the way itself is shut, for all that would go by it, until somebody mends it.
    case outage(Outage)
    /// Perhaps sent, perhaps not: the attempt was broken off.
    case unknown
}

/// Why nothing can leave by a way.
public struct Outage: Sendable, Hashable {
    /// An open set; the names are stable.
    public struct Reason: Sendable, Hashable, CustomStringConvertible {
        public let description: String
        public init(_ description: String) { self.description = description }

        /// The host has no address.
        public static let unresolved = Reason("host-unresolved")
        /// Nobody answers at the address, or the connection breaks before the message's turn.
        public static let unreachable = Reason("unreachable")
        /// The certificate does not fit, or there is no TLS where it is demanded.
        public static let tls = Reason("tls")
        /// The address leads where this installation does not send.
        public static let addressNotAllowed = Reason("address-not-allowed")
        /// User name, password or key are refused or missing.
        public static let login = Reason("login")
        /// The server greets with a refusal, or refuses the name we greet it with.
        public static let greeting = Reason("greeting")
        /// The server does not take letters from our sender's address.
        public static let sender = Reason("sender")
        /// The server does not pass on what we give it, or does not want us.
        public static let relay = Reason("relay")
        /// The server's own trouble: storage, load, quota.
        public static let system = Reason("system")
        /// The other side speaks another protocol, or has no such page.
        public static let endpoint = Reason("endpoint")
        /// What is written to on this machine cannot be written.
        public static let storage = Reason("storage")
    }

    public let reason: Reason
    /// What the other side answered, where it did: 535, 403.
    public let status: Int?
    /// Said about this message, and likely but not surely true of all others: another message shows it.
    public let mayConcernMessage: Bool

    public init(_ reason: Reason, status: Int? = nil, mayConcernMessage: Bool = false) {
        (self.reason, self.status, self.mayConcernMessage) = (reason, status, mayConcernMessage)
    }

    /// `login-535`: a code, never the other side's words.
    public var code: String { status.map { "\(reason)-\($0)" } ?? reason.description }
}

/// Why trying again cannot help. An open set; the names are stable.
public struct RefusalReason: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }

    /// The recipient is no address of this channel.
    public static let badAddress = RefusalReason("bad-address")
    /// A telephone number that no text message reaches: a landline, or one where this installation does not send.
    public static let noTextMessages = RefusalReason("no-text-messages")
    /// The other side said that it wants no more (HTTP 410): switch the endpoint off.
    public static let gone = RefusalReason("gone")
    /// The other side refused for good, for example an unknown mailbox.
    public static let rejected = RefusalReason("rejected")
    /// The message cannot be sent as it is.
    public static let badMessage = RefusalReason("bad-message")
}

/// A way to reach someone. One call is one attempt; when to try again is the caller's matter.
public protocol Channel: Sendable {
    /// Never throws: whatever happens is one of the outcomes. A cancelled attempt is `unknown`.
    func deliver(_ message: ChannelMessage) async -> DeliveryOutcome
}
