import Contracts
import TestKit
import Testing

@testable import Routing

/// What departments say while a case is on hold 挂账.
extension CaseHistoryTests {
    /// Called, signed for by the lead alone, then put on hold for a day.
    private func held() throws -> (ServiceCase, lead: DispatchID, co: DispatchID) {
        let (serviceCase, lead, co) = try dispatched()
        let handling = try walk(serviceCase, [SignFor(order: lead)])
        let held = try walk(handling, [Suspend(until: handling.changedAt.adding(.seconds(86_400)), reason: "等配件")])
        return (held, lead, co)
    }

    @Test func `signing, turning up and telling are heard in a pause and do not end it`() throws {
        let (held, lead, co) = try held()
        let said = try walk(held, [SignFor(order: co), ConfirmArrival(order: co), ReportProgress(order: lead, text: "配件周三到")])
        #expect(said.state == .suspended && said.suspension == held.suspension && said.owner == held.owner)
        #expect(said.dispatches.last?.signedAt != nil && said.dispatches.last?.arrivedAt != nil && said.firstAnsweredAt != nil)
        #expect(said.clock(.sign, world.b) == nil && said.clock(.arrive, world.b) == nil && said.clock(.contact) == nil)
        #expect(said.clock(.review) == held.clock(.review) && said.clock(.handle, world.a) == held.clock(.handle, world.a))
        #expect(try refusal(said, SignFor(order: co)) == "already-signed")
        #expect(try refusal(held, Complete(order: co, text: "好了", photos: [])) == "not-signed")
        #expect(try refusal(held, ReportProgress(order: lead, text: " ")) == "text-missing")
    }

    @Test func `a pause ends when the last called unit is done, not with the first`() throws {
        let (held, lead, co) = try held()
        let half = try walk(held, [Complete(order: lead, text: "灯修好了", photos: [])])
        #expect(half.state == .suspended && half.suspension == held.suspension)
        #expect(half.clock(.handle, world.a) == nil && half.clock(.handle, world.b) == held.clock(.handle, world.b))
        let last = try step(try walk(half, [SignFor(order: co)]), Complete(order: co, text: "线路正常", photos: []))
        #expect(last.after.state == .answered && last.after.suspension == nil && last.after.owner == world.communityUnit)
        #expect(last.events.map(\.type) == ["case.completed", "case.resumed"])
        #expect(last.after.clock(.verify) != nil && !last.after.clocks.contains(where: \.isHeld))
        #expect(last.after.clock(.overall) == held.clock(.overall))
        let again = try step(last.after, Verify(accepted: false, ending: nil, text: "还是不亮")).after
        #expect(again.state == .handling && again.activeDispatches.allSatisfy { $0.stage == .signed })
    }

    @Test func `what was done in a pause counts when it is over`() throws {
        let (held, lead, co) = try held()
        let half = try walk(held, [SignFor(order: co), Complete(order: lead, text: "灯修好了", photos: [])])
        let resumed = try step(half, Expire(.review, nil)).after
        let pause = resumed.changedAt.milliseconds(since: held.changedAt)
        #expect(resumed.state == .handling && resumed.clock(.handle, world.a) == nil)
        #expect(resumed.clock(.handle, world.b)?.dueAt == held.clock(.handle, world.b)?.dueAt.adding(milliseconds: pause))
        #expect(try walk(resumed, [Complete(order: co, text: "线路正常", photos: [])]).state == .answered)
    }

    @Test func `a dispute raised in a pause waits for its end and is decided then`() throws {
        let (held, lead, co) = try held()
        let disputed = try step(held, RaiseDispute(order: co, ground: .notOurDuty, text: "不归我们")).after
        #expect(disputed.state == .suspended && disputed.openDisputes.count == 1 && disputed.clock(.adjudicate, world.b) == nil)
        #expect(try walk(disputed, [Complete(order: lead, text: "好了", photos: [])]).state == .suspended)
        let resumed = try step(disputed, Resume()).after
        #expect(resumed.state == .disputed && resumed.clock(.adjudicate, world.b)?.startedAt == resumed.changedAt)
        #expect(try walk(resumed, [Adjudicate(co, .uphold)]).state == .handling)
    }
}

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct PauseTests {
    @Test func `a department's words in a pause are taken from its topic`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "P01003")
            try await desk.hear([ticket])
            let calls = try await desk.payloads(DispatchCalled.self, of: ticket.ticket)
            let (lead, co) = (try #require(calls.first), try #require(calls.last))
            func signed(_ call: DispatchCalled) async throws {
                try await desk.feedback(FeedbackSigned(dispatch: call.dispatch, ticket: call.ticket), from: call.department.description)
            }
            func completed(_ call: DispatchCalled) async throws {
                let word = FeedbackCompleted(dispatch: call.dispatch, ticket: call.ticket, text: "好了")
                try await desk.feedback(word, from: call.department.description)
            }
            try await signed(lead)
            let pause = #"{"until":"\#(desk.clock.now().adding(.seconds(86_400)))","reason":"等材料"}"#
            #expect(try await desk.post(ticket.ticket, "suspend", pause, as: "street").status == 200)
            try await signed(co)
            try await completed(lead)
            #expect(try await desk.file(ticket.ticket).serviceCase.state == .suspended)
            try await completed(co)
            #expect(try await desk.file(ticket.ticket).serviceCase.state == .answered)
            let said = try await desk.said(ticket.ticket).filter { $0.hasPrefix("cases.v1") }.map { $0.split(separator: " ")[1] }
            #expect(said.suffix(5) == ["case.suspended.v1", "case.signed.v1", "case.completed.v1", "case.completed.v1", "case.resumed.v1"])
        }
    }
}
