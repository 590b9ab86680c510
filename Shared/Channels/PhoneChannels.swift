internal import Contracts

/// Text messages. Checks the number and the length, then hands over to the operator's gateway: a ``WebhookChannel``, or a
/// ``FileChannel`` where there is none yet.
public struct SMSChannel: Channel {
    /// Eight message parts of 67 characters: what gateways in China commonly take.
    private static let longestText = 536
    private let gateway: any Channel
    private let abroad: Bool

    /// - Parameter abroad: whether the gateway takes numbers outside the mainland.
    public init(over gateway: any Channel, abroad: Bool = false) {
        self.gateway = gateway
        self.abroad = abroad
    }

    public func deliver(_ message: ChannelMessage) async -> DeliveryOutcome {
        // Read as at the door where it was left.
        guard let number = TelephoneNumber(message.recipient) else { return .refused(reason: .badAddress) }
        guard number.takesTextMessages(abroad: abroad) else { return .refused(reason: .noTextMessages) }
        guard !message.text.isEmpty, message.text.count <= Self.longestText else { return .refused(reason: .badMessage) }
        var message = message
        message.recipient = number.international
        message.subject = ""
        message.html = nil
        return await gateway.deliver(message)
    }
}

/// Messages of an official WeChat account, by open id; the gateway holds the account's credentials and templates.
public struct WeChatChannel: Channel {
    private let gateway: any Channel

    public init(over gateway: any Channel) { self.gateway = gateway }

    public func deliver(_ message: ChannelMessage) async -> DeliveryOutcome {
        let isOpenID =
            (16...64).contains(message.recipient.utf8.count)
            && message.recipient.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20) || $0 == 0x2d || $0 == 0x5f
            }
        guard isOpenID else { return .refused(reason: .badAddress) }
        return await gateway.deliver(message)
    }
}
