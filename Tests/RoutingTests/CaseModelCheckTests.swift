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
    let resumesTo: CaseState?, level: HandlingLevel, isDepartmentOnly: Bool

    init(_ one: Case, reopenLimit: Int) {
        state = one.state
        owner = one.owner
        units = Set(
            one.activeDispatches.map {
                Unit(
                    department: $0.department, role: $0.role, stage: $0.stage, hasArrived: $0.arrivedAt != nil,
                    hasSigned: $0.signedAt != nil)
            })
        arguments = Set(one.disputes.map { Argument(department: $0.department, verdict: $0.verdict) })
        isWindowOver = one.isWindowOver
        reopenings = min(one.reopenCount, reopenLimit + 1)
        isWhistled = one.whistle != nil
        isSelfHandled = one.isSelfHandled
        isHeldByStreet = one.isHeldByStreet
        isAcceptLapsed = one.isAcceptLapsed
        isUnable = one.proposedEnding == .unable
        resumesTo = one.suspension?.resumesTo
        // The district's matters lie with the street, as the street's own do.
        level = one.routing.level == .district ? .street : one.routing.level
        isDepartmentOnly = one.routing.isDepartmentOnly
    }
}

/// A row of the table, comparable without printing it half a million times.
struct RowKey: Hashable {
    let state: CaseState, command: CaseCommand.Kind
}

/// Everything that must hold of any case at any time.
func violations(of one: Case, since before: Case?, events: Int) -> [String] {
    var found: [String] = []
    func demand(_ condition: Bool, _ what: StaticString) { if !condition { found.append("\(what) in \(one.state.rawValue)") } }
    let kinds = Set(one.clocks.map(\.kind))
    if one.state.isFinal {
        demand(one.owner == .nobody, "a final state has no owner")
        demand(one.isWindowOver || kinds == (CaseTable.clocks[one.state] ?? []), "only its window runs")
        demand((one.state != .closed && one.state != .evaluated) || (one.ending != nil && one.ending != .merged), "an honest ending")
        demand(one.state != .merged || (one.ending == .merged && one.mergedInto != nil), "merged into something")
    } else {
        demand(one.owner != .nobody, "an owner")
        demand(one.clocks.count { $0.kind == .overall && !$0.isHeld } == 1, "one overall clock")
        let own = one.clocks.filter { $0.kind != .overall && $0.kind != .firstAnswer && !$0.isHeld }
        demand(!own.isEmpty, "a clock of its own")
        demand(one.ending == nil && one.closedAt == nil, "no ending before the end")
        demand(one.state == .suspended || !one.clocks.contains(where: \.isHeld), "only a suspension holds clocks")
    }
    let allowed = (CaseTable.clocks[one.state] ?? []).union([.overall])
    demand(one.state == .suspended || kinds.isSubset(of: allowed), "no clock of another state")
    for (place, clock) in one.clocks.enumerated() {
        let isTwice = one.clocks[..<place].contains { $0.kind == clock.kind && $0.department == clock.department }
        demand(!isTwice, "clocks are unique")
    }
    demand(one.activeDispatches.isEmpty || one.activeDispatches.count { $0.role == .lead } == 1, "one lead")
    demand(Set(one.activeDispatches.map(\.department)).count == one.activeDispatches.count, "a unit is called once")
    demand((one.state == .disputed) == (!one.openDisputes.isEmpty) || one.state == .suspended, "disputed while a dispute is open")
    demand(one.state != .answered || one.activeDispatches.allSatisfy { $0.stage == .completed }, "all completed when answered")
    for department in Set(one.disputes.map(\.department)) {
        demand(one.disputes.count { $0.department == department } == 1, "one dispute a unit")
    }
    if let before {
        demand(one.version == before.version + events, "one version an event")
        demand(one.changedAt >= before.changedAt, "time runs forward")
        if let was = before.clock(.overall) ?? before.restingOverall, let now = one.clock(.overall) ?? one.restingOverall {
            demand(was.dueAt == now.dueAt && was.startedAt == now.startedAt, "the overall clock is never reset")
        }
        for clock in before.clocks {
            guard let now = one.clock(clock.kind, clock.department), now.startedAt == clock.startedAt else { continue }
            demand(now.dueAt >= clock.dueAt, "no limit gets shorter")
            demand(now.dueAt == clock.dueAt || before.state == .suspended, "only a suspension lengthens a limit")
            demand(now.warned >= clock.warned && (now.isOverdue || !clock.isOverdue), "warnings are not forgotten")
        }
    }
    return found
}

