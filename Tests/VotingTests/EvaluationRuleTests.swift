import Actions
import Contracts
import FoundationEssentials
import HTTP
import TestKit
import Testing

@testable import Voting

/// The decisions, without a database.
struct EvaluationRuleTests {
    let now = ManualTimekeeper().now()

    let own = TicketID(UUID()), other = TicketID(UUID())

    func matter(of work: TicketID? = nil, round: Int32 = 1, openFor: Duration? = .seconds(60)) throws -> Evaluable {
        Evaluable(
            ticket: own, number: try #require(TicketNumber("GD-20261121-000123-7")),
            area: try #require(AreaCode("310106019001")), categoryName: "暴露垃圾", closing: Closing(work: work ?? own, round: round),
            openUntil: openFor.map { now.adding($0) })
    }

    func given(round: Int32 = 1, key: String? = nil, hash: [UInt8] = [1]) -> GivenEvaluation {
        GivenEvaluation(
            id: EvaluationID(UUID()), closing: Closing(work: own, round: round), party: .resident, opinion: Sample.opinion(), givenAt: now,
            key: key,
            bodyHash: hash)
    }

    func filing(_ repetition: Evaluate.Repetition = .none, hash: [UInt8] = [1], area: String? = nil) -> Evaluate {
        Evaluate(
            ticket: TicketID(UUID()), party: .resident, opinion: Sample.opinion(), repetition: repetition, bodyHash: hash,
            askedBy: area.flatMap { AreaCode($0) }.map { ("caller", $0, Actor(.street($0))) })
    }

    @Test func `an evaluation is filed while the window is open and not from its last moment on`() throws {
        let table: [(Duration?, Evaluate.Decision)] = [
            (.milliseconds(1), .file), (.seconds(604_800), .file),
            (.zero, .refuse(.expired(at: now))), (.milliseconds(-1), .refuse(.expired(at: now.adding(milliseconds: -1)))),
            (nil, .refuse(.notClosed)),
        ]
        for (openFor, expected) in table {
            #expect(filing().decide(on: try matter(openFor: openFor), given: [], at: now) == expected)
        }
        #expect(filing().decide(on: nil, given: [], at: now) == .refuse(.notClosed))
    }

    @Test func `a party speaks once a round`() throws {
        let first = given()
        #expect(filing().decide(on: try matter(), given: [first], at: now) == .refuse(.alreadyGiven(at: now)))
        #expect(filing().decide(on: try matter(round: 2), given: [first], at: now) == .file)
        #expect(filing().decide(on: try matter(of: other), given: [first], at: now) == .file)
    }

    @Test func `who has spoken is told so even when the window is over, and told to wait when the case was reopened`() throws {
        let over = try matter(openFor: .seconds(-1))
        let reopened = try matter(openFor: nil)
        #expect(Evaluate.refusal(over, given: [given()], at: now) == .alreadyGiven(at: now))
        #expect(Evaluate.refusal(reopened, given: [given()], at: now) == .notClosed)
    }

    @Test func `a repeated key gets its answer in any round, and never for another request`() throws {
        let first = given(key: "k")
        for matter in [try matter(), try matter(round: 2), try matter(openFor: nil), try matter(openFor: .seconds(-1))] {
            #expect(filing(.key("k")).decide(on: matter, given: [first], at: now) == .repeated(first))
            #expect(
                filing(.key("k"), hash: [2]).decide(on: matter, given: [first], at: now) == .refuse(.keyReused))
        }
        #expect(
            filing(.key("other")).decide(on: try matter(), given: [first], at: now)
                == .refuse(.alreadyGiven(at: now)))
    }

    @Test func `the same form twice is one evaluation, but a new round needs its own`() throws {
        let first = given()
        #expect(filing(.sameForm).decide(on: try matter(), given: [first], at: now) == .repeated(first))
        #expect(filing(.sameForm).decide(on: try matter(openFor: nil), given: [first], at: now) == .repeated(first))
        #expect(filing(.sameForm).decide(on: try matter(round: 2), given: [first], at: now) == .file)
        #expect(filing(.sameForm).decide(on: try matter(of: other), given: [first], at: now) == .file)
        #expect(
            filing(.sameForm, hash: [2]).decide(on: try matter(), given: [first], at: now)
                == .refuse(.alreadyGiven(at: now)))
    }

    @Test func `staff ask about matters of their own area only`() throws {
        let table: [(String, Evaluate.Decision)] = [
            ("310106000000", .file), ("310106019000", .file), ("310106019001", .file),
            ("310106019002", .refuse(.unknown)), ("310106020000", .refuse(.unknown)),
        ]
        for (area, expected) in table {
            #expect(filing(area: area).decide(on: try matter(), given: [], at: now) == expected)
        }
        #expect(filing(area: "310106019000").decide(on: nil, given: [], at: now) == .refuse(.unknown))
    }

    @Test func `the window is the snapshot's clock, else seven days`() throws {
        let due = now.adding(.seconds(3600))
        let withClock = try Sample.snapshot(at: now) {
            $0.clocks = [ClockDue(kind: .reopen, dueAt: now), ClockDue(kind: .evaluate, dueAt: due)]
        }
        #expect(Evaluate.openUntil(withClock, closedAt: now) == due)
        #expect(Evaluate.openUntil(try Sample.snapshot(at: now), closedAt: now) == now.adding(.seconds(7 * 86_400)))
    }

    private func opinion(_ json: String) throws -> Opinion {
        try Opinion(ActionInput(json: Array(#"{"contacted":"yes","solved":"yes","satisfied":"very"\#(json)}"#.utf8), for: Evaluate.fields))
    }

    @Test func `reasons are those of the form, each once, and words are bounded`() throws {
        let all = Evaluate.reasons.map { "\"\($0.code)\"" }.joined(separator: ",")
        let most = try opinion(#","reasons":[\#(all)],"text":"\#(String(repeating: "好", count: 1000))""#)
        #expect(most.reasons.map(\.description) == Evaluate.reasons.map(\.code) && most.words?.description.count == 1000)
        let table: [(String, String, String)] = [
            (#","reasons":["quick","no_such"]"#, "reason-unknown", "#/reasons/1"),
            (#","reasons":["quick","slow","quick"]"#, "reason-twice", "#/reasons/2"),
            (#","text":"\#(String(repeating: "好", count: 1001))""#, "text-too-long", "#/text"),
        ]
        for (json, code, pointer) in table {
            let mistakes = try #require(#expect(throws: FieldMistakes.self) { try opinion(json) })
            let problem = Problem.invalid(mistakes)
            #expect(problem.code == code)
            #expect(problem.errors.map(\.pointer) == [pointer])
        }
    }

    @Test func `words are kept without personal numbers, and blank ones not at all`() throws {
        #expect(try opinion(#","text":"打我 13812345678""#).words?.description == "打我 ▇▇▇")
        #expect(try opinion(#","text":" \r\n""#).words == nil)
        #expect(try opinion(#","text":"谢谢""#).words?.description == "谢谢")
    }
}
