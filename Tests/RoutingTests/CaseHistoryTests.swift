import Contracts
import Testing

@testable import Routing

/// Single ways of a case, as people would tell them.
@Suite struct CaseHistoryTests {
    let world: CaseWorld
    init() throws { world = try CaseWorld(reopenLimit: 2) }

    func step(
        _ serviceCase: ServiceCase, _ command: any CaseAction, by actor: Actor? = nil, after seconds: Int64 = 60
    ) throws -> Decision {
        let usual = try world.actors(for: command, on: serviceCase).first
        let now = world.instant(of: command, on: serviceCase, after: serviceCase.changedAt.adding(.seconds(seconds)))
        return try world.decide(serviceCase, command, by: known(actor ?? usual), at: now)
    }
    func refusal(_ serviceCase: ServiceCase, _ command: any CaseAction, by actor: Actor? = nil) throws -> String? {
        do {
            _ = try step(serviceCase, command, by: actor)
            return nil
        } catch let error as CaseRefusal { return error.code }
    }
    func walk(_ serviceCase: ServiceCase, _ commands: [any CaseAction]) throws -> ServiceCase {
        try commands.reduce(serviceCase) { try step($0, $1).after }
    }
    /// Called: the lamp office leads, the power company helps.
    func dispatched(_ kind: WhistleKind = .daily) throws -> (ServiceCase, lead: DispatchID, co: DispatchID) {
        let whistled = try walk(world.open(), [Accept(), BlowWhistle(kind, reason: "成片不亮")])
        let serviceCase = try step(whistled, DispatchUnits(lead: world.a, coHandlers: [world.b], basis: "PD-0011")).after
        return (serviceCase, serviceCase.dispatches[0].id, serviceCase.dispatches[1].id)
    }

    @Test func `a community solves it by itself and the resident is content`() throws {
        let opened = try world.open()
        #expect(opened.version == 1 && opened.owner == world.communityUnit)
        #expect(opened.clock(.firstAnswer)?.startedAt == opened.submittedAt)
        let closed = try walk(opened, [Accept(), Answer(text: "换了灯泡", photos: [], ending: .solved), Close(.solved)])
        #expect(closed.state == .closed && closed.ending == .solved && closed.version == 4 && closed.isSelfHandled)
        let evaluated = try step(closed, Evaluate(.yes, .yes, .very))
        #expect(evaluated.after.state == .evaluated)
        #expect(evaluated.events.map(\.type) == ["case.evaluated"])
    }

    @Test func `the answer waits for the lead and for every co-handler`() throws {
        let (serviceCase, lead, co) = try dispatched()
        #expect(serviceCase.owner == .department(world.a))
        let half = try walk(serviceCase, [SignFor(order: lead), Complete(order: lead, text: "灯修好了", photos: [])])
        #expect(half.state == .handling)
        #expect(half.owner == .department(world.b))
        let answered = try walk(half, [SignFor(order: co), Complete(order: co, text: "线路正常", photos: [])])
        #expect(answered.state == .answered && answered.owner == world.communityUnit)
        #expect(try refusal(answered, Close(.solved)) == "verification-missing")
        let closed = try step(answered, Verify(accepted: true, ending: .solved, text: nil))
        #expect(closed.events.count == 2 && closed.after.state == .closed && closed.after.version == answered.version + 2)
        for words in [nil, "", " "] as [PublicText?] {
            #expect(try refusal(answered, Verify(accepted: false, ending: nil, text: words)) == "missing-member")
        }
    }

    @Test func `a rejected verification goes back to the same units without a new signature`() throws {
        let (serviceCase, lead, co) = try dispatched()
        let done: [any CaseAction] = [Complete(order: lead, text: "好了", photos: []), Complete(order: co, text: "好了", photos: [])]
        let answered = try walk(serviceCase, [SignFor(order: lead), SignFor(order: co)] + done)
        let again = try step(answered, Verify(accepted: false, ending: nil, text: "还是不亮")).after
        #expect(again.state == .handling && again.activeDispatches.allSatisfy { $0.stage == .signed })
        #expect(try walk(again, done).state == .answered)
    }

