/// Text messages. Checks the number and the length, then hands over to the operator's gateway: a ``WebhookChannel``, or a
/// ``FileChannel`` where there is none yet.
public struct SMSChannel: Channel {
    /// Eight message parts of 67 characters: what gateways in China commonly take.
    private static let longestText = 536
    private let gateway: any Channel

    public init(over gateway: any Channel) { self.gateway = gateway }

    public func deliver(_ message: ChannelMessage) async -> DeliveryOutcome {
        guard let number = Self.number(message.recipient) else { return .refused(reason: .badAddress) }
        guard !message.text.isEmpty, message.text.count <= Self.longestText else { return .refused(reason: .badMessage) }
        var message = message
        message.recipient = number
        message.subject = ""
        message.html = nil
        return await gateway.deliver(message)
    }

    /// `+8613912345678` for the usual spellings of a mainland mobile number; other countries only with `+`.
    static func number(_ text: String) -> String? {
        let digits = text.filter { $0 != " " && $0 != "-" }
        guard digits.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }), let first = digits.first else { return nil }
        if first == "+" {
            guard (8...16).contains(digits.count), digits.dropFirst().first != "0" else { return nil }
            return digits.hasPrefix("+86") && !isMobile(digits.dropFirst(3)) ? nil : digits
        }
        if isMobile(digits[...]) { return "+86" + digits }
        return digits.hasPrefix("86") && isMobile(digits.dropFirst(2)) ? "+" + digits : nil
    }

    private static func isMobile(_ digits: Substring) -> Bool {
        digits.utf8.count == 11 && digits.first == "1" && ("3"..."9").contains(digits.dropFirst().first ?? " ")
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
