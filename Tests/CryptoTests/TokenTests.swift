import Crypto
import Synchronization
import Testing

private let now: Int64 = 1_795_230_100
private let verifier = TokenVerifier(issuer: "https://id.example/realm", audience: "shao")

private func keySet(_ entries: String...) throws -> TokenKeySet {
    try TokenKeySet(Array("{\"keys\":[\(entries.joined(separator: ","))]}".utf8))
}

/// An issuer of our own, for every token that a careful provider would not mint.
private struct Issuer {
    let key: Ed25519.PrivateKey
    init() throws { key = try Ed25519.PrivateKey(seed: SystemRandom.bytes(32)) }

    func entry(_ more: String = "") -> String {
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"o1\",\"x\":\"\(Base64.url.encode(key.publicKey.bytes))\"\(more)}"
    }

    static let good =
        "{\"iss\":\"https://id.example/realm\",\"aud\":\"shao\",\"sub\":\"u-1\",\"exp\":1795230400,\"iat\":1795230000}"

    func token(_ payload: String = good, header: String = "{\"alg\":\"EdDSA\",\"kid\":\"o1\",\"typ\":\"JWT\"}") throws -> String {
        let signed = Base64.url.encode(header.utf8) + "." + Base64.url.encode(payload.utf8)
        return signed + "." + Base64.url.encode(try key.sign(Array(signed.utf8)))
    }

    func code(_ token: String) throws -> CryptoError.Code? {
        let keys = try keySet(entry())
        do throws(CryptoError) {
            _ = try verifier.verify(token, keys: keys, now: now)
            return nil
        } catch {
            return error.code
        }
    }
}

@Suite struct `Tokens of another maker` {
    @Test(arguments: [TokenFixtures.rs256, TokenFixtures.es256])
    func `an RS256 and an ES256 token pass`(token: String) throws {
        let claims = try verifier.verify(token, keys: try keySet(TokenFixtures.rsa, TokenFixtures.ec), now: now)
        #expect(claims.subject == "u-1" && claims.expiresAt == 1_800_000_000)
        #expect(claims.texts(at: "realm_access.roles") == ["dispatcher", "street"])
        #expect(claims.texts(at: "iss") == ["https://id.example/realm"])
        #expect(claims.texts(at: "realm_access.nothing").isEmpty)
    }

    @Test(arguments: [TokenFixtures.ps256, TokenFixtures.es256InDER])
    func `another algorithm or spelling of the signature is refused`(token: String) throws {
        #expect(throws: CryptoError.self) { try verifier.verify(token, keys: try keySet(TokenFixtures.rsa, TokenFixtures.ec), now: now) }
    }

    @Test func `a short RSA key is skipped and does not spoil the set`() throws {
        let keys = try keySet(TokenFixtures.weak, TokenFixtures.rsa, "{}", "7", "{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\"AAAA\"}")
        #expect(keys.skipped == 4)
        #expect(throws: CryptoError.self) { try verifier.verify(TokenFixtures.weakRS256, keys: keys, now: now) }
        #expect(try verifier.verify(TokenFixtures.rs256, keys: keys, now: now).subject == "u-1")
    }

    @Test func `every flipped letter of a token is noticed`() throws {
        let keys = try keySet(TokenFixtures.ec)
        let letters = Array(TokenFixtures.es256)
        for index in letters.indices {
            var other = letters
            other[index] = letters[index] == "A" ? "B" : "A"
            #expect(throws: CryptoError.self) { try verifier.verify(String(other), keys: keys, now: now) }
        }
    }

    @Test(arguments: ["\"use\":\"enc\"", "\"alg\":\"RS512\"", "\"key_ops\":[\"encrypt\"]"])
    func `a key for another use is skipped`(member: String) throws {
        let entry = TokenFixtures.ec.replacing("\"use\":\"sig\"", with: member)
        #expect(try keySet(entry).skipped == 1)
    }

