import Channels
import Contracts
import EventLog
import HTTP

/// The ways out, one per channel. What is not configured is refused by name, so that it shows.
struct Outlets: Sendable {
    let email: (any Channels.Channel)?
    let sms: (any Channels.Channel)?
    let wechat: (any Channels.Channel)?
    /// Guarded against addresses in our own network.
    let webhooks: HTTPClient
    let clock: any Timekeeper

    /// Channels by which something can leave.
    var ways: Set<DeliveryChannel> {
        var ways: Set<DeliveryChannel> = [.webhook]
        if email != nil { ways.insert(.email) }
        if sms != nil { ways.insert(.sms) }
        if wechat != nil { ways.insert(.wechat) }
        return ways
    }

    /// One attempt.
    func send(_ message: ChannelMessage, by channel: DeliveryChannel, terms: WebhookTerms?) async -> Attempt {
        guard let way = way(channel, message.recipient, terms) else { return .refused("not-configured") }
        return switch await way.deliver(message) {
        case .sent: .sent
        case .retryLater(let after): .later(Attempt.answered, after: after)
        // Nothing went wrong: the resident was told so when the number was left.
        case .refused(.noTextMessages): .skipped(RefusalReason.noTextMessages.description)
        case .refused(let reason): .refused(reason.description)
        case .outage(let outage): .held(outage.code, mayConcernMessage: outage.mayConcernMessage)
        case .unknown: .unclear("cut-off")
        }
    }

    private func way(_ channel: DeliveryChannel, _ address: String, _ terms: WebhookTerms?) -> (any Channels.Channel)? {
        switch channel {
        case .email: return email
        case .sms: return sms
        case .wechat: return wechat
        case .webhook:
            guard let terms else { return nil }
            var endpoint = WebhookEndpoint(url: address, secrets: terms.secrets)
            endpoint.successRule = terms.success
            let clock = clock
            return WebhookChannel(endpoint, client: webhooks) { clock.now().milliseconds / 1_000 }
        case .board: return nil
        }
    }
}
