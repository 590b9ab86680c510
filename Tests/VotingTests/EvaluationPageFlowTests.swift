import Contracts
import FoundationEssentials
import ServiceKit
import TestKit
import Testing

@testable import Voting

/// The resident's way through `/e/<token>`, as a browser without script goes it.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct EvaluationPageFlowTests {
    @Test func `the form is shown, filed once, thanked for, and then not shown again`() async throws {
        try await Fixture.with { voting in
            let snapshot = try Sample.snapshot(at: voting.clock.now())
            let path = voting.page(snapshot.ticket)
            try await voting.hear(
                (CaseOpened(snapshot: snapshot, photos: [], placeName: "<8 号灯杆>"), 1),
                (CaseClosed(snapshot: snapshot, ending: .solved), 9))
            let form = try await voting.get(path)
            #expect(form.status == 200)
            #expect(form.header("cache-control") == "no-store")
            #expect(form.text.contains("action=\"\(path)\""))
            #expect(form.text.contains("GD-20261121-000123-7"))
            #expect(form.text.contains("&lt;8 号灯杆&gt;"))
            let answers = "contacted=yes&solved=partly&satisfied=fair&reasons=slow&reasons=quick&text=%E8%B0%A2%E8%B0%A2%0D%0A13812345678"
            let thanks = try await voting.submit(answers, to: path)
            #expect(thanks.status == 200)
            #expect(thanks.text.contains("谢谢您的评价"))
            #expect(thanks.text.contains("已记入"))
            let event = try #require(try await voting.said().first?.event)
            #expect(event.solved == .partly)
            #expect(event.reasons.map(\.description) == ["quick", "slow"])
            #expect(try await voting.words() == ["谢谢\n▇▇▇"])
            #expect(try await voting.submit(answers, to: path).text.contains("谢谢您的评价"))
            let changed = try await voting.submit("contacted=no&solved=no&satisfied=no", to: path)
            #expect(changed.status == 409)
            #expect(changed.text.contains("您已经评价过了"))
            #expect(try await voting.get(path).text.contains("您已经评价过了"))
            #expect(try await voting.said().count == 1)
        }
    }

    @Test func `a text that the page lets pass is taken, its line breaks as one character`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            // 989 characters in 15 lines: 1003 with the line breaks as browsers send them.
            let lines = (0..<15).map { _ in String(repeating: "字", count: 65) }.joined(separator: "\r\n")
            #expect(lines.replacing("\r\n", with: "\n").unicodeScalars.count == 989 && lines.unicodeScalars.count == 1003)
            let encoded = lines.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let form = "contacted=yes&solved=yes&satisfied=yes&text=" + encoded
            #expect(try await voting.submit(form, to: voting.page(ticket)).status == 200)
            #expect(try await voting.words() == [lines.replacing("\r\n", with: "\n")])
        }
    }

    @Test func `what fails outside a field comes back with all that was typed`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            let text = "text=gully-%E4%BA%95"
            let table: [(String, Int)] = [
                ("contacted=yes&solved=no&satisfied=no&\(text)%00", 400), ("contacted=yes&solved=no&satisfied=no&\(text)%FF", 400),
                ("contacted=yes&solved=no&satisfied=no&\(text)&colour=red", 422),
                ("contacted=yes&contacted=no&solved=no&satisfied=no&\(text)", 400),
                ("contacted=yes&solved=no&satisfied=no&\(text)" + String(repeating: "a", count: 60_000), 422),
                ("contacted=yes&solved=no&satisfied=no&\(text)&x=100%", 400),
            ]
            for (form, status) in table {
                let page = try await voting.submit(form, to: voting.page(ticket))
                #expect(page.status == status && page.text.contains("gully-井"), "\(form.prefix(80)): \(page.status)")
                #expect(page.text.contains("value=\"yes\" id=\"contacted\" checked") && page.text.contains("class=\"errors\""))
            }
            #expect(try await voting.said().isEmpty)
        }
    }

    @Test(arguments: ["from=singlemessage&isappinstalled=0", "x=100%", "lang=zh&lang=en"])
    func `chat apps may add to the address what they please`(query: String) async throws {
        try await Fixture.with { voting in
            let path = voting.page(try await voting.closedTicket()) + "?" + query
            #expect(try await voting.get(path).status == 200)
            #expect(try await voting.submit("contacted=yes&solved=yes&satisfied=yes", to: path).status == 200)
        }
    }

    @Test func `who says not solved is told that it is taken up again`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            let thanks = try await voting.submit("contacted=no&solved=no&satisfied=no", to: voting.page(ticket))
            #expect(thanks.text.contains("已重新办理"))
            #expect(thanks.text.contains(voting.links.path(.status, ticket)))
        }
    }

    @Test func `what is missing or wrong is said beside its field and nothing typed is lost`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            let path = voting.page(ticket)
            let long = String(repeating: "a", count: 1001)
            let table: [(String, [String])] = [
                ("", ["contacted", "solved", "satisfied"]), ("contacted=yes&solved=yes", ["satisfied"]),
                ("contacted=maybe&solved=yes&satisfied=yes", ["contacted"]),
                ("contacted=yes&solved=yes&satisfied=yes&reasons=nice_hat", ["reasons"]),
                ("contacted=yes&solved=yes&satisfied=yes&text=\(long)", ["text"]),
            ]
            for (form, fields) in table {
                let page = try await voting.submit(form, to: path)
                #expect(page.status == 422, "\(form.prefix(80))")
                for field in fields { #expect(page.text.contains("href=\"#\(field)\""), "\(form.prefix(80)): \(field)") }
            }
            #expect(try await voting.submit("text=%E7%81%AF%E8%BF%98%E4%B8%8D%E4%BA%AE", to: path).text.contains("灯还不亮"))
            #expect(try await voting.submit("contacted=yes&contacted=no&solved=yes&satisfied=yes", to: path).status == 400)
            #expect(try await voting.submit("contacted=%FF&solved=yes&satisfied=yes", to: path).status == 400)
            #expect(try await voting.submit("contacted=yes&solved=yes&satisfied=yes&stars=5", to: path).status == 422)
            #expect(try await voting.post("{}").status == 422)
            let json = try await voting.exchange("POST \(path)", ["Content-Type: application/json"], body: "{}")
            #expect(json.status == 415)
            #expect(try await voting.said().isEmpty)
        }
    }

    @Test func `before the closing, after the window and for a forged link there is no form`() async throws {
        try await Fixture.with { voting in
            let unknown = try await voting.get(voting.page(TicketID(UUID())))
            #expect(unknown.status == 200)
            #expect(unknown.text.contains("这件事还在办理"))
            let ticket = try await voting.closedTicket()
            #expect(try await voting.get(voting.links.path(.status, ticket).replacing("/s/", with: "/e/")).status == 404)
            #expect(try await voting.submit("", to: "/e/forged").status == 404)
            voting.clock.advance(.seconds(8 * 86_400))
            let over = try await voting.get(voting.page(ticket))
            #expect(over.status == 200)
            #expect(over.text.contains("评价时间已过"))
            let late = try await voting.submit("contacted=yes&solved=yes&satisfied=yes", to: voting.page(ticket))
            #expect(late.status == 409)
            #expect(late.text.contains("评价时间已过"))
            #expect(try await voting.said().isEmpty)
        }
    }

    @Test func `the page speaks English to who asks for it`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            #expect(try await voting.get(voting.page(ticket) + "?lang=en").text.contains("How was this handled?"))
        }
    }
}
