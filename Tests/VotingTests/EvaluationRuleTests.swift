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

    func filing(_ repetition: Filing.Repetition = .none, hash: [UInt8] = [1], area: String? = nil) -> Filing {
        Filing(
            ticket: TicketID(UUID()), party: .resident, opinion: Sample.opinion(), repetition: repetition, bodyHash: hash,
            askedBy: area.flatMap { AreaCode($0) }.map { ("caller", $0, Actor(.street($0))) })
    }

    @Test func `an evaluation is filed while the window is open and not from its last moment on`() throws {
        let table: [(Duration?, EvaluationRule.Decision)] = [
            (.milliseconds(1), .file), (.seconds(604_800), .file),
            (.zero, .refuse(.expired(at: now))), (.milliseconds(-1), .refuse(.expired(at: now.adding(milliseconds: -1)))),
            (nil, .refuse(.notClosed)),
        ]
        for (openFor, expected) in table {
            #expect(EvaluationRule.decide(filing(), on: try matter(openFor: openFor), given: [], at: now) == expected)
        }
        #expect(EvaluationRule.decide(filing(), on: nil, given: [], at: now) == .refuse(.notClosed))
    }

    @Test func `a party speaks once a round`() throws {
        let first = given()
        #expect(EvaluationRule.decide(filing(), on: try matter(), given: [first], at: now) == .refuse(.alreadyGiven(at: now)))
        #expect(EvaluationRule.decide(filing(), on: try matter(round: 2), given: [first], at: now) == .file)
        #expect(EvaluationRule.decide(filing(), on: try matter(of: other), given: [first], at: now) == .file)
    }

    @Test func `who has spoken is told so even when the window is over, and told to wait when the case was reopened`() throws {
        let over = try matter(openFor: .seconds(-1))
        let reopened = try matter(openFor: nil)
        #expect(EvaluationRule.refusal(over, given: [given()], at: now) == .alreadyGiven(at: now))
        #expect(EvaluationRule.refusal(reopened, given: [given()], at: now) == .notClosed)
    }

    @Test func `a repeated key gets its answer in any round, and never for another request`() throws {
        let first = given(key: "k")
        for matter in [try matter(), try matter(round: 2), try matter(openFor: nil), try matter(openFor: .seconds(-1))] {
            #expect(EvaluationRule.decide(filing(.key("k")), on: matter, given: [first], at: now) == .repeated(first))
            #expect(
                EvaluationRule.decide(filing(.key("k"), hash: [2]), on: matter, given: [first], at: now) == .refuse(.keyReused))
        }
        #expect(
            EvaluationRule.decide(filing(.key("other")), on: try matter(), given: [first], at: now)
                == .refuse(.alreadyGiven(at: now)))
    }

    @Test func `the same form twice is one evaluation, but a new round needs its own`() throws {
        let first = given()
        #expect(EvaluationRule.decide(filing(.sameForm), on: try matter(), given: [first], at: now) == .repeated(first))
        #expect(EvaluationRule.decide(filing(.sameForm), on: try matter(openFor: nil), given: [first], at: now) == .repeated(first))
        #expect(EvaluationRule.decide(filing(.sameForm), on: try matter(round: 2), given: [first], at: now) == .file)
        #expect(EvaluationRule.decide(filing(.sameForm), on: try matter(of: other), given: [first], at: now) == .file)
        #expect(
            EvaluationRule.decide(filing(.sameForm, hash: [2]), on: try matter(), given: [first], at: now)
                == .refuse(.alreadyGiven(at: now)))
    }

    @Test func `staff ask about matters of their own area only`() throws {
        let table: [(String, EvaluationRule.Decision)] = [
            ("310106000000", .file), ("310106019000", .file), ("310106019001", .file),
            ("310106019002", .refuse(.unknown)), ("310106020000", .refuse(.unknown)),
        ]
        for (area, expected) in table {
            #expect(EvaluationRule.decide(filing(area: area), on: try matter(), given: [], at: now) == expected)
        }
        #expect(EvaluationRule.decide(filing(area: "310106019000"), on: nil, given: [], at: now) == .refuse(.unknown))
    }

    @Test func `the window is the snapshot's clock, else seven days`() throws {
        let due = now.adding(.seconds(3600))
        let withClock = try Sample.snapshot(at: now) {
            $0.clocks = [ClockDue(kind: .reopen, dueAt: now), ClockDue(kind: .evaluate, dueAt: due)]
        }
        #expect(EvaluationRule.openUntil(withClock, closedAt: now) == due)
        #expect(EvaluationRule.openUntil(try Sample.snapshot(at: now), closedAt: now) == now.adding(.seconds(7 * 86_400)))
    }

    @Test func `reasons are those of the form, each once, and words are bounded`() throws {
        try Sample.opinion(reasons: EvaluationPage.reasonChoices.map(\.code), words: String(repeating: "好", count: 1000)).check()
        let table: [(Opinion, String, String)] = [
            (Sample.opinion(reasons: ["quick", "no_such"]), "reason-unknown", "#/reasons/1"),
            (Sample.opinion(reasons: ["quick", "slow", "quick"]), "reason-twice", "#/reasons/2"),
            (Sample.opinion(words: String(repeating: "好", count: 1001)), "text-too-long", "#/text"),
        ]
        for (opinion, code, pointer) in table {
            let problem = #expect(throws: Problem.self) { try opinion.check() }
            #expect(problem?.code == code)
            #expect(problem?.errors.map(\.pointer) == [pointer])
        }
    }

    @Test func `every reason on the page can travel in the event`() {
        for reason in EvaluationPage.reasonChoices { #expect(ReasonCode(reason.code) != nil, "\(reason.code)") }
    }

    @Test func `words are kept without personal numbers, and blank ones not at all`() {
        #expect(Sample.opinion(words: "打我 13812345678").scrubbed.words == "打我 ▇▇▇")
        #expect(Sample.opinion(words: " \r\n").scrubbed.words == nil)
        #expect(Sample.opinion(words: "谢谢").scrubbed.words == "谢谢")
    }
}