    @Test func `a unit disputes once, the handling clock goes on, and the verdict moves it to another`() throws {
        let (serviceCase, lead, _) = try dispatched()
        let handle = try known(serviceCase.clock(.handle, world.a))
        let disputed = try step(serviceCase, RaiseDispute(order: lead, ground: .notOurDuty, text: "不归我们")).after
        #expect(disputed.state == .disputed && disputed.owner == world.streetUnit)
        #expect(disputed.clock(.handle, world.a) == handle)
        #expect(try refusal(disputed, SignFor(order: lead)) == "in-dispute")
        let moved = try step(disputed, Adjudicate(lead, .reassign, to: world.c))
        #expect(moved.after.state == .dispatched && moved.after.owner == .department(world.c))
        #expect(moved.recalled == [lead] && moved.after.lead?.department == world.c)
        #expect(moved.after.clock(.handle, world.c)?.dueAt == handle.dueAt)
        #expect(try refusal(moved.after, SignFor(order: lead)) == "dispatch-recalled")
        let upheld = try step(disputed, Adjudicate(lead, .uphold)).after
        #expect(upheld.state == .handling && upheld.lead?.isSignedByRule == true)
        #expect(try refusal(upheld, RaiseDispute(order: lead, ground: .noPower, text: nil)) == "dispute-limit")
    }

    @Test func `an undecided dispute rises to the district, whose word the street cannot take`() throws {
        let (serviceCase, lead, _) = try dispatched()
        let disputed = try step(serviceCase, RaiseDispute(order: lead, ground: .notOurDuty, text: nil)).after
        let raised = try step(disputed, Expire(.adjudicate, world.a)).after
        #expect(raised.owner == world.districtUnit)
        #expect(raised.clock(.adjudicate, world.a)?.isOverdue == false)
        #expect(try refusal(raised, Adjudicate(lead, .uphold), by: world.actor(world.streetUnit)) == "not-the-adjudicator")
        #expect(try step(raised, Adjudicate(lead, .uphold)).after.state == .handling)
    }

    @Test func `silence on signing is acceptance by rule`() throws {
        let (serviceCase, lead, _) = try dispatched()
        let decision = try step(serviceCase, Expire(.sign, world.a))
        #expect(decision.after.state == .handling)
        #expect(decision.events.map(\.type) == ["case.overdue", "case.signed"])
        #expect(decision.after.clock(.sign, world.a) == nil)
        #expect(try refusal(decision.after, SignFor(order: lead)) == "already-signed")
    }

    @Test func `an emergency whistle expects everybody within half an hour`() throws {
        let (serviceCase, lead, _) = try dispatched(.emergency)
        let clock = try known(serviceCase.clock(.arrive, world.a))
        #expect(clock.dueAt.milliseconds(since: clock.startedAt) == 1_800_000)
        let arrived = try step(serviceCase, ConfirmArrival(order: lead)).after
        #expect(arrived.state == .handling && arrived.clock(.arrive, world.a) == nil && arrived.clock(.arrive, world.b) != nil)
    }

