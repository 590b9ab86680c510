import Contracts
import Crypto
import JSON
import Testing

@testable import Notification

@Suite struct `The file of recipients` {
    private let hash = AddressHash(key: HMACKey(Array("k".utf8)))
    private let secret = "whsec_" + Base64.standard.encode([UInt8](repeating: 7, count: 32))

    private func book(_ text: String) throws(JSONError) -> RecipientBook { try RecipientBook(json: Array(text.utf8), hash: hash) }

    @Test func `organisations have several addresses, a repeated one counts once`() throws {
        let book = try book(
            """
            {"310106019001": [{"channel": "email", "address": "desk@hq.example"}, {"channel": "email", "address": "desk@hq.example"},
              {"channel": "sms", "address": "+8613800138000", "language": "en"}],
             "light": [{"channel": "webhook", "address": "https://light.example/in", "secret": "\(secret)", "successRule": "$.success==true"}]}
            """)
        let desk = book.recipients(of: "310106019001")
        #expect(desk.map(\.channel) == [.email, .sms] && desk.map(\.language) == [.zhHans, .english])
        #expect(desk.map(\.masked) == ["d***@hq.example", "***00"])
        #expect(desk.allSatisfy { !$0.key.contains("desk@") && !$0.key.contains("138001") && book.recipient(key: $0.key) != nil })
        #expect(book.recipients(of: "light").first?.masked == "https://light.example/***")
        #expect(book.recipients(of: "light").first?.webhook?.secrets.count == 1)
        #expect(book.recipients(of: "water").isEmpty)
    }

    @Test func `an entry that no message would take is found, and nothing else`() throws {
        let book = try book(
            """
            {"310106019001": [{"channel": "email", "address": "desk@hq.example"}],
             "310106019009": [{"channel": "email", "address": "gone@hq.example"}],
             "light": [{"channel": "sms", "address": "+8613800138000"}], "lihgt": [{"channel": "email", "address": "a@b.example"}]}
            """)
        let known: Set = ["310106019001", "light"]
        let findings = book.unusable(known: known, ways: [.email, .webhook])
        #expect(findings.count == 3 && findings[0].contains("“310106019009”") && findings[1].contains("“light” is to be told by sms"))
        #expect(findings[2].contains("“lihgt” is no area or department"))
        #expect(findings.allSatisfy { !$0.contains("@") && !$0.contains("138") }, "an address is nobody's to read")
        #expect(book.unusable(known: nil, ways: [.email, .sms, .webhook]).isEmpty, "before the directory is heard nothing is unknown")
        #expect(book.unusable(known: known.union(["310106019009", "lihgt"]), ways: [.email, .sms, .webhook]).isEmpty)
    }

    @Test(arguments: [
        #"{"NOBODY!": []}"#, #"{"light": [{"channel": "pigeon", "address": "x@y"}]}"#, #"{"light": [{"channel": "email"}]}"#,
        #"{"light": [{"channel": "email", "address": "no-at-sign"}]}"#,
        #"{"light": [{"channel": "email", "address": "a@b.example", "extra": 1}]}"#,
        #"{"light": [{"channel": "webhook", "address": "https://x.example"}]}"#,
        #"{"light": [{"channel": "webhook", "address": "https://x.example", "secret": "short"}]}"#,
        #"{"light": [{"channel": "webhook", "address": "ftp://x.example", "secret": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}"#,
        #"{"light": [{"channel": "sms", "address": "abc"}]}"#,
        #"{"light": [{"channel": "email", "address": "a@b.example", "secret": "x"}]}"#,
        "[]", "{}x",
    ])
    func `anything else is refused with its place`(text: String) {
        #expect(throws: JSONError.self) { try book(text) }
    }
}
