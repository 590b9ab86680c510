import Contracts
import TestKit
import Testing

@testable import Routing

/// What two cases must share to behave alike: everything the decisions look at, without times, texts and history.
struct AbstractCase: Hashable {
    struct Unit: Hashable {
        let department: DepartmentCode, role: DispatchRole, stage: Dispatch.Stage, hasArrived: Bool, hasSigned: Bool
    }
    struct Argument: Hashable { let department: DepartmentCode, verdict: Verdict? }

    // Clocks are left out: they follow from the rest (`violations` checks that they do).
    let state: CaseState, owner: CaseUnit, units: Set<Unit>, arguments: Set<Argument>, isWindowOver: Bool
    let reopenings: Int, isWhistled: Bool, isSelfHandled: Bool, isHeldByStreet: Bool, isAcceptLapsed: Bool, isUnable: Bool
    let resumesTo: CaseState?, receiver: OwnerKind, goesStraightOut: Bool, isDepartmentOnly: Bool

    init(_ serviceCase: ServiceCase, reopenLimit: Int) {
        state = serviceCase.state
        // Who approved a pause decides who may end it, and nothing else.
        owner = serviceCase.state == .suspended ? .nobody : serviceCase.owner
        units = Set(
            serviceCase.activeDispatches.map {
                Unit(
                    department: $0.department, role: $0.role, stage: $0.stage, hasArrived: $0.arrivedAt != nil,
                    hasSigned: $0.signedAt != nil)
            })
        arguments = Set(serviceCase.disputes.map { Argument(department: $0.department, verdict: $0.verdict) })
        isWindowOver = serviceCase.isWindowOver
        reopenings = min(serviceCase.reopenCount, reopenLimit + 1)
        isWhistled = serviceCase.whistle != nil
        isSelfHandled = serviceCase.isSelfHandled
        isHeldByStreet = serviceCase.isHeldByStreet
        isAcceptLapsed = serviceCase.isAcceptLapsed
        isUnable = serviceCase.proposedEnding == .unable
        resumesTo = serviceCase.suspension?.resumesTo
        // All that is looked at of the level: who receives, and whether the catalogue calls by itself.
        receiver = serviceCase.routing.level == .community && serviceCase.place.community != nil ? .community : .street
        goesStraightOut = serviceCase.routing.goesStraightOut
        isDepartmentOnly = serviceCase.routing.isDepartmentOnly
    }
}

/// What decides which clocks run and what they may do: once for each of these is enough for what moves no case on.
struct Ground: Hashable {
    let state: CaseState, resumesTo: CaseState?, stages: Set<AbstractCase.Unit>, isWindowOver: Bool
    let isWhistled: Bool, goesStraightOut: Bool

    init(_ serviceCase: ServiceCase) {
        let abstract = AbstractCase(serviceCase, reopenLimit: 1)
        (state, resumesTo, stages, isWindowOver) = (abstract.state, abstract.resumesTo, abstract.units, abstract.isWindowOver)
        (isWhistled, goesStraightOut) = (abstract.isWhistled, abstract.goesStraightOut)
    }
}

/// An action in a state; each clock runs out in its own way.
struct RowKey: Hashable {
    let state: CaseState, action: String, clock: ClockKind?

    init(_ state: CaseState, _ action: any CaseAction) {
        self.init(state, type(of: action).name, (action as? Expire)?.clock)
    }
    init(_ state: CaseState, _ action: String, _ clock: ClockKind? = nil) {
        (self.state, self.action, self.clock) = (state, action, clock)
    }

    /// All that there is.
    static let all: Set<RowKey> = Set(
        CaseState.allCases.flatMap { state in
            CaseActions.all.filter { $0.from.contains(state) && $0 != Expire.self }.map { RowKey(state, $0.name) }
                + ClockKind.allCases.filter { CaseClocks.canRunOut($0, in: state) }.map { RowKey(state, Expire.name, $0) }
        })
}

