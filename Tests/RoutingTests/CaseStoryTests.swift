import Contracts
import Testing

@testable import Routing

/// Single ways of a case, as people would tell them.
@Suite struct CaseStoryTests {
    let world: CaseWorld
    init() throws { world = try CaseWorld(reopenLimit: 2) }

    func step(
        _ one: Case, _ command: CaseCommand, by actor: CaseActor? = nil, after seconds: Int64 = 60
    ) throws -> Decision {
        let usual = try world.actors(for: command, on: one).first
        let now = world.instant(of: command, on: one, after: one.changedAt.adding(.seconds(seconds)))
        return try CaseTable.decide(one, command, by: known(actor ?? usual), at: now, in: world.context)
    }
    func refusal(_ one: Case, _ command: CaseCommand, by actor: CaseActor? = nil) throws -> String? {
        do {
            _ = try step(one, command, by: actor)
            return nil
        } catch let error as CaseRefusal { return error.code }
    }
    func walk(_ one: Case, _ commands: [CaseCommand]) throws -> Case {
        try commands.reduce(one) { try step($0, $1).after }
    }
    /// Called: the lamp office leads, the power company helps.
    func dispatched(_ kind: WhistleKind = .daily) throws -> (Case, lead: DispatchID, co: DispatchID) {
        let whistled = try walk(world.open(), [.accept, .whistle(known(WhistleID(bytes: CaseWorld.bytes(3))), kind, reason: "成片不亮")])
        let calls = try world.calls(after: whistled)
        let one = try step(whistled, .dispatch(calls, basis: "PD-0011")).after
        return (one, calls[0].dispatch, calls[1].dispatch)
    }

    @Test func `a community solves it by itself and the resident is content`() throws {
        let opened = try world.open()
        #expect(opened.version == 1 && opened.owner == world.communityUnit)
        #expect(opened.clock(.firstAnswer)?.startedAt == opened.submittedAt)
        let closed = try walk(opened, [.accept, .answer(text: "换了灯泡", photos: [], ending: .solved), .close(.solved)])
        #expect(closed.state == .closed && closed.ending == .solved && closed.version == 4 && closed.isSelfHandled)
        let evaluated = try step(closed, .evaluate(.yes, .yes, .very))
        #expect(evaluated.after.state == .evaluated)
        #expect(evaluated.events == [.evaluated(.yes, .yes, .very)])
    }

    @Test func `the answer waits for the lead and for every co-handler`() throws {
        let (one, lead, co) = try dispatched()
        #expect(one.owner == .department(world.a))
        let half = try walk(one, [.sign(lead), .complete(lead, text: "灯修好了", photos: [])])
        #expect(half.state == .handling)
        #expect(half.owner == .department(world.b))
        let answered = try walk(half, [.sign(co), .complete(co, text: "线路正常", photos: [])])
        #expect(answered.state == .answered && answered.owner == world.communityUnit)
        #expect(try refusal(answered, .close(.solved)) == "verification-missing")
        let closed = try step(answered, .verify(accepted: true, ending: .solved, text: nil))
        #expect(closed.events.count == 2 && closed.after.state == .closed && closed.after.version == answered.version + 2)
        #expect(try refusal(answered, .verify(accepted: true, ending: .merged, text: nil)) == "dishonest-ending")
    }

    @Test func `a rejected verification goes back to the same units without a new signature`() throws {
        let (one, lead, co) = try dispatched()
        let done: [CaseCommand] = [.complete(lead, text: "好了", photos: []), .complete(co, text: "好了", photos: [])]
        let answered = try walk(one, [.sign(lead), .sign(co)] + done)
        let again = try step(answered, .verify(accepted: false, ending: nil, text: "还是不亮")).after
        #expect(again.state == .handling && again.activeDispatches.allSatisfy { $0.stage == .signed })
        #expect(try walk(again, done).state == .answered)
    }

