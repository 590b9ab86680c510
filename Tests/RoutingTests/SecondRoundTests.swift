import Contracts
import Testing

@testable import Routing

/// What comes round a second time: disputes, evaluations, work; and pauses of cases that the street itself holds.
extension CaseHistoryTests {
    @Test func `a unit that was relieved gets the case back from the district alone`() throws {
        let (serviceCase, lead, _) = try dispatched()
        let moved = try walk(
            serviceCase, [RaiseDispute(order: lead, ground: .notOurDuty, text: nil), Adjudicate(lead, .reassign, to: world.c)])
        let second = try #require(moved.lead).id
        let again = try walk(moved, [RaiseDispute(order: second, ground: .noPower, text: nil)])
        let back = Adjudicate(second, .reassign, to: world.a)
        #expect(try refusal(again, back, by: world.actor(world.streetUnit)) == "already-returned")
        let sent = try step(again, back, by: world.actor(world.districtUnit)).after
        #expect(sent.lead?.department == world.a && sent.state == .dispatched && sent.activeDispatches.count == 2)
        let third = try #require(sent.lead).id
        #expect(try refusal(sent, RaiseDispute(order: third, ground: .notOurDuty, text: nil)) == "dispute-limit")
    }

    @Test func `two disputes are decided one by one, each for its own unit`() throws {
        let (serviceCase, lead, co) = try dispatched()
        let both = try walk(
            serviceCase,
            [RaiseDispute(order: lead, ground: .notOurDuty, text: nil), RaiseDispute(order: co, ground: .notOurPlace, text: nil)])
        #expect(both.clock(.adjudicate, world.a) != nil && both.clock(.adjudicate, world.b) != nil)
        let half = try walk(both, [Adjudicate(co, .uphold)])
        #expect(half.state == .disputed && half.disputes.map(\.verdict) == [nil, .uphold])
        #expect(half.clock(.adjudicate, world.b) == nil && half.clock(.adjudicate, world.a) != nil)
        #expect(try walk(half, [Adjudicate(lead, .uphold)]).state == .handling)
    }

    @Test func `the street does not approve a pause of its own case, and ends none that the district approved`() throws {
        let filed = try walk(world.open(.street), [Accept()])
        let pause = Suspend(until: filed.changedAt.adding(.seconds(90_000)), reason: "等材料")
        #expect(filed.owner == world.streetUnit)
        #expect(try refusal(filed, pause, by: world.actor(world.streetUnit)) == "not-an-approver")
        let held = try step(filed, pause, by: world.actor(world.districtUnit)).after
        #expect(held.state == .suspended && held.owner == world.districtUnit)
        #expect(try refusal(held, Resume(), by: world.actor(world.streetUnit)) == "not-an-approver")
        let resumed = try step(held, Resume(), by: world.actor(world.districtUnit)).after
        #expect(resumed.state == .filed && resumed.owner == world.streetUnit)
    }

    @Test func `a second round begins with fresh promises and ends with an evaluation of its own`() throws {
        let (serviceCase, lead, co) = try dispatched()
        let work: [any CaseAction] = [
            Complete(order: lead, text: "好了", photos: []), Complete(order: co, text: "好了", photos: []),
            Verify(accepted: true, ending: .solved, text: nil),
        ]
        let closed = try walk(serviceCase, [SignFor(order: lead), SignFor(order: co), ReportProgress(order: lead, text: "在修")] + work)
        let again = try step(closed, Evaluate(.yes, .no, .no)).after
        #expect(again.state == .handling && again.reopenCount == 1 && again.proposedEnding == nil && again.closedAt == nil)
        #expect(again.clock(.contact) != nil, "the resident is to be called anew")
        #expect(again.activeDispatches.allSatisfy { $0.stage == .signed && $0.completedAt == nil })
        let second = try walk(again, work)
        #expect(second.state == .closed && second.clock(.evaluate)?.startedAt == second.changedAt)
        let done = try step(second, Evaluate(.yes, .yes, .very)).after
        #expect(done.state == .evaluated && done.clock(.reopen) != nil)
        let third = try step(done, Reopen(reason: "又不亮了"), by: world.resident()).after
        #expect(third.state == .handling && third.reopenCount == 2 && third.ending == nil)
        #expect(third.clock(.overall)?.dueAt == serviceCase.clock(.overall)?.dueAt)
    }

    @Test func `what cannot be done is not booked as solved, by whoever closes it`() throws {
        let answered = try walk(world.open(), [Accept(), Answer(text: "做不到", photos: [], ending: .unable)])
        #expect(try refusal(answered, Close(.solved)) == "dishonest-ending")
        #expect(try refusal(answered, Verify(accepted: true, ending: .solved, text: nil)) == "dishonest-ending")
        #expect(try refusal(answered, Close(.solved), by: world.actor(world.districtUnit)) == "dishonest-ending")
        #expect(try step(answered, Close(.unable)).after.ending == .unable)
        #expect(try step(answered, Close(.answered)).after.ending == .answered)
    }

    @Test func `a limit is kept from both sides`() throws {
        let (serviceCase, lead, co) = try dispatched()
        let handling = try walk(serviceCase, [SignFor(order: lead), SignFor(order: co)])
        let now = handling.changedAt.adding(.seconds(60)).adding(milliseconds: 1)
        func pause(_ milliseconds: Int64) throws -> String? {
            let until = now.adding(milliseconds: milliseconds)
            return try refusal(handling, Suspend(until: until, reason: "等"), by: world.actor(world.streetUnit))
        }
        let longest = Int64(world.context.policy.longestSuspensionDays) * 86_400_000
        #expect(try pause(longest) == nil)
        #expect(try pause(longest + 1) == "suspension-length")
        #expect(try pause(1) == nil)
        #expect(try pause(0) == "suspension-length")
        let clock = try known(handling.clock(.handle, world.a))
        func expire(_ at: Timestamp) -> Bool {
            (try? handling.decide(Expire(.handle, world.a), by: world.rule(), at: at, in: world.context)) != nil
        }
        #expect(expire(clock.dueAt) && !expire(clock.dueAt.adding(milliseconds: -1)))
    }
}