/// Everything that must hold of any case at any time. Plain loops: it is asked of every step of the walk.
func violations(of serviceCase: ServiceCase, since before: ServiceCase?, events: Int) -> [String] {
    var found: [String] = []
    func demand(_ condition: Bool, _ what: StaticString) { if !condition { found.append("\(what) in \(serviceCase.state.rawValue)") } }
    let own = CaseClocks.kinds[serviceCase.state] ?? []
    var overall = 0
    var ofItsOwn = 0
    for clock in serviceCase.clocks where !clock.isHeld {
        if clock.kind == .overall { overall += 1 } else if clock.kind != .firstAnswer { ofItsOwn += 1 }
    }
    if serviceCase.state.isFinal {
        demand(serviceCase.owner == .nobody, "a final state has no owner")
        let runsItsWindow = serviceCase.clocks.count == own.count && serviceCase.clocks.allSatisfy { own.contains($0.kind) }
        demand(serviceCase.isWindowOver || runsItsWindow, "only its window runs")
        demand(
            (serviceCase.state != .closed && serviceCase.state != .evaluated)
                || (serviceCase.ending != nil && serviceCase.ending != .merged), "an honest ending")
        demand(serviceCase.state != .merged || (serviceCase.ending == .merged && serviceCase.mergedInto != nil), "merged into something")
    } else {
        demand(serviceCase.owner != .nobody, "an owner")
        demand(overall == 1, "one overall clock")
        demand(ofItsOwn > 0, "a clock of its own")
        demand(serviceCase.ending == nil && serviceCase.closedAt == nil, "no ending before the end")
        demand(serviceCase.state == .suspended || !serviceCase.clocks.contains { $0.isHeld }, "only a suspension holds clocks")
    }
    for (place, clock) in serviceCase.clocks.enumerated() {
        demand(serviceCase.state == .suspended || clock.kind == .overall || own.contains(clock.kind), "no clock of another state")
        let isTwice = serviceCase.clocks[..<place].contains { $0.kind == clock.kind && $0.department == clock.department }
        demand(!isTwice, "clocks are unique")
    }
    demandUnits(of: serviceCase, demand)
    if let before { demandCourse(from: before, to: serviceCase, events: events, demand) }
    return found
}

private func demandUnits(of serviceCase: ServiceCase, _ demand: (Bool, StaticString) -> Void) {
    let active = serviceCase.dispatches.filter { $0.isActive }
    let isDisputed = serviceCase.disputes.contains { $0.isOpen }
    demand(active.isEmpty || active.count { $0.role == .lead } == 1, "one lead")
    for (place, unit) in active.enumerated() {
        demand(!active[..<place].contains { $0.department == unit.department }, "a unit is called once")
    }
    demand((serviceCase.state == .disputed) == isDisputed || serviceCase.state == .suspended, "disputed while a dispute is open")
    demand(serviceCase.state != .answered || active.allSatisfy { $0.stage == .completed }, "all completed when answered")
    for (place, dispute) in serviceCase.disputes.enumerated() {
        demand(!serviceCase.disputes[..<place].contains { $0.department == dispute.department }, "one dispute a unit")
    }
}

private func demandCourse(from before: ServiceCase, to serviceCase: ServiceCase, events: Int, _ demand: (Bool, StaticString) -> Void) {
    demand(serviceCase.version == before.version + events, "one version an event")
    demand(serviceCase.changedAt >= before.changedAt, "time runs forward")
    if let was = before.clock(.overall) ?? before.restingOverall, let now = serviceCase.clock(.overall) ?? serviceCase.restingOverall {
        demand(was.dueAt == now.dueAt && was.startedAt == now.startedAt, "the overall clock is never reset")
    }
    for clock in before.clocks {
        guard let now = serviceCase.clock(clock.kind, clock.department), now.startedAt == clock.startedAt else { continue }
        demand(now.dueAt >= clock.dueAt, "no limit gets shorter")
        demand(now.dueAt == clock.dueAt || before.state == .suspended, "only a suspension lengthens a limit")
        demand(now.warned >= clock.warned && (now.isOverdue || !clock.isOverdue), "warnings are not forgotten")
    }
}

@Suite struct CaseModelCheckTests {
    @Test func `walking every reachable case finds no dead end, no orphan, no missing clock and no unused row`() throws {
        let world = try CaseWorld()
        var seen: [AbstractCase: Int] = [:]
        var queue: [ServiceCase] = []
        var reversed: [[Int]] = []
        var isFinal: [Bool] = []
        var used: Set<RowKey> = []
        var problems: Set<String> = []

        func visit(_ serviceCase: ServiceCase, from: Int?) {
            let key = AbstractCase(serviceCase, reopenLimit: 1)
            let number = seen[key] ?? seen.count
            if number == seen.count {
                seen[key] = number
                queue.append(serviceCase)
                reversed.append([])
                isFinal.append(serviceCase.state.isFinal)
            }
            if let from { reversed[number].append(from) }
        }
        for level in HandlingLevel.allCases {
            visit(try world.open(level), from: nil)
        }
        visit(try world.open(.department, departmentOnly: true), from: nil)
        visit(try world.open(unclear: true), from: nil)

        var next = 0
        var asked: Set<Ground> = []
        while next < queue.count {
            let serviceCase = queue[next]
            problems.formUnion(violations(of: serviceCase, since: nil, events: 0))
            for command in try world.steps(for: serviceCase, at: serviceCase.changedAt) {
                for actor in try world.actors(for: command, on: serviceCase) {
                    let now = world.instant(of: command, on: serviceCase, after: serviceCase.changedAt)
                    guard let decision = try? world.decide(serviceCase, command, by: actor, at: now) else { continue }
                    used.insert(RowKey(serviceCase.state, command))
                    for problem in violations(of: decision.after, since: serviceCase, events: decision.events.count) {
                        problems.insert(problem)
                    }
                    visit(decision.after, from: next)
                    // Several may do the same to the same effect (`PermissionTests` says who); one of them goes on.
                    if !(command is DispatchUnits) { break }
                }
            }
            if asked.insert(Ground(serviceCase)).inserted { problems.formUnion(try passing(serviceCase, in: world, &used)) }
            next += 1
        }

        // Backwards from the final states: whatever is not reached that way can never end.
        var canEnd = isFinal
        var open = canEnd.indices.filter { canEnd[$0] }
        while let place = open.popLast() {
            for before in reversed[place] where !canEnd[before] {
                canEnd[before] = true
                open.append(before)
            }
        }
        let deadEnds = Set(canEnd.indices.filter { !canEnd[$0] }.map { queue[$0].state })
        let table = RowKey.all
        print("model check: \(queue.count) abstract cases, \(reversed.reduce(0) { $0 + $1.count }) steps, \(table.count) rows")
        #expect(problems.sorted() == [])
        #expect(deadEnds == [])
        #expect(Set(queue.map(\.state)) == Set(CaseState.allCases))
        #expect(table.subtracting(used) == [])
    }