    @Test func `a unit disputes once, the handling clock goes on, and the verdict moves it to another`() throws {
        let (one, lead, _) = try dispatched()
        let handle = try known(one.clock(.handle, world.a))
        let disputed = try step(one, .dispute(lead, .notOurDuty, text: "不归我们")).after
        #expect(disputed.state == .disputed && disputed.owner == world.streetUnit)
        #expect(disputed.clock(.handle, world.a) == handle)
        #expect(try refusal(disputed, .sign(lead)) == "in-dispute")
        let other = try world.dispatchID(300)
        let moved = try step(disputed, .adjudicate(lead, .reassign(to: world.c, dispatch: other)))
        #expect(moved.after.state == .dispatched && moved.after.owner == .department(world.c))
        #expect(moved.recalled == [lead])
        #expect(moved.after.clock(.handle, world.c)?.dueAt == handle.dueAt)
        #expect(try refusal(moved.after, .sign(lead)) == "dispatch-recalled")
        let upheld = try step(disputed, .adjudicate(lead, .uphold)).after
        #expect(upheld.state == .handling && upheld.lead?.isSignedByRule == true)
        #expect(try refusal(upheld, .dispute(lead, .noPower, text: nil)) == "dispute-limit")
    }

    @Test func `an undecided dispute rises to the district, whose word the street cannot take`() throws {
        let (one, lead, _) = try dispatched()
        let disputed = try step(one, .dispute(lead, .notOurDuty, text: nil)).after
        let raised = try step(disputed, .expire(.adjudicate, world.a)).after
        #expect(raised.owner == world.districtUnit)
        #expect(raised.clock(.adjudicate, world.a)?.isOverdue == false)
        #expect(try refusal(raised, .adjudicate(lead, .uphold), by: world.actor(world.streetUnit)) == "not-the-adjudicator")
        #expect(try step(raised, .adjudicate(lead, .uphold)).after.state == .handling)
    }

    @Test func `silence on signing is acceptance by rule`() throws {
        let (one, lead, _) = try dispatched()
        let decision = try step(one, .expire(.sign, world.a))
        #expect(decision.after.state == .handling)
        #expect(decision.events.contains(.signed(world.a, byRule: true)))
        #expect(decision.after.clock(.sign, world.a) == nil)
        #expect(try refusal(decision.after, .sign(lead)) == "already-signed")
    }

    @Test func `an emergency whistle expects everybody within half an hour`() throws {
        let (one, lead, _) = try dispatched(.emergency)
        let clock = try known(one.clock(.arrive, world.a))
        #expect(clock.dueAt.milliseconds(since: clock.startedAt) == 1_800_000)
        let arrived = try step(one, .arrive(lead)).after
        #expect(arrived.state == .handling && arrived.clock(.arrive, world.a) == nil && arrived.clock(.arrive, world.b) != nil)
    }