    @Test func `a point off the curve is no key`() throws {
        let start = try #require(TokenFixtures.ec.firstRange(of: "\"x\":\"")).upperBound
        var entry = TokenFixtures.ec
        entry.replaceSubrange(start...start, with: entry[start] == "A" ? "B" : "A")
        #expect(try keySet(entry).skipped == 1)
    }

    @Test(arguments: ["", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}", "{\"keys\":[]} x"])
    func `a document that is no key set is refused`(document: String) {
        #expect(throws: CryptoError.self) { try TokenKeySet(Array(document.utf8)) }
    }
}

@Suite struct `Tokens that are refused` {
    @Test func `a good one passes, so that the others mean something`() throws {
        let issuer = try Issuer()
        #expect(try issuer.code(issuer.token()) == nil)
        #expect(try issuer.code(issuer.token(Issuer.good.replacing("\"shao\"", with: "[\"a\",\"shao\"]"))) == nil)
        #expect(try issuer.code(issuer.token(header: "{\"alg\":\"EdDSA\",\"kid\":\"o1\"}")) == nil)
    }

    @Test(arguments: [
        ("{\"alg\":\"none\",\"kid\":\"o1\"}", "bad-token"), ("{\"alg\":\"HS256\",\"kid\":\"o1\"}", "bad-token"),
        ("{\"alg\":\"ES256\",\"kid\":\"o1\"}", "bad-token"), ("{\"alg\":\"eddsa\",\"kid\":\"o1\"}", "bad-token"),
        ("{\"alg\":\"EdDSA\"}", "bad-token"), ("{\"alg\":\"EdDSA\",\"kid\":\"\"}", "bad-token"),
        ("{\"alg\":\"EdDSA\",\"kid\":\"o2\"}", "unknown-key"),
        ("{\"alg\":\"EdDSA\",\"kid\":7}", "bad-token"),
        ("{\"alg\":\"EdDSA\",\"kid\":\"o1\",\"crit\":[\"b64\"],\"b64\":false}", "bad-token"),
        ("{\"alg\":\"EdDSA\",\"kid\":\"o1\",\"crit\":[]}", "bad-token"),
        ("{\"alg\":\"EdDSA\",\"kid\":\"o1\",\"zip\":\"DEF\"}", "bad-token"),
        ("{\"alg\":\"EdDSA\",\"kid\":\"o1\",\"jwk\":{}}", "bad-token"),
        ("{\"alg\":\"EdDSA\",\"kid\":\"o1\",\"jku\":\"https://evil\"}", "bad-token"),
        ("{\"alg\":\"EdDSA\",\"kid\":\"o1\",\"typ\":\"logout+jwt\"}", "bad-token"),
        ("{\"alg\":\"EdDSA\",\"kid\":\"o1\",\"typ\":1}", "bad-token"),
        ("{\"alg\":\"none\",\"alg\":\"EdDSA\",\"kid\":\"o1\"}", "bad-token"), ("{\"alg\":\"EdDSA\",\"kid\":\"o1\"} x", "bad-token"),
        ("[]", "bad-token"),
    ])
    func `a header that asks for anything else`(header: String, code: String) throws {
        let issuer = try Issuer()
        #expect(try issuer.code(issuer.token(header: header))?.description == code)
    }

