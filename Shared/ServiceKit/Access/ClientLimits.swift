public import HTTP

/// Limits on what one client may do, as the operator set them.
extension Assembly {
    /// - Parameters:
    ///   - name: in the metric's label.
    ///   - setting: `300+60/min`, or `none`.
    public func rateLimiter<Key: Hashable & Sendable>(
        _ name: String, _ setting: String, of key: Key.Type = Key.self
    ) throws(ConfigurationError) -> RateLimiter<Key> {
        RateLimiter(name, try configuration.limit(setting), metrics: metrics)
    }
}

extension Configuration {
    /// A limit; nil when it is `none`, or when `SHAO_CLIENT_LIMITS` lifts all.
    public func limit(_ name: String) throws(ConfigurationError) -> RateLimit? {
        let text = try require(name)
        if text == "none" { return nil }
        guard let limit = RateLimit(text) else {
            throw ConfigurationError(problems: ["\(name): “\(text)” is neither a limit such as 300+60/min nor none"])
        }
        return try limitsClients ? limit : nil
    }

    /// Whether clients are limited at all.
    var limitsClients: Bool {
        get throws(ConfigurationError) {
            switch try require("SHAO_CLIENT_LIMITS") {
            case "on": true
            case "off": false
            case let text: throw ConfigurationError(problems: ["SHAO_CLIENT_LIMITS: “\(text)” is neither on nor off"])
            }
        }
    }
}
