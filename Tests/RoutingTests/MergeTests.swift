import Contracts
import EventLog
import Postgres
import TestKit
import Testing

@testable import Routing

/// 并单: two reports of one matter, and what the second one's reporter is promised.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct MergeTests {
    private func merge(_ desk: TestDesk, _ id: CaseID, into other: CaseID, as staff: String = "community") async throws -> Int {
        try await desk.post(id, "merge", #"{"into":"\#(other)"}"#, as: staff).status
    }

    @Test func `the case that others are merged into says so from then on, to everybody`() async throws {
        try await TestDesk.with { desk in
            let (target, other) = (try await desk.put([], 1), try await desk.put([], 2))
            #expect(try await merge(desk, other, into: target) == 200)
            let number = try await desk.file(other).serviceCase.number
            let joined = try await desk.payloads(CaseJoined.self, of: target)
            #expect(joined.map(\.ticket) == [other] && joined.map(\.isJoined) == [true])
            #expect(try await desk.file(target).serviceCase.version == 2)
            try await desk.submit(target, "accept", as: "community")
            #expect(
                try await desk.payloads(CaseFiled.self, of: target).first?.snapshot.joined
                    == [JoinedTicket(ticket: other, number: number)])
            let page = try await desk.page("/\(target)", as: "community").text
            #expect(page.contains("并入") && page.contains("1 件：\(number)"))
            let merged = try await desk.page("/\(other)", as: "community").text
            #expect(merged.contains("/community/\(target)"))
        }
    }

    @Test func `no chain, no circle, nothing into what is over, nothing into another street's`() async throws {
        try await TestDesk.with { desk in
            let a = try await desk.put([], 1)
            let b = try await desk.put([], 2)
            let c = try await desk.put([], 3)
            #expect(try await merge(desk, a, into: a) == 409)
            #expect(try await merge(desk, a, into: b) == 200)
            // The circle, the chain from either end.
            let circle = try await desk.post(b, "merge", #"{"into":"\#(a)"}"#, as: "community")
            #expect(circle.status == 409 && circle.member("code") == "others-joined")
            #expect(try await merge(desk, c, into: a) == 409)
            let chain = try await desk.post(b, "merge", #"{"into":"\#(c)"}"#, as: "community")
            #expect(chain.status == 409 && chain.member("code") == "others-joined")
            let closed = try await desk.put([], 4)
            try await desk.submit(closed, "decline", ["reason": ["不属实"]], as: "community")
            #expect(try await merge(desk, c, into: closed) == 409)
            #expect(try await desk.file(c).serviceCase.state == .reported)
            #expect(try await merge(desk, c, into: b) == 200)
            #expect(try await desk.file(b).serviceCase.joined.count == 2)
        }
    }

    @Test func `two merges that cross end one case, never both`() async throws {
        try await TestDesk.with { desk in
            for round in 0..<5 {
                let a = try await desk.put([], 2 * round + 1)
                let b = try await desk.put([], 2 * round + 2)
                async let first = merge(desk, a, into: b)
                async let second = merge(desk, b, into: a)
                let statuses = try await [first, second].sorted()
                #expect(statuses == [200, 409])
                let states = [try await desk.file(a).serviceCase.state, try await desk.file(b).serviceCase.state]
                #expect(states.count { $0 == .merged } == 1)
            }
        }
    }

    @Test func `whose ticket was merged evaluates the shared work, and not solved takes it up again`() async throws {
        try await TestDesk.with { desk in
            let (target, other) = (try await desk.put([], 1), try await desk.put([], 2))
            #expect(try await merge(desk, other, into: target) == 200)
            try await desk.submit(target, "accept", as: "community")
            try await desk.submit(target, "answer", ["ending": ["solved"], "text": ["换了灯"]], as: "community")
            try await desk.submit(target, "verify", ["accepted": ["yes"]], as: "community")
            #expect(try await desk.payloads(CaseClosed.self, of: target).first?.snapshot.joined.map(\.ticket) == [other])
            func evaluate(_ ticket: CaseID, of work: CaseID, _ solved: Solved) async throws {
                try await desk.hear([
                    EvaluationGiven(
                        evaluation: desk.ids.next(), ticket: ticket, number: try await desk.file(ticket).serviceCase.number,
                        work: work, by: .resident,
                        contacted: .yes, solved: solved, satisfied: .yes, reasons: [], area: try #require(AreaCode("310106019001")))
                ])
            }
            try await evaluate(other, of: target, .yes)
            #expect(try await desk.file(target).serviceCase.state == .closed)
            try await evaluate(other, of: target, .no)
            #expect(try await desk.file(target).serviceCase.state == .filed)
            #expect(try await desk.file(other).serviceCase.state == .merged)
        }
    }

    @Test func `a withdrawal does not end what others wait for`() async throws {
        try await TestDesk.with { desk in
            let (target, other) = (try await desk.put([], 1), try await desk.put([], 2))
            #expect(try await merge(desk, other, into: target) == 200)
            try await desk.hear([TicketWithdrawn(ticket: target)])
            #expect(try await desk.file(target).serviceCase.state == .reported)
            #expect(try await desk.payloads(CaseKept.self, of: target).count == 1)
        }
    }

    @Test func `a merge that was wrong is taken back on both sides`() async throws {
        try await TestDesk.with { desk in
            let (target, other) = (try await desk.put([], 1), try await desk.put([], 2))
            #expect(try await merge(desk, other, into: target) == 200)
            #expect(try await desk.post(other, "reopen", #"{"reason":"不是一回事"}"#, as: "street").status == 200)
            #expect(try await desk.file(other).serviceCase.state == .reported)
            #expect(try await desk.file(target).serviceCase.joined.isEmpty)
            #expect(try await desk.payloads(CaseJoined.self, of: target).map(\.isJoined) == [true, false])
        }
    }

    @Test func `a declined resident who asks for a review gets the street's`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            try await desk.submit(id, "decline", ["reason": ["不属实"]], as: "community")
            try await desk.hear([TicketReviewRequested(ticket: id, reason: "就在这里")])
            let serviceCase = try await desk.file(id).serviceCase
            #expect(serviceCase.state == .reported && serviceCase.owner == .street(serviceCase.place.street))
            #expect(try await desk.payloads(CaseReopened.self, of: id).map(\.reason) == ["就在这里"])
        }
    }
}