    @Test(arguments: [
        ("\"iss\":\"https://id.example/realm\"", "\"iss\":\"https://id.example/realm/\"", "wrong-claim"),
        ("\"iss\":\"https://id.example/realm\",", "", "wrong-claim"), ("\"aud\":\"shao\"", "\"aud\":\"other\"", "wrong-claim"),
        ("\"aud\":\"shao\",", "", "wrong-claim"), ("\"aud\":\"shao\"", "\"aud\":[]", "wrong-claim"),
        ("\"aud\":\"shao\"", "\"aud\":[\"shao\",7]", "wrong-claim"),
        ("\"aud\":\"shao\"", "\"aud\":{\"shao\":1}", "wrong-claim"), ("\"sub\":\"u-1\",", "", "wrong-claim"),
        ("\"sub\":\"u-1\"", "\"sub\":\"\"", "wrong-claim"),
        ("\"sub\":\"u-1\"", "\"sub\":\"u1\",\"sub\":\"admin\"", "bad-token"), ("1795230400", "1795230040", "expired"),
        ("1795230400", "0", "expired"),
        ("1795230400", "\"1795230400\"", "wrong-claim"), ("1795230400", "-1", "wrong-claim"), ("1795230400", "1e300", "wrong-claim"),
        ("1795230400", "9223372036854775807", "wrong-claim"), (",\"exp\":1795230400", "", "wrong-claim"),
        ("1795230000", "1795230161", "wrong-claim"),
        ("1795230000}", "1795230000,\"nbf\":1795230161}", "wrong-claim"), ("1795230000}", "1795230000,\"nbf\":\"x\"}", "wrong-claim"),
        ("1795230000}", "1795230000}}", "bad-token"), ("u-1", "u\\u0000", ""),
    ])
    func `a payload that does not fit`(part: String, other: String, code: String) throws {
        let issuer = try Issuer()
        let found = try issuer.code(issuer.token(Issuer.good.replacing(part, with: other)))
        #expect(code.isEmpty ? found != nil : found?.description == code)
    }

    @Test func `clocks may differ by the tolerance and no more`() throws {
        let issuer = try Issuer()
        #expect(try issuer.code(issuer.token(Issuer.good.replacing("1795230400", with: "1795230041"))) == nil)
        #expect(try issuer.code(issuer.token(Issuer.good.replacing("1795230000", with: "1795230160"))) == nil)
    }

    @Test func `a token spelled otherwise`() throws {
        let issuer = try Issuer()
        let token = try issuer.token()
        for other in [
            "", ".", "..", "a.b", token + "=", token + ".", "." + token, token + ".x", token + "\n", " " + token, String(token.dropLast()),
            String(token.prefix { $0 != "." }) + "..", token.replacing(".", with: ".."), String(repeating: "A", count: 20_000),
        ] {
            #expect(try issuer.code(other) != nil)
        }
        #expect(try issuer.code(Issuer().token()) == .notAuthentic)
    }
}

@Suite struct `Keys that change` {
    @Test func `many callers with a new key cause one fetch`() async throws {
        let issuer = try Issuer()
        let count = Counter()
        let cache = TokenKeyCache {
            count.add()
            return Array("{\"keys\":[\(issuer.entry())]}".utf8)
        }
        let token = try issuer.token()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<200 { group.addTask { try await cache.verify(token, by: verifier, now: now).subject } }
            for try await subject in group { #expect(subject == "u-1") }
        }
        #expect(count.value == 1)
    }

    @Test func `unknown keys do not make us ask again and again, and a failing fetch keeps the old keys`() async throws {
        let (issuer, stranger) = (try Issuer(), try Issuer())
        let count = Counter()
        let clock = ManualClock()
        let cache = TokenKeyCache(clock: { clock.now }) {
            count.add()
            if count.value > 1 { throw Unreachable() }
            return Array("{\"keys\":[\(issuer.entry())]}".utf8)
        }
        let strange = try stranger.token(header: "{\"alg\":\"EdDSA\",\"kid\":\"o9\"}")
        _ = try await cache.verify(issuer.token(), by: verifier, now: now)
        for _ in 0..<50 { await #expect(throws: CryptoError.self) { try await cache.verify(strange, by: verifier, now: now) } }
        #expect(count.value == 1)
        clock.advance(.seconds(31))
        for _ in 0..<50 { await #expect(throws: CryptoError.self) { try await cache.verify(strange, by: verifier, now: now) } }
        #expect(count.value == 2)
        #expect(await cache.failure != nil)
        clock.advance(.seconds(4_000))
        #expect(try await cache.verify(issuer.token(), by: verifier, now: now).subject == "u-1")
        #expect(count.value == 3)
    }

    private struct Unreachable: Error {}
}

private final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
    func add() { count.add(1, ordering: .relaxed) }
}

private final class ManualClock: Sendable {
    private let state = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { state.withLock { $0 } }
    func advance(_ duration: Duration) { state.withLock { $0 += duration } }
}
