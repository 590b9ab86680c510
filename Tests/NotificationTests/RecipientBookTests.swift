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