    @Test func `an approved pause lengthens every limit but the overall one`() throws {
        let (serviceCase, lead, co) = try dispatched()
        let handling = try walk(serviceCase, [SignFor(order: lead), SignFor(order: co)])
        let before = try known(handling.clock(.handle, world.a))
        #expect(
            try refusal(
                handling, Suspend(until: handling.changedAt.adding(.seconds(900_000_000)), reason: "等"), by: world.actor(world.streetUnit))
                == "suspension-length")
        #expect(
            try refusal(
                handling, Suspend(until: handling.changedAt.adding(.seconds(90_000)), reason: "等"), by: world.actor(world.communityUnit))
                == "not-an-approver")
        let held = try step(handling, Suspend(until: handling.changedAt.adding(.seconds(90_000)), reason: "等配件")).after
        #expect(held.owner == world.streetUnit && held.clock(.handle, world.a)?.isHeld == true)
        #expect(try refusal(held, Expire(.handle, world.a)) == "case-wrong-state")
        #expect(try refusal(held, Warn(.handle, world.a, percent: 50)) == "clock-held")
        let resumed = try step(held, Expire(.review, nil)).after
        #expect(resumed.state == .handling)
        let pause = resumed.changedAt.milliseconds(since: held.changedAt)
        #expect(resumed.clock(.handle, world.a)?.dueAt == before.dueAt.adding(milliseconds: pause))
        #expect(resumed.clock(.overall) == handling.clock(.overall))
    }

    @Test func `not solved reopens with the same handler, and too often with the street`() throws {
        let (serviceCase, lead, co) = try dispatched()
        let finish: [any CaseAction] = [
            Complete(order: lead, text: "好了", photos: []), Complete(order: co, text: "好了", photos: []),
            Verify(accepted: true, ending: .solved, text: nil), Evaluate(.yes, .no, .no),
        ]
        let first = try walk(serviceCase, [SignFor(order: lead), SignFor(order: co)] + finish)
        #expect(first.state == .handling && first.reopenCount == 1 && first.owner == .department(world.a))
        #expect(first.ending == nil && first.clock(.overall)?.dueAt == serviceCase.clock(.overall)?.dueAt)
        let third = try walk(first, finish + finish)
        #expect(third.state == .whistled && third.owner == world.streetUnit && third.supervision >= .street)
        #expect(third.activeDispatches.isEmpty)
    }

    @Test func `after the window nothing reopens`() throws {
        let closed = try walk(world.open(), [Accept(), Answer(text: "好了", photos: [], ending: .solved), Close(.solved)])
        let over = try step(closed, Expire(.evaluate, nil))
        #expect(over.events.isEmpty && over.after.version == closed.version && over.after.clocks.isEmpty)
        #expect(try refusal(over.after, Evaluate(.yes, .no, .no)) == "window-closed")
        #expect(try refusal(over.after, Reopen(reason: "又坏")) == "window-closed")
    }

    @Test func `what belongs to a department never goes down to a community`() throws {
        let serviceCase = try world.open(.department, departmentOnly: true)
        #expect(serviceCase.owner == world.streetUnit && serviceCase.clock(.dispatch) != nil)
        #expect(try refusal(serviceCase, Accept(), by: world.actor(world.streetUnit)) == "department-only")
        #expect(try refusal(serviceCase, Accept(), by: world.actor(world.communityUnit)) == "not-the-owner")
        let out = try step(serviceCase, DispatchUnits(lead: world.a, coHandlers: [world.b], basis: "PD-0011"), by: world.rule()).after
        #expect(out.state == .dispatched && out.owner == .department(world.a))
    }

    @Test func `repeated feedback is told from wrong feedback`() throws {
        let (serviceCase, lead, co) = try dispatched()
        let signed = try step(serviceCase, SignFor(order: lead)).after
        let words: [(any CaseAction, String, Bool)] = try [
            (SignFor(order: lead), "already-signed", true), (Complete(order: co, text: "好", photos: []), "not-signed", false),
            (SignFor(order: world.dispatchID(999)), "unknown-dispatch", false),
        ]
        for (command, code, isReplay) in words {
            do {
                _ = try step(signed, command)
                Issue.record("accepted")
            } catch let error as CaseRefusal { #expect(error.code == code && error.isReplay == isReplay) }
        }
        #expect(try refusal(signed, SignFor(order: co), by: world.actor(.department(world.c))) == "not-called")
        #expect(try refusal(signed, ReportProgress(order: lead, text: "  ")) == "text-missing")
    }

    @Test func `a decline is reviewed by the street, not by who declined`() throws {
        let declined = try walk(world.open(), [Decline(reason: "不属实")])
        #expect(declined.state == .declined && declined.clock(.appeal) != nil)
        #expect(try refusal(declined, Reopen(reason: "就是这里"), by: world.actor(world.communityUnit)) == "not-the-street")
        let again = try step(declined, Reopen(reason: "就是这里")).after
        #expect(again.state == .reported && again.owner == world.streetUnit)
    }

    @Test func `a call without a lead, twice the same or unknown is refused`() throws {
        let serviceCase = try world.open(.street)
        let stranger = try known(DepartmentCode("nobody"))
        #expect(try refusal(serviceCase, DispatchUnits(basis: "x")) == "missing-member")
        #expect(try refusal(serviceCase, DispatchUnits(lead: world.a, coHandlers: [world.a], basis: "x")) == "duplicate-department")
        #expect(try refusal(serviceCase, DispatchUnits(lead: stranger, basis: "x")) == "unknown-department")
        #expect(try refusal(serviceCase, DispatchUnits(lead: world.a, basis: "")) == "reason-missing")
        #expect(try refusal(serviceCase, DispatchUnits(lead: world.a, basis: "x"), by: world.rule()) == "not-the-street")
    }
}
