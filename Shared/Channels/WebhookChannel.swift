public import Crypto
public import HTTP
internal import JSON

/// Where a department takes its dispatches when it has no Kafka.
public struct WebhookEndpoint: Sendable {
    public var url: String
    /// The present secret first; during a rotation the old one too.
    public var secrets: [WebhookSecret]
    public var successRule = SuccessRule.status
    /// For one attempt.
    public var timeout = Duration.seconds(20)
    /// Added to every request, for example an access key of the receiver.
    public var headers: [(name: String, value: String)] = []

    public init(url: String, secrets: [WebhookSecret]) {
        self.url = url
        self.secrets = secrets
    }
}

/// Standard Webhooks 1.0: POST, signed anew at every attempt, no redirects, 410 switches off, `Retry-After` is honoured.
///
/// Receivers drop doubles by `webhook-id`, so an attempt without an answer is simply tried again.
public struct WebhookChannel: Channel {
    private let endpoint: WebhookEndpoint
    private let client: HTTPClient
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - client: with the address policy that fits the endpoint's origin.
    ///   - now: seconds since 1970, read once per attempt.
    public init(_ endpoint: WebhookEndpoint, client: HTTPClient, now: @escaping @Sendable () -> Int64) {
        self.endpoint = endpoint
        self.client = client
        self.now = now
    }

    public func deliver(_ message: ChannelMessage) async -> DeliveryOutcome {
        let timestamp = now()
        do {
            let answer = try await client.send(request(for: message, timestamp: timestamp))
            return outcome(of: answer, now: timestamp)
        } catch let error as HTTPClientError {
            return Self.outcome(of: error)
        } catch {
            return .unknown
        }
    }

    private func request(for message: ChannelMessage, timestamp: Int64) -> HTTPClient.Request {
        let isPlain = message.body.isEmpty
        let body = isPlain ? Self.plainBody(message) : message.body
        var request = HTTPClient.Request.post(endpoint.url, body, type: isPlain ? "application/json" : message.bodyType)
        request.timeout = endpoint.timeout
        request.largestAnswer = 64 << 10
        request.headers += endpoint.headers
        request.headers += [
            ("webhook-id", message.id), ("webhook-timestamp", "\(timestamp)"),
            ("webhook-signature", WebhookSignature.sign(id: message.id, timestamp: timestamp, body: body, secrets: endpoint.secrets)),
        ]
        return request
    }

    private func outcome(of answer: HTTPClient.Response, now: Int64) -> DeliveryOutcome {
        if endpoint.successRule.isMet(status: answer.status, body: answer.body) { return .sent }
        switch answer.status {
        case 410: return .refused(reason: .gone)
        // Said before anybody looked at the message: our key, our address, or a page that is elsewhere. A gate that looks into
        // messages answers 403 too, so another message shows which.
        case 401, 403, 407: return .outage(Outage(.login, status: answer.status, mayConcernMessage: true))
        case 300..<400, 404, 405: return .outage(Outage(.endpoint, status: answer.status, mayConcernMessage: true))
        default: return .retryLater(after: answer.retryAfter(now: now))
        }
    }

    private static func outcome(of error: HTTPClientError) -> DeliveryOutcome {
        switch error.code {
        case .badRequest: .refused(reason: .badAddress)
        case .addressRefused: .outage(Outage(.addressNotAllowed))
        case .unresolved: .outage(Outage(.unresolved))
        case .notConnected: .outage(Outage(.unreachable))
        case .tls: .outage(Outage(.tls))
        default: .retryLater(after: nil)
        }
    }

    private static func plainBody(_ message: ChannelMessage) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.member("id", message.id)
            object.member("recipient", message.recipient)
            object.member("subject", message.subject)
            object.member("text", message.text)
        }
        return writer.bytes
    }
}