    /// What moves no case on: warnings, ends that are only announced, words, withdrawals that come too late, clocks that do not run. A
    /// change of the case besides its clocks, and an answer from a clock that is not there, are problems.
    private func passing(_ serviceCase: ServiceCase, in world: CaseWorld, _ used: inout Set<RowKey>) throws -> Set<String> {
        var problems: Set<String> = []
        for command in try world.passingSteps(for: serviceCase) where type(of: command).from.contains(serviceCase.state) {
            for actor in try world.actors(for: command, on: serviceCase) {
                let now = world.instant(of: command, on: serviceCase, after: serviceCase.changedAt)
                guard let decision = try? world.decide(serviceCase, command, by: actor, at: now) else { continue }
                used.insert(RowKey(serviceCase.state, command))
                problems.formUnion(violations(of: decision.after, since: serviceCase, events: decision.events.count))
                if AbstractCase(decision.after, reopenLimit: 1) != AbstractCase(serviceCase, reopenLimit: 1) {
                    problems.insert("\(type(of: command).name) moves a case that is \(serviceCase.state.rawValue)")
                }
                let clock = (command as? Expire).map { ($0.clock, $0.department) } ?? (command as? Warn).map { ($0.clock, $0.department) }
                if let (kind, department) = clock, serviceCase.clock(kind, department) == nil {
                    problems.insert("\(type(of: command).name) without such a clock in \(serviceCase.state.rawValue)")
                }
            }
        }
        return problems
    }

    @Test(arguments: [1, 7, 2026]) func `long random histories keep every promise`(seed: UInt64) throws {
        let world = try CaseWorld(reopenLimit: 2)
        var random = Seeded(seed: seed)
        let actors = try [
            world.resident(), world.rule(), world.actor(world.communityUnit), world.actor(world.streetUnit),
            world.actor(world.districtUnit),
            world.actor(.department(world.a)), world.actor(.department(world.b)), world.actor(.department(world.c)),
        ]
        var problems: Set<String> = []
        var done = 0
        for round in 0..<60 {
            var serviceCase = try world.open(HandlingLevel.allCases[round % 4])
            for _ in 0..<400 where !serviceCase.isWindowOver {
                let commands = try world.commands(for: serviceCase, at: serviceCase.changedAt)
                guard let command = commands.randomElement(using: &random) else { continue }
                let isStranger = Int.random(in: 0..<5, using: &random) == 0
                let crowd = isStranger ? actors : try world.actors(for: command, on: serviceCase)
                guard let actor = crowd.randomElement(using: &random) else { continue }
                // Messages also come late and clocks are asked too early.
                let late = serviceCase.changedAt.adding(.seconds(Int64.random(in: -7_200...7_200, using: &random)))
                let now = Bool.random(using: &random) ? late : world.instant(of: command, on: serviceCase, after: serviceCase.changedAt)
                guard let decision = try? world.decide(serviceCase, command, by: actor, at: now) else { continue }
                problems.formUnion(violations(of: decision.after, since: serviceCase, events: decision.events.count))
                serviceCase = decision.after
                done += 1
            }
        }
        print("random walk \(seed): \(done) decisions")
        #expect(problems.sorted() == [])
        #expect(done > 500)
    }

    @Test func `every state has clocks and a way on, and no two actions have one name`() {
        let names = CaseActions.all.map { $0.name }
        #expect(Set(names).count == names.count)
        for state in CaseState.allCases {
            #expect(CaseClocks.kinds[state]?.isEmpty == false)
            #expect(CaseActions.all.contains { $0.from.contains(state) && $0 != Withdraw.self && $0 != Expire.self })
        }
    }

    @Test func `no two kinds of notes share a code`() {
        let kinds = CaseActions.all.flatMap { $0.notes }
        #expect(Set(kinds.map(\.code)).count == Set(kinds).count)
        #expect(NoteKind.byCode.count == Set(kinds).count)
    }
}
