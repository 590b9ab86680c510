import Crypto
import HTTP
import Testing

@testable import ServiceKit

/// What counts as the same request sent again, at every door.
@Suite struct IdempotencyKeyTests {
    private let links = PrivateLinks(key: HMACKey(Array("link key".utf8)))
    private let here = ClientBlock("198.51.100.7")
    private let there = ClientBlock("198.51.100.8")

    @Test(arguments: ["1", "2026-11-30", "00000000-0000-0000-0000-000000000000", "5b2e9c4e-5f0b-1b0e-9d54-000000000001", "~", "\""])
    func `a key that others may choose too counts for its sender's address alone`(text: String) throws {
        let mine = try IdempotencyKey(text, from: here, links)
        #expect(try mine == IdempotencyKey(text, from: here, links))
        #expect(try mine != IdempotencyKey(text, from: there, links))
        #expect(!mine.stored.contains("198.51") && mine.stored.utf8.count <= 128)
        #expect(try mine != IdempotencyKey(text, from: here, PrivateLinks(key: HMACKey(Array("other".utf8)))))
    }

    @Test(arguments: ["8d4f0a60-7c1e-4b5e-9a3f-2f1d9b1c7e55", "019a9b3c-7d20-7001-8a00-00000000a001"])
    func `a random one counts everywhere, in small letters and large ones`(text: String) throws {
        #expect(try IdempotencyKey(text, from: here, links) == IdempotencyKey(text.uppercased(), from: there, links))
    }

    @Test(arguments: ["", " ", "a b", "路灯", "a\u{7F}", "a\0", String(repeating: "k", count: 129)])
    func `anything but 1 to 128 visible ASCII characters is refused`(text: String) {
        let problem = #expect(throws: Problem.self) { try IdempotencyKey(text, from: here, links) }
        #expect(problem?.status == 400 && problem?.code == "idempotency-key-not-valid")
    }

    @Test(arguments: [("\"k\"", "k"), ("k", "k"), ("\"", "\""), ("\"\"", ""), ("\"k", "\"k"), ("\"a\"b\"", "a\"b")])
    func `a header is a quoted string or the bare value`(header: String, text: String) {
        #expect(IdempotencyKey.unquoted(header) == text)
    }

    @Test func `another request with the same key is one of its own`() throws {
        let key = try IdempotencyKey("1", from: here, links)
        let next = key.after("also")
        #expect(next != key && next.after("also").stored.utf8.count <= 128)
        #expect(next.after("GD-1") != next.after("GD-2") && next.after("GD-1") != key.after("GD-1"))
    }
}
