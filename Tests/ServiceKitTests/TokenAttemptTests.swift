import Contracts
import HTTP
import Testing

@testable import ServiceKit

/// Guessing at staff tokens.
@Suite struct TokenAttemptTests {
    private let start = ContinuousClock.now
    private let office = ClientBlock("203.0.113.5")
    private let member = StaffMember(name: "值班", role: .community, organisation: "310106019001")

    private func attempts(_ byClient: String, _ byToken: String = "1000+1/s") -> TokenAttempts {
        let now = start
        return TokenAttempts(
            byClient: RateLimiter("a", RateLimit(byClient), now: { now }), byToken: RateLimiter("b", RateLimit(byToken), now: { now }))
    }

    private func ask(_ attempts: TokenAttempts, _ token: String, from client: ClientBlock? = nil) throws -> StaffMember? {
        try attempts.member(token: token, digest: "digest of \(token)", from: client ?? office) {
            token.hasPrefix("right") ? member : nil
        }
    }

    @Test func `after so many wrong tokens none is looked at, not even a right one`() throws {
        let attempts = attempts("3+6/min")
        for place in 0..<3 { #expect(try ask(attempts, "guess \(place)") == nil) }
        let problem = #expect(throws: Problem.self) { try ask(attempts, "guess 4") }
        #expect(problem?.status == 429 && problem?.headers.first?.value == "10")
        #expect(throws: Problem.self) { try ask(attempts, "right") }
        #expect(try ask(attempts, "right", from: ClientBlock("203.0.113.6")) == member)
    }

    @Test func `who signed in from there before stays in while somebody guesses beside him`() throws {
        let attempts = attempts("3+6/min")
        #expect(try ask(attempts, "right one") == member)
        for place in 0..<3 { _ = try ask(attempts, "guess \(place)") }
        for _ in 0..<100 { #expect(try ask(attempts, "right one") == member) }
        #expect(throws: Problem.self) { try ask(attempts, "right two") }
    }

    @Test func `an old cookie in every browser of an office is one wrong token`() throws {
        let attempts = attempts("2+1/h")
        for _ in 0..<500 { #expect(try ask(attempts, "last year's") == nil) }
        #expect(try ask(attempts, "right") == member)
    }

    @Test func `many clients that guess at one token share a share`() throws {
        let attempts = attempts("1000+1/s", "3+1/h")
        for place in 0..<3 { #expect(try ask(attempts, "Xy7_\(place)", from: ClientBlock("198.51.100.\(place)")) == nil) }
        #expect(throws: Problem.self) { try ask(attempts, "Xy7_9", from: ClientBlock("198.51.100.9")) }
        #expect(try ask(attempts, "Ab7_9", from: ClientBlock("198.51.100.9")) == nil)
    }
}