@Suite struct CaseModelCheckTests {
    @Test func `walking every reachable case finds no dead end, no orphan, no missing clock and no unused row`() throws {
        let world = try CaseWorld()
        var seen: [AbstractCase: Int] = [:]
        var queue: [Case] = []
        var reversed: [[Int]] = []
        var isFinal: [Bool] = []
        var used: Set<RowKey> = []
        var problems: Set<String> = []

        func visit(_ one: Case, from: Int?) {
            let key = AbstractCase(one, reopenLimit: 1)
            let number = seen[key] ?? seen.count
            if number == seen.count {
                seen[key] = number
                queue.append(one)
                reversed.append([])
                isFinal.append(one.state.isFinal)
            }
            if let from { reversed[number].append(from) }
        }
        for level in HandlingLevel.allCases {
            visit(try world.open(level), from: nil)
        }
        visit(try world.open(.department, departmentOnly: true), from: nil)
        visit(try world.open(unclear: true), from: nil)

        var next = 0
        while next < queue.count {
            let one = queue[next]
            problems.formUnion(violations(of: one, since: nil, events: 0))
            for command in try world.commands(for: one, at: one.changedAt)
            where CaseTable.index[one.state]?[command.kind] != nil {
                for actor in try world.actors(for: command, on: one) {
                    let now = world.instant(of: command, on: one, after: one.changedAt)
                    guard let decision = try? CaseTable.decide(one, command, by: actor, at: now, in: world.context) else { continue }
                    used.insert(RowKey(state: one.state, command: command.kind))
                    for problem in violations(of: decision.after, since: one, events: decision.events.count) { problems.insert(problem) }
                    visit(decision.after, from: next)
                }
            }
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
        let table = Set(CaseTable.transitions.map { RowKey(state: $0.from, command: $0.command) })
        print("model check: \(queue.count) abstract cases, \(reversed.reduce(0) { $0 + $1.count }) steps, \(table.count) rows")
        #expect(problems.sorted() == [])
        #expect(deadEnds == [])
        #expect(Set(queue.map(\.state)) == Set(CaseState.allCases))
        #expect(table.subtracting(used) == [])
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
            var one = try world.open(HandlingLevel.allCases[round % 4])
            for _ in 0..<400 where !one.isWindowOver {
                let commands = try world.commands(for: one, at: one.changedAt)
                guard let command = commands.randomElement(using: &random) else { continue }
                let isStranger = Int.random(in: 0..<5, using: &random) == 0
                let crowd = isStranger ? actors : try world.actors(for: command, on: one)
                guard let actor = crowd.randomElement(using: &random) else { continue }
                // Messages also come late and clocks are asked too early.
                let late = one.changedAt.adding(.seconds(Int64.random(in: -7_200...7_200, using: &random)))
                let now = Bool.random(using: &random) ? late : world.instant(of: command, on: one, after: one.changedAt)
                guard let decision = try? CaseTable.decide(one, command, by: actor, at: now, in: world.context) else { continue }
                problems.formUnion(violations(of: decision.after, since: one, events: decision.events.count))
                one = decision.after
                done += 1
            }
        }
        print("random walk \(seed): \(done) decisions")
        #expect(problems.sorted() == [])
        #expect(done > 500)
    }

    @Test func `the table has one row for a state and command, an owner and clocks for every state`() {
        let keys = CaseTable.transitions.map { "\($0.from) \($0.command)" }
        #expect(Set(keys).count == keys.count)
        for state in CaseState.allCases {
            #expect(CaseTable.owners[state] != nil)
            #expect(CaseTable.clocks[state]?.isEmpty == false)
        }
    }
}
