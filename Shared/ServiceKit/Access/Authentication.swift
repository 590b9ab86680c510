public import Contracts
import Crypto
import FoundationEssentials
public import HTTP
public import JSON
public import Telemetry

/// Someone of the staff, by the token they sign in with.
public struct StaffMember: Sendable, Hashable {
    public let name: String
    /// As they are called on Kafka and in the course of a case; nil for a token of a machine.
    public let person: PersonID?
    public let role: StaffRole
    /// The area or department they act for.
    public let organisation: String

    public init(name: String, person: PersonID? = nil, role: StaffRole, organisation: String) {
        (self.name, self.person, self.role, self.organisation) = (name, person, role, organisation)
    }
}

/// Staff tokens from a file: only their SHA-256 is kept. Everything is denied to who has none.
public struct StaffDirectory: Sendable {
    private struct Entry: JSONObjectDecodable {
        let member: StaffMember
        let digest: String
        init(members m: inout JSONMembers) throws(JSONError) {
            member = StaffMember(
                name: try m.required("name"), person: try m.optional("person"), role: try m.required("role"),
                organisation: try m.required("org"))
            digest = try m.required("tokenSHA256")
        }
    }

    private let byDigest: [String: StaffMember]
    /// Everybody who has a token.
    public var members: some Collection<StaffMember> { byDigest.values }

    private let attempts: TokenAttempts

    /// An empty directory: nobody may sign in.
    public init() {
        byDigest = [:]
        attempts = TokenAttempts(byClient: RateLimiter("wrong-tokens", nil), byToken: RateLimiter("wrong-tokens-alike", nil))
    }

    /// - Parameters:
    ///   - bytes: a JSON array of `{name, person?, role, org, tokenSHA256}`.
    ///   - limit: how many wrong tokens one client may show; nil for any number.
    public init(json bytes: [UInt8], wrongTokens limit: RateLimit? = nil, metrics: MetricsRegistry? = nil) throws(JSONError) {
        attempts = TokenAttempts(
            byClient: RateLimiter("wrong-tokens", limit, metrics: metrics),
            byToken: RateLimiter("wrong-tokens-alike", limit, metrics: metrics))
        let entries = try JSONReader.decode([Entry].self, from: bytes)
        byDigest = Dictionary(entries.map { ($0.digest.lowercased(), $0.member) }, uniquingKeysWith: { first, _ in first })
    }

    /// Who holds this token. Looked up by its digest, so the time taken says nothing about tokens.
    public func member(token: String) -> StaffMember? {
        byDigest[Hex.encode(SHA256.hash(token))]
    }

    /// Who holds this token, as far as the client that shows it may still try. Throws 429 when it guessed too often.
    public func member(token: String, shownBy request: HTTPRequest) throws(Problem) -> StaffMember? {
        let digest = Hex.encode(SHA256.hash(token))
        return try attempts.member(token: token, digest: digest, from: request.clientBlock) { byDigest[digest] }
    }

    /// Who asks: `Authorization: Bearer …`, or, where nothing is changed, the cookie that the sign-in page sets: other people's
    /// pages can make a browser send a cookie, but no header. Throws 401, or 429 to whoever guesses.
    public func authenticate(_ request: HTTPRequest) throws(Problem) -> StaffMember {
        let token = Self.bearerToken(of: request) ?? (request.method.isSafe ? Self.cookieToken(of: request) : nil)
        if let token, let member = try member(token: token, shownBy: request) { return member }
        throw Problem(401, "sign-in-required", detail: "A valid staff token is needed.")
            .with("www-authenticate", "Bearer")
    }

    /// As `authenticate`, and one of these roles. Throws 401 or 403.
    public func authenticate(_ request: HTTPRequest, as roles: StaffRole...) throws(Problem) -> StaffMember {
        try authenticate(request, as: roles)
    }

    public func authenticate(_ request: HTTPRequest, as roles: [StaffRole]) throws(Problem) -> StaffMember {
        let member = try authenticate(request)
        guard roles.contains(member.role) else {
            throw Problem(
                403, "not-your-role",
                detail: "This needs the role \(roles.map(\.rawValue).joined(separator: " or ")).")
        }
        return member
    }

    /// The cookie's name.
    public static let cookie = "shao_staff"

    /// Who asks by `Authorization: Bearer …`, which no other site can make a browser send; nil without a valid one.
    public func bearer(of request: HTTPRequest) -> StaffMember? { Self.bearerToken(of: request).flatMap { member(token: $0) } }

    private static func bearerToken(of request: HTTPRequest) -> String? {
        guard let header = request.header("authorization"), header.lowercased().hasPrefix("bearer ") else { return nil }
        return String(header.dropFirst(7))
    }

    /// What shows that a form came from a page of the session with this token: only who knows it can make one.
    public static func formProof(of token: String) -> String { Base64.url.encode(HMACKey(Array(token.utf8)).authenticate("desk-form")) }

    /// What the browser of somebody who signed in sends. A form that is taken on it needs a proof of its own.
    public static func cookieToken(of request: HTTPRequest) -> String? {
        for pair in (request.header("cookie") ?? "").split(separator: ";") {
            let sides = pair.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            if sides.count == 2, sides[0] == cookie { return sides[1] }
        }
        return nil
    }
}
