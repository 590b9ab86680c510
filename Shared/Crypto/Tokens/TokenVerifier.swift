public import JSON

/// What a verified token says.
public struct TokenClaims: Sendable {
    public let subject: String
    /// Seconds since 1970.
    public let expiresAt: Int64
    /// The whole payload.
    public let all: JSONValue

    /// The texts at a path such as `realm_access.roles`: a list's, or a single one's.
    public func texts(at path: String) -> [String] {
        var value = all
        for step in path.split(separator: ".") {
            guard let next = value[String(step)] else { return [] }
            value = next
        }
        if case .array(let values) = value { return values.compactMap(\.text) }
        return value.text.map { [$0] } ?? []
    }
}

/// Checks signed tokens (JWT, RFC 7519 and 8725) of one issuer for one audience: RS256, ES256 and EdDSA, strict in every part.
///
/// The key decides the algorithm, never the token. Nothing of the payload is read before the signature is good.
public struct TokenVerifier: Sendable {
    private static let longestToken = 16_384
    private static let forbidden = ["crit", "b64", "zip", "jwk", "jku", "x5u"]

    public let issuer: String
    public let audience: String
    /// Seconds that clocks may differ.
    public let tolerance: Int64

    public init(issuer: String, audience: String, tolerance: Int64 = 60) {
        (self.issuer, self.audience, self.tolerance) = (issuer, audience, tolerance)
    }

    /// - Parameter now: seconds since 1970.
    /// - Throws: `badToken`, `unknownKey`, `notAuthentic`, `expired` or `wrongClaim`.
    public func verify(_ token: String, keys: TokenKeySet, now: Int64) throws(CryptoError) -> TokenClaims {
        let parsed = try Self.parse(token)
        guard let key = keys.keys[parsed.kid] else { throw CryptoError(.unknownKey, "no key with this kid") }
        guard parsed.algorithm == key.algorithm.rawValue else { throw CryptoError(.badToken, "the key is for \(key.algorithm.rawValue)") }
        guard key.isValid(parsed.signature, for: parsed.signed) else { throw CryptoError(.notAuthentic, "signature") }
        guard let payload = try? JSONReader.decode(JSONValue.self, from: parsed.payload), case .object = payload else {
            throw CryptoError(.badToken, "payload")
        }
        return try claims(payload, now: now)
    }

    /// The `kid` of a token's header, unverified: only to look for a key.
    static func parse(_ token: String) throws(CryptoError) -> ParsedToken {
        guard token.utf8.count <= longestToken else { throw CryptoError(.badToken, "too long") }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Base64.url.decode(parts[0]), let payload = Base64.url.decode(parts[1]),
            let signature = Base64.url.decode(parts[2]), !signature.isEmpty
        else { throw CryptoError(.badToken, "not three parts of base64url") }
        guard let header = try? JSONReader.decode(JSONValue.self, from: head), case .object = header else {
            throw CryptoError(.badToken, "header")
        }
        for name in forbidden where header[name] != nil { throw CryptoError(.badToken, "header \(name)") }
        if let type = header["typ"] {
            guard let text = type.text?.lowercased(), text == "jwt" || text == "at+jwt" else { throw CryptoError(.badToken, "typ") }
        }
        guard let algorithm = header["alg"]?.text, let kid = header["kid"]?.text, !kid.isEmpty else {
            throw CryptoError(.badToken, "alg or kid")
        }
        return ParsedToken(
            kid: kid, algorithm: algorithm, signed: Array(token.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count)),
            payload: payload, signature: signature)
    }

    private func claims(_ payload: JSONValue, now: Int64) throws(CryptoError) -> TokenClaims {
        guard payload["iss"] == .string(issuer) else {
            throw CryptoError(.wrongClaim, "iss is \(payload["iss"]?.text?.prefix(200) ?? "missing"), expected \(issuer)")
        }
        switch payload["aud"] {
        case .string(audience): break
        case .array(let list) where list.contains(.string(audience)) && list.allSatisfy({ $0.text != nil }): break
        default: throw CryptoError(.wrongClaim, "aud")
        }
        guard let expiry = try time(payload, "exp") else { throw CryptoError(.wrongClaim, "exp") }
        guard now < expiry + tolerance else { throw CryptoError(.expired, "exp") }
        for name in ["nbf", "iat"] {
            if let start = try time(payload, name), start > now + tolerance { throw CryptoError(.wrongClaim, name) }
        }
        guard let subject = payload["sub"]?.text, !subject.isEmpty, subject.utf8.count <= 255 else { throw CryptoError(.wrongClaim, "sub") }
        return TokenClaims(subject: subject, expiresAt: expiry, all: payload)
    }

    /// Whole seconds up to the year 9999; `nil` when absent.
    private func time(_ payload: JSONValue, _ name: String) throws(CryptoError) -> Int64? {
        switch payload[name] {
        case nil: return nil
        case .int(let seconds) where (0...253_402_300_799).contains(seconds): return seconds
        case .number(let seconds) where seconds >= 0 && seconds < 253_402_300_800: return Int64(seconds)
        default: throw CryptoError(.wrongClaim, name)
        }
    }
}

struct ParsedToken {
    let kid: String
    let algorithm: String
    let signed: [UInt8]
    let payload: [UInt8]
    let signature: [UInt8]
}

/// An identity provider's keys, fetched when a token names a new one: one fetch at a time, and at most one in `interval`, whatever
/// tokens arrive. While a fetch fails the old keys go on.
public actor TokenKeyCache {
    private let interval: Duration
    private let maximumAge: Duration
    private let fetch: @Sendable () async throws -> [UInt8]
    private let clock: @Sendable () -> ContinuousClock.Instant
    private var keys = TokenKeySet()
    private var triedAt: ContinuousClock.Instant?
    private var fetchedAt: ContinuousClock.Instant?
    private var fetching: Task<Void, Never>?
    /// Why the newest fetch failed, for health pages.
    public private(set) var failure: String?

    /// - Parameters:
    ///   - maximumAge: after this the keys are fetched again even when they suffice, so that withdrawn ones go.
    ///   - fetch: gets the JWKS document.
    public init(
        interval: Duration = .seconds(30), maximumAge: Duration = .seconds(3_600),
        clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, fetch: @escaping @Sendable () async throws -> [UInt8]
    ) {
        (self.interval, self.maximumAge, self.clock, self.fetch) = (interval, maximumAge, clock, fetch)
    }

    /// Verifies with the keys at hand, or with fresh ones when the token's is not among them.
    public func verify(_ token: String, by verifier: TokenVerifier, now: Int64) async throws(CryptoError) -> TokenClaims {
        let kid = try TokenVerifier.parse(token).kid
        let isOld = fetchedAt.map { $0.advanced(by: maximumAge) < clock() } ?? true
        if isOld || keys.keys[kid] == nil { await refresh() }
        return try verifier.verify(token, keys: keys, now: now)
    }

    private func refresh() async {
        if let fetching { return await fetching.value }
        let now = clock()
        if let triedAt, now < triedAt.advanced(by: interval) { return }
        triedAt = now
        let task = Task { await self.load() }
        fetching = task
        await task.value
    }

    private func load() async {
        do {
            keys = try TokenKeySet(try await fetch())
            fetchedAt = clock()
            failure = nil
        } catch {
            failure = "\(error)"
        }
        fetching = nil
    }
}
