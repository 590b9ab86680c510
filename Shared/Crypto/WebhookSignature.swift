/// The shared secret of one webhook endpoint, written `whsec_` + base64 (Standard Webhooks 1.0).
public struct WebhookSecret: Sendable, CustomStringConvertible {
    private static let prefix = "whsec_"
    let key: HMACKey

    /// - Parameter text: with or without `whsec_`; 24 to 64 bytes of base64. Throws `badFormat` otherwise.
    public init(_ text: String) throws(CryptoError) {
        let encoded = text.hasPrefix(Self.prefix) ? text.dropFirst(Self.prefix.count) : text[...]
        guard let bytes = Base64.standard.decode(encoded) else {
            throw CryptoError(.badFormat, "a webhook secret is whsec_ followed by base64")
        }
        guard (24...64).contains(bytes.count) else {
            throw CryptoError(.badFormat, "a webhook secret has 24 to 64 bytes, not \(bytes.count)")
        }
        key = HMACKey(bytes)
    }

    /// A new secret's text, to be shown once and stored.
    public static func generate() -> String { prefix + Base64.standard.encode(SystemRandom.bytes(32)) }

    public var description: String { "\(Self.prefix)****" }
}

/// Signs and checks webhook deliveries by Standard Webhooks 1.0: HMAC-SHA-256 over `id.timestamp.body`.
public enum WebhookSignature {
    /// The value of the header `webhook-signature`.
    /// - Parameters:
    ///   - timestamp: seconds since 1970 of **this attempt**; receivers refuse what is more than five minutes off, so every retry signs anew.
    ///   - secrets: the present one first; during a rotation the old one too, so that both kinds of receivers agree.
    public static func sign(id: String, timestamp: Int64, body: [UInt8], secrets: [WebhookSecret]) -> String {
        secrets.map { "v1," + Base64.standard.encode(code(id: id, timestamp: timestamp, body: body, secret: $0)) }
            .joined(separator: " ")
    }

    /// Whether one signature of the header fits one of the secrets and the time is near enough.
    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - tolerance: seconds that sender's and receiver's clocks (and the way) may differ.
    public static func isValid(
        header: String, id: String, timestamp: String, body: [UInt8], secrets: [WebhookSecret], now: Int64, tolerance: Int64 = 300
    ) -> Bool {
        guard let sent = Int64(timestamp), String(sent) == timestamp, sent >= 0 else { return false }
        let (distance, overflow) = now.subtractingReportingOverflow(sent)
        guard !overflow, distance.magnitude <= tolerance.magnitude else { return false }
        let expected = secrets.map { code(id: id, timestamp: sent, body: body, secret: $0) }
        var valid = false
        for entry in header.split(separator: " ").prefix(16) where entry.hasPrefix("v1,") {
            guard let given = Base64.standard.decode(entry.dropFirst(3)) else { continue }
            for code in expected where constantTimeEqual(code, given) { valid = true }
        }
        return valid
    }

    private static func code(id: String, timestamp: Int64, body: [UInt8], secret: WebhookSecret) -> [UInt8] {
        secret.key.authenticate { mac in
            mac.update(id)
            mac.update(".\(timestamp).")
            mac.update(body)
        }
    }
}
