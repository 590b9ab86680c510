import Contracts
import TestKit
import Testing

@testable import Routing

/// Who must still act when some of the called units have finished.
extension CaseHistoryTests {
    @Test func `when the lead has finished the case is the co-handler's who has not`() throws {
        let (serviceCase, lead, co) = try dispatched()
        let both = try walk(serviceCase, [SignFor(order: lead), SignFor(order: co)])
        #expect(both.owner == .department(world.a) && both.awaitedDispatches.map(\.department) == [world.a, world.b])
        let half = try walk(both, [Complete(order: lead, text: "灯修好了", photos: [])])
        #expect(half.state == .handling && half.owner == .department(world.b) && half.lead?.department == world.a)
        #expect(half.awaitedDispatches.map(\.department) == [world.b])
        let done = try walk(half, [Complete(order: co, text: "线路正常", photos: [])])
        #expect(done.state == .answered && done.owner == world.communityUnit && done.awaitedDispatches.isEmpty)
        let back = try walk(done, [Verify(accepted: false, ending: nil, text: "还是不亮")])
        #expect(back.owner == .department(world.a) && back.awaitedDispatches.count == 2)
    }
}

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct AwaitedEventTests {
    @Test func `every event says who is awaited, and whose clock each is`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "E99999", text: "灯杆上的线垂下来了")
            try await desk.hear([ticket])
            let id = ticket.ticket
            try await desk.submit(id, "accept", as: "community")
            try await desk.submit(id, "whistle", ["kind": ["daily"], "reason": ["要部门"]], as: "community")
            try await desk.submit(id, "dispatch", ["lead": ["ludeng"], "coHandlers": ["paishui"], "basis": ["三定"]], as: "street")
            let calls = try await desk.payloads(DispatchCalled.self, of: id).sorted { $0.role == .lead && $1.role != .lead }
            let out = try #require(try await desk.payloads(CaseDispatched.self, of: id).first).snapshot
            #expect(out.awaited == calls.map(\.department))
            #expect(Set(out.clocks.filter { $0.kind == .sign }.compactMap(\.department)) == Set(calls.map(\.department)))
            #expect(out.clocks.first { $0.kind == .overall }?.department == nil)
            for call in calls {
                let unit = call.department.description
                try await desk.feedback(FeedbackSigned(dispatch: call.dispatch, ticket: id), from: unit)
                try await desk.feedback(FeedbackCompleted(dispatch: call.dispatch, ticket: id, text: "修好了"), from: unit)
            }
            let completed = try await desk.payloads(CaseCompleted.self, of: id).map(\.snapshot)
            #expect(completed.map(\.awaited) == [[calls[1].department], []])
            #expect(completed.map(\.state) == [.dispatched, .answered] || completed.map(\.state) == [.handling, .answered])
        }
    }
}
