import Contracts
import EventLog
import Postgres
import TestKit
import Testing

@testable import Routing

/// Whole ways with a rejection, a pause, a call-back and a second round, from the doors to what is said on the topics.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct RoundTests {
    private func evaluation(_ desk: TestDesk, _ id: CaseID, _ party: Party, _ solved: Solved) async throws -> EvaluationGiven {
        EvaluationGiven(
            evaluation: desk.ids.next(), ticket: id, number: try await desk.file(id).serviceCase.number, work: id,
            by: party == .resident ? .resident : Actor(.street(desk.city.street)), contacted: .no,
            solved: solved, satisfied: .no, reasons: [], area: try #require(AreaCode("310106019001")))
    }

    /// A case whose units were called, have signed and have completed.
    private func finished(_ desk: TestDesk) async throws -> (id: CaseID, calls: [DispatchCalled]) {
        let ticket = try desk.ticket(1, plate: desk.plate(), category: "P01003")
        let id = ticket.ticket
        try await desk.hear([ticket])
        let calls = try await desk.payloads(DispatchCalled.self, of: id)
        for call in calls {
            try await desk.feedback(FeedbackSigned(dispatch: call.dispatch, ticket: id), from: call.department.description)
        }
        try await finish(desk, calls)
        return (id, calls)
    }

    private func finish(_ desk: TestDesk, _ calls: [DispatchCalled]) async throws {
        for call in calls {
            try await desk.feedback(
                FeedbackCompleted(dispatch: call.dispatch, ticket: call.ticket, text: "修好了"), from: call.department.description)
        }
    }

    @Test func `units whose work is not accepted are called again, and finish a second time`() async throws {
        try await TestDesk.with { desk in
            let (id, calls) = try await finished(desk)
            #expect(try await desk.post(id, "verify", #"{"accepted":false,"text":"水还在冒"}"#, as: "street").status == 200)
            let serviceCase = try await desk.file(id).serviceCase
            #expect(serviceCase.state == .handling && serviceCase.activeDispatches.allSatisfy { $0.stage == .signed })
            let again = try await desk.payloads(DispatchCalled.self, of: id)
            #expect(again.map(\.dispatch) == calls.map(\.dispatch) + calls.map(\.dispatch))
            #expect(again.suffix(2).allSatisfy { $0.basis.contains("水还在冒") })
            try await finish(desk, calls)
            #expect(try await desk.file(id).serviceCase.state == .answered)
            #expect(try await desk.payloads(CaseCompleted.self, of: id).count == 4)
        }
    }

    @Test func `not solved takes the work up again and calls the units again, with the resident's word for it`() async throws {
        try await TestDesk.with { desk in
            let (id, calls) = try await finished(desk)
            #expect(try await desk.post(id, "verify", #"{"accepted":true,"ending":"solved"}"#, as: "street").status == 200)
            try await desk.hear([evaluation(desk, id, .resident, .no)])
            let serviceCase = try await desk.file(id).serviceCase
            #expect(serviceCase.state == .handling && serviceCase.reopenCount == 1)
            #expect(try await desk.payloads(CaseReopened.self, of: id).count == 1)
            #expect(try await desk.payloads(DispatchCalled.self, of: id).count == 2 * calls.count)
            try await finish(desk, calls)
            #expect(try await desk.post(id, "verify", #"{"accepted":true,"ending":"solved"}"#, as: "street").status == 200)
            try await desk.hear([evaluation(desk, id, .resident, .yes)])
            #expect(try await desk.file(id).serviceCase.state == .evaluated)
        }
    }

    @Test func `what staff hear when they call back moves nothing`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put(try desk.way(to: .closed, desk.ids.next()), 1)
            let before = try await desk.file(id).serviceCase
            try await desk.hear([evaluation(desk, id, .staff, .no)])
            #expect(try await desk.file(id).serviceCase == before)
            try await desk.hear([evaluation(desk, id, .resident, .no)])
            #expect(try await desk.file(id).serviceCase.state == .filed)
        }
    }

    @Test func `a case that the district holds back for the street goes on when the district says so`() async throws {
        try await TestDesk.with { desk in
            // Without a place the street stands in for the community: its own case.
            let ticket = try desk.ticket(1, category: "E99999", text: "不知道在哪")
            let id = ticket.ticket
            try await desk.hear([ticket])
            #expect(try await desk.post(id, "accept", "{}", as: "street").status == 200)
            let pause = #"{"until":"\#(desk.clock.now().adding(.seconds(86_400)))","reason":"等材料"}"#
            let own = try await desk.post(id, "suspend", pause, as: "street")
            #expect(own.status == 409 && own.member("code") == "not-an-approver")
            #expect(try await desk.post(id, "suspend", pause, as: "district").status == 200)
            #expect(try await desk.post(id, "resume", "{}", as: "street").status == 409)
            #expect(try await desk.post(id, "resume", "{}", as: "district").status == 200)
            #expect(try await desk.file(id).serviceCase.state == .filed)
        }
    }

    @Test func `due soon shows what will be late before it is, and nothing that has time`() async throws {
        try await TestDesk.with { desk in
            let fresh = try await desk.put(try desk.way(to: .filed, desk.ids.next()), 1)
            let soon = try await desk.put(try desk.way(to: .filed, desk.ids.next()), 2)
            func due() async throws -> String {
                try await desk.use.fire.scan()
                return try await desk.exchange("GET /street?queue=due", ["Cookie: shao_staff=street"]).text
            }
            #expect(try await !due().contains(fresh.description))
            // Fifteen hours to the first answer; nine tenths of them are gone.
            desk.clock.advance(.seconds(13 * 3_600 + 1_800))
            let later = try await desk.put(try desk.way(to: .filed, desk.ids.next()), 3)
            let page = try await due()
            #expect(page.contains(soon.description) && page.contains(fresh.description) && !page.contains(later.description))
        }
    }
}
