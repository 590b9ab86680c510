import Actions
import Contracts
import PageForms
import Postgres
import ServiceKit
import TestKit
import Testing

@testable import Voting

/// The action as it is declared, at both doors.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct EvaluateTests {
    /// What is answered, and where it must be found: in the event, or among what stays here.
    private static let answers: [String: (values: [String], said: String)] = [
        "contacted": (["no"], #""contacted":"no""#), "solved": (["partly"], #""solved":"partly""#),
        "satisfied": (["fair"], #""satisfied":"fair""#), "reasons": (["slow", "words_only"], #""reasons":["slow","words_only"]"#),
        "text": (["灯柱还是歪的"], "灯柱还是歪的"),
    ]

    private func said(_ voting: Fixture, of ticket: TicketID) async throws -> String {
        let events = try await voting.pool.query("SELECT payload FROM outbox WHERE subject = \(ticket.description)") { row in
            String(decoding: try row["payload"] as [UInt8], as: UTF8.self)
        }
        let words = try await voting.pool.query("SELECT coalesce(words, '') FROM evaluation WHERE ticket = \(ticket)", as: String.self)
        return (events + words).joined(separator: "\n")
    }

    private func form(_ voting: Fixture, _ ticket: TicketID) async throws -> PageForm {
        try #require(PageForm.all(in: try await voting.get(voting.page(ticket)).text).first { $0.action == voting.page(ticket) })
    }

    @Test func `every field of the form arrives in the event, or stays with what is kept here`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            var form = try await form(voting, ticket)
            #expect(form.controls.map(\.name) == Evaluate.fields.map(\.key), "the page asks for what is declared, in that order")
            #expect(Set(Self.answers.keys) == Set(form.controls.map(\.name)), "the form is filled in as a whole")
            try form.fill(Self.answers.mapValues(\.values))
            #expect(try await voting.submit(form.encoded, to: form.action).status == 200)
            let found = try await said(voting, of: ticket)
            for (name, answer) in Self.answers { #expect(found.contains(answer.said), "\(name)") }
        }
    }

    @Test func `every answer that the page offers is taken, and means the same at the other door`() async throws {
        try await Fixture.with { voting in
            let first = try await form(voting, try await voting.closedTicket())
            let plain = ["contacted": "yes", "solved": "yes", "satisfied": "yes"]
            for control in first.controls where !control.offers.isEmpty {
                for offer in control.offers {
                    let (byForm, byJSON) = (try await voting.closedTicket(), try await voting.closedTicket())
                    var form = try await form(voting, byForm)
                    try form.fill(plain.merging([control.name: offer]) { $1 }.mapValues { [$0] })
                    #expect(try await voting.submit(form.encoded, to: form.action).status == 200, "\(control.name) \(offer)")
                    let value = control.kind == .choices ? "[\"\(offer)\"]" : "\"\(offer)\""
                    let members = plain.mapValues { "\"\($0)\"" }.merging([control.name: value]) { $1 }
                    let body = members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
                    let answer = try await voting.post("{\"token\":\"\(voting.links.token(.evaluation, byJSON))\",\(body)}")
                    #expect(answer.status == 201, "\(control.name) \(offer): \(answer.text)")
                    for ticket in [byForm, byJSON] {
                        let found = try await said(voting, of: ticket)
                        #expect(found.contains("\"\(control.name)\":\(value)"), "\(control.name) \(offer)")
                    }
                }
            }
        }
    }

    @Test func `what is wrong is said in the same words at both doors`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            let wrong = ["contacted": ["maybe"], "solved": [""], "satisfied": ["5"], "reasons": ["hat"], "text": ["ok"]]
            let encoded = wrong.map { "\($0.key)=\($0.value[0])" }.joined(separator: "&")
            let page = try await voting.submit(encoded, to: voting.page(ticket) + "?lang=en").text
            let token = voting.links.token(.evaluation, ticket)
            let answer = try await voting.post(#"{"token":"\#(token)","contacted":"maybe","satisfied":"5","reasons":["hat"]}"#)
            #expect(answer.status == 422 && answer.member("code") == "invalid")
            for words in ["whether anyone contacted you", "whether it is solved", "whether you are satisfied", "among the reasons listed"] {
                #expect(page.contains(words) && answer.text.contains(words), "\(words)")
            }
            #expect(answer.text.contains("#\\/reasons\\/0") || answer.text.contains("#/reasons/0"))
        }
    }
}
