import Contracts
import EventLog
import JSON
import TestKit
import Testing

@testable import Routing

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct FeedbackTests {
    /// A case of the drains, dispatched by the catalogue to paishui and shizheng.
    private func dispatched(_ desk: TestDesk, _ number: Int = 1) async throws -> DispatchCalled {
        let ticket = try desk.ticket(number, plate: desk.plate(), category: "P01003")
        try await desk.hear([ticket])
        return try #require(try await desk.payloads(DispatchCalled.self, of: ticket.ticket).first)
    }

    private func code(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "taken"
        } catch let refusal as ForeignRefusal {
            return refusal.code
        } catch {
            return "\(error)"
        }
    }

    @Test func `what a unit says after it has completed is refused where it can be seen, unless it only repeats itself`() async throws {
        try await TestDesk.with { desk in
            let call = try await dispatched(desk)
            func say(_ event: any Event) async -> String { await code { try await desk.feedback(event, from: "paishui") } }
            let done = FeedbackCompleted(dispatch: call.dispatch, ticket: call.ticket, text: "管道已疏通，电话 13812345678")
            #expect(await say(FeedbackSigned(dispatch: call.dispatch, ticket: call.ticket)) == "taken")
            #expect(await say(done) == "taken")
            let said = try await desk.said(call.ticket)
            #expect(await say(done) == "taken")
            let other = FeedbackCompleted(dispatch: call.dispatch, ticket: call.ticket, text: "还换了井盖")
            #expect(await say(other) == "already-completed")
            #expect(await say(FeedbackProgressed(dispatch: call.dispatch, ticket: call.ticket, text: "补充一句")) == "work-completed")
            #expect(try await desk.said(call.ticket) == said)
        }
    }

    @Test func `each record that does not fit is refused with its own code and changes nothing`() async throws {
        try await TestDesk.with { desk in
            let call = try await dispatched(desk)
            let other = try await dispatched(desk, 2)
            let key = call.ticket.description
            let signed = FeedbackSigned(dispatch: call.dispatch, ticket: call.ticket)
            let text = { (type: String, json: String) in
                await code { try await desk.feedback(type: type, Array(json.utf8), key: key, from: "paishui") }
            }
            let before = try await desk.said(call.ticket)
            #expect(await text("feedback.signed.v1", "{") == "bad-json")
            #expect(await text("feedback.signed.v1", "[1]") == "invalid")
            #expect(await text("feedback.signed.v1", #"{"dispatch":"x","ticket":"\#(key)"}"#) == "invalid")
            #expect(await text("feedback.signed.v1", #"{"dispatch":"\#(call.dispatch)","ticket":"\#(key)","more":1}"#) == "invalid")
            #expect(await text("feedback.cheered.v1", "{}") == "unknown-type")
            #expect(await text("case.closed.v1", "{}") == "unknown-type")
            #expect(await code { try await desk.feedback(signed, from: "nosuch", key: key) } == "not-your-dispatch")
            #expect(await code { try await desk.feedback(signed, from: "shizheng", key: key) } == "not-your-dispatch")
            #expect(await code { try await desk.feedback(signed, from: "paishui", key: "k") } == "key-not-ticket")
            #expect(
                await code {
                    try await desk.feedback(type: "feedback.signed.v1", signed.json, key: nil, from: "paishui")
                } == "key-not-ticket")
            #expect(
                await code {
                    try await desk.feedback(type: "feedback.signed.v1", signed.json, key: key, subject: "other", from: "paishui")
                } == "subject-not-ticket")
            #expect(
                await code {
                    try await desk.feedback(FeedbackSigned(dispatch: desk.ids.next(), ticket: call.ticket), from: "paishui")
                } == "unknown-dispatch")
            #expect(
                await code {
                    try await desk.feedback(FeedbackSigned(dispatch: call.dispatch, ticket: other.ticket), from: "paishui")
                } == "other-ticket")
            #expect(
                await code {
                    try await desk.feedback(FeedbackCompleted(dispatch: call.dispatch, ticket: call.ticket, text: "好"), from: "paishui")
                } == "not-signed")
            #expect(try await desk.said(call.ticket) == before)
            #expect(await code { try await desk.feedback(signed, from: "paishui") } == "taken")
            #expect(
                await code {
                    try await desk.feedback(FeedbackCompleted(dispatch: call.dispatch, ticket: call.ticket, text: " "), from: "paishui")
                } == "text-missing")
        }
    }

    @Test func `a repeated word is taken without a word`() async throws {
        try await TestDesk.with { desk in
            let call = try await dispatched(desk)
            for _ in 0..<3 { try await desk.feedback(FeedbackSigned(dispatch: call.dispatch, ticket: call.ticket), from: "paishui") }
            #expect(try await desk.said(call.ticket).filter { $0.contains("case.signed") }.count == 1)
        }
    }

    @Test func `who loses a dispute is called again, who wins is recalled and another is called`() async throws {
        try await TestDesk.with { desk in
            for (number, verdict) in [(1, #"{"verdict":"uphold"}"#), (2, #"{"verdict":"reassign","to":"ludeng"}"#)] {
                let call = try await dispatched(desk, number)
                try await desk.feedback(
                    FeedbackDisputed(dispatch: call.dispatch, ticket: call.ticket, ground: .notOurDuty), from: "paishui")
                #expect(try await desk.file(call.ticket).serviceCase.state == .disputed)
                #expect(try await desk.post(call.ticket, "adjudicate", verdict, as: "street").status == 200)
                let called = try await desk.payloads(DispatchCalled.self, of: call.ticket).map(\.department.description)
                let recalled = try await desk.payloads(DispatchRecalled.self, of: call.ticket).map(\.dispatch)
                // Who helps is told of the new lead.
                let again = number == 1 ? ["paishui"] : ["shizheng", "ludeng"]
                #expect(called == ["paishui", "shizheng"] + again)
                #expect(recalled == (number == 1 ? [] : [call.dispatch]))
            }
        }
    }

    @Test func `a department's words lose telephone numbers before anybody hears them`() async throws {
        try await TestDesk.with { desk in
            let call = try await dispatched(desk)
            try await desk.feedback(FeedbackSigned(dispatch: call.dispatch, ticket: call.ticket), from: "paishui")
            try await desk.feedback(
                FeedbackProgressed(dispatch: call.dispatch, ticket: call.ticket, text: "已联系 13812345678"), from: "paishui")
            let progress = try #require(try await desk.payloads(CaseProgressed.self, of: call.ticket).first)
            #expect(!progress.text.contains("13812345678"))
        }
    }
}