    @Test func `an approved pause lengthens every limit but the overall one`() throws {
        let (one, lead, co) = try dispatched()
        let handling = try walk(one, [.sign(lead), .sign(co)])
        let before = try known(handling.clock(.handle, world.a))
        #expect(
            try refusal(
                handling, .suspend(until: handling.changedAt.adding(.seconds(900_000_000)), reason: "等"), by: world.actor(world.streetUnit))
                == "suspension-length")
        #expect(
            try refusal(
                handling, .suspend(until: handling.changedAt.adding(.seconds(90_000)), reason: "等"), by: world.actor(world.communityUnit))
                == "not-an-approver")
        let held = try step(handling, .suspend(until: handling.changedAt.adding(.seconds(90_000)), reason: "等配件")).after
        #expect(held.owner == world.streetUnit && held.clock(.handle, world.a)?.isHeld == true)
        #expect(try refusal(held, .expire(.handle, world.a)) == "case-wrong-state")
        #expect(try refusal(held, .warn(.handle, world.a, percent: 50)) == "clock-held")
        let resumed = try step(held, .expire(.review, nil)).after
        #expect(resumed.state == .handling)
        let pause = resumed.changedAt.milliseconds(since: held.changedAt)
        #expect(resumed.clock(.handle, world.a)?.dueAt == before.dueAt.adding(milliseconds: pause))
        #expect(resumed.clock(.overall) == handling.clock(.overall))
    }

    @Test func `not solved reopens with the same handler, and too often with the street`() throws {
        let (one, lead, co) = try dispatched()
        let finish: [CaseCommand] = [
            .complete(lead, text: "好了", photos: []), .complete(co, text: "好了", photos: []),
            .verify(accepted: true, ending: .solved, text: nil), .evaluate(.yes, .no, .no),
        ]
        let first = try walk(one, [.sign(lead), .sign(co)] + finish)
        #expect(first.state == .handling && first.reopenCount == 1 && first.owner == .department(world.a))
        #expect(first.ending == nil && first.clock(.overall)?.dueAt == one.clock(.overall)?.dueAt)
        let third = try walk(first, finish + finish)
        #expect(third.state == .whistled && third.owner == world.streetUnit && third.supervision >= .street)
        #expect(third.activeDispatches.isEmpty)
    }

    @Test func `after the window nothing reopens`() throws {
        let closed = try walk(world.open(), [.accept, .answer(text: "好了", photos: [], ending: .solved), .close(.solved)])
        let over = try step(closed, .expire(.evaluate, nil))
        #expect(over.events.isEmpty && over.after.version == closed.version && over.after.clocks.isEmpty)
        #expect(try refusal(over.after, .evaluate(.yes, .no, .no)) == "window-closed")
        #expect(try refusal(over.after, .reopen(reason: "又坏")) == "window-closed")
    }

    @Test func `what belongs to a department never goes down to a community`() throws {
        let one = try world.open(.department, departmentOnly: true)
        #expect(one.owner == world.streetUnit && one.clock(.dispatch) != nil)
        #expect(try refusal(one, .accept, by: world.actor(world.streetUnit)) == "department-only")
        #expect(try refusal(one, .accept, by: world.actor(world.communityUnit)) == "not-the-owner")
        let out = try step(one, .dispatch(world.calls(after: one), basis: "PD-0011"), by: world.rule()).after
        #expect(out.state == .dispatched && out.owner == .department(world.a))
    }

    @Test func `repeated feedback is told from wrong feedback`() throws {
        let (one, lead, co) = try dispatched()
        let signed = try step(one, .sign(lead)).after
        for (command, code, isReplay) in try [
            (CaseCommand.sign(lead), "already-signed", true), (.complete(co, text: "好", photos: []), "not-signed", false),
            (.sign(world.dispatchID(999)), "unknown-dispatch", false),
        ] {
            do {
                _ = try step(signed, command)
                Issue.record("accepted")
            } catch let error as CaseRefusal { #expect(error.code == code && error.isReplay == isReplay) }
        }
        #expect(try refusal(signed, .sign(co), by: world.actor(.department(world.c))) == "not-called")
        #expect(try refusal(signed, .progress(lead, text: "  ")) == "text-missing")
    }

    @Test func `a decline is reviewed by the street, not by who declined`() throws {
        let declined = try walk(world.open(), [.decline(reason: "不属实")])
        #expect(declined.state == .declined && declined.clock(.appeal) != nil)
        let again = try step(declined, .reopen(reason: "就是这里")).after
        #expect(again.state == .reported && again.owner == world.streetUnit)
    }

    @Test func `a call without a lead, twice the same or unknown is refused`() throws {
        let one = try world.open(.street)
        let lead = Call(dispatch: try world.dispatchID(1), department: world.a, role: .lead)
        let co = Call(dispatch: try world.dispatchID(2), department: world.a, role: .coHandler)
        let stranger = Call(dispatch: try world.dispatchID(3), department: try known(DepartmentCode("nobody")), role: .lead)
        #expect(try refusal(one, .dispatch([], basis: "x")) == "one-lead")
        #expect(try refusal(one, .dispatch([lead, co], basis: "x")) == "duplicate-department")
        #expect(try refusal(one, .dispatch([stranger], basis: "x")) == "unknown-department")
        #expect(try refusal(one, .dispatch([lead], basis: "")) == "reason-missing")
        #expect(try refusal(one, .dispatch([lead], basis: "x"), by: world.rule()) == "not-the-street")
    }
}
