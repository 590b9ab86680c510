import Contracts
import Foundation
import HTTP
import JSON
import ServiceKit
import TestKit
import Testing

/// What residents and desks are sent leads to a page: every link of every message, asked of the services that answer for it.
@Suite(.serialized, .enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct LetterLinkTests {
    private static let desks = ["310106019001", "310106019000", "310106000000", "ludeng", "gongdian"]
    static let recipients =
        "{" + desks.map { #""\#($0)": [{"channel": "email", "address": "\#($0)@hq.example"}]"# }.joined(separator: ",") + "}"

    @Test func `every link of every message opens a page`() async throws {
        try await JourneyStreet.run(.embedded, recipients: Self.recipients) { street in
            let called = try await street.report(category: "P01024", text: "灯不亮", phone: "13912345678")
            try await street.resident(called, sees: .dispatched)
            let answered = try await street.report(category: "E99999", text: "想问一下", phone: "13912345678")
            try await street.resident(answered, sees: .reported)
            #expect(try await street.act("accept", answered.ticket, as: "community") == 303)
            #expect(try await street.act("whistle", answered.ticket, as: "community", ["kind": ["daily"], "reason": ["问街道"]]) == 303)
            #expect(try await street.act("refuse", answered.ticket, as: "street", ["reason": ["社区可办"]]) == 303)
            #expect(try await street.act("answer", answered.ticket, as: "community", ["text": ["好了"], "ending": ["answered"]]) == 303)
            #expect(try await street.act("verify", answered.ticket, as: "community", ["accepted": ["yes"], "ending": ["answered"]]) == 303)
            let pages: Set<PagePath.Template> = [.status, .evaluation, .communityCase, .streetCase]
            await eventually(within: .seconds(45), "messages with links of every kind have left") {
                Set(try street.sentLinks().map(\.template)) == pages
            }
            for link in try street.sentLinks() {
                // The evaluation's page opens when voting has heard of the closing.
                await eventually(within: .seconds(15), "\(link.path) opens") { try await street.open(link.path) == 200 }
            }
        }
    }
}

extension JourneyStreet {
    /// Addresses in all messages that left, and what they should be.
    fileprivate func sentLinks() throws -> Set<SentLink> {
        var links: Set<SentLink> = []
        for file in ["sms.jsonl", "mail.jsonl"] {
            let text = (try? String(contentsOf: outbox.appending(path: file), encoding: .utf8)) ?? ""
            for line in text.split(separator: "\n") {
                let words = try JSONReader.decode(JSONValue.self, from: Array(line.utf8))["text"]?.text ?? ""
                for piece in words.components(separatedBy: Self.publicURL).dropFirst() {
                    let path = String(piece.prefix { $0.isASCII && !$0.isWhitespace })
                    links.insert(SentLink(path: path, template: try #require(SentLink.template(of: path), "\(path) is no page of ours")))
                }
            }
        }
        return links
    }

    /// The status with which whoever serves the page answers its reader.
    fileprivate func open(_ path: String) async throws -> Int {
        let client = try HTTPClient(.loopbackAllowedForTests)
        var status = 404
        for name in ["intake", "routing", "voting", "notification", "analytics"] where status == 404 {
            var request = HTTPClient.Request.get("http://127.0.0.1:\(services(name).port)\(path)")
            let reader = path.hasPrefix("/street") ? "street" : "community"
            request.headers = [("accept", "text/html"), ("cookie", "\(StaffDirectory.cookie)=\(Self.token(reader))")]
            status = try await client.send(request).status
        }
        return status
    }
}

private struct SentLink: Hashable {
    let path: String
    let template: PagePath.Template

    static func template(of path: String) -> PagePath.Template? {
        let pieces = path.split(separator: "/")
        return PagePath.Template.allCases.first { template in
            let expected = template.rawValue.split(separator: "/")
            return expected.count == pieces.count && zip(expected, pieces).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
    }
}
