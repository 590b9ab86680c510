import Contracts
import Testing

@testable import Routing

/// Who may not: every action of every actor on a case of every state, own and foreign area. The table says who may; everybody
/// else must be refused, also where the answer would change nothing.
@Suite struct PermissionTests {
    let world: CaseWorld
    init() throws { world = try CaseWorld(reopenLimit: 0) }

    private func actors() throws -> KeyValuePairs<String, Actor> {
        func area(_ code: String) throws -> AreaCode { try known(AreaCode(code)) }
        return try [
            "community": world.actor(world.communityUnit), "neighbour": world.actor(.community(area("310106019002"))),
            "street": world.actor(world.streetUnit), "other-street": world.actor(.street(area("310106020000"))),
            "district": world.actor(world.districtUnit), "other-district": world.actor(.district(area("310107000000"))),
            "lead": world.actor(.department(world.a)), "co": world.actor(.department(world.b)),
            "uncalled": world.actor(.department(world.c)), "resident": world.resident(), "rule": world.rule(),
        ]
    }

    /// What is asked of a case; unit's words are the lead's, or the disputing unit's.
    private func actions(_ serviceCase: ServiceCase) throws -> KeyValuePairs<String, any CaseAction> {
        let unit = try serviceCase.openDisputes.first?.dispatch ?? serviceCase.lead?.id ?? world.dispatchID(100)
        return try [
            "accept": Accept(), "decline": Decline(reason: "不属实"), "merge": Merge(into: .id(known(CaseID(bytes: CaseWorld.bytes(2))))),
            "withdraw": Withdraw(reason: nil), "answer": Answer(text: "已修好", photos: [], ending: .solved),
            "whistle": BlowWhistle(.daily, reason: "需要部门"),
            "refuse": RefuseWhistle(reason: "社区可办"), "dispatch": DispatchUnits(lead: world.a, coHandlers: [world.b], basis: "目录"),
            "sign": SignFor(order: unit), "arrive": ConfirmArrival(order: unit),
            "dispute": RaiseDispute(order: unit, ground: .notOurDuty, text: nil),
            "say": Inform(text: "在看了"), "progress": ReportProgress(order: unit, text: "在修"),
            "complete": Complete(order: unit, text: "修好了", photos: []), "uphold": Adjudicate(unit, .uphold),
            "reassign": Adjudicate(unit, .reassign, to: world.c),
            "pass": Verify(accepted: true, ending: .solved, text: nil), "reject": Verify(accepted: false, ending: nil, text: "没修好"),
            "remind": Remind(serviceCase.awaitedDispatches.first?.department ?? world.a, text: "请回话"), "escalate": Escalate(reason: "协调不下"),
            "suspend": Suspend(until: serviceCase.changedAt.adding(.seconds(86_400)), reason: "等材料"), "resume": Resume(),
            "close": Close(.solved), "evaluate": Evaluate(.yes, .yes, .very), "reopen": Reopen(reason: "又坏了"),
            "warn": Warn(.overall, nil, percent: 50), "expire": Expire(.overall, nil),
        ]
    }

    @Test func `nobody does what is not his, in any state, neither of another area nor of another role`() throws {
        var found: [String] = []
        for (name, serviceCase) in try cases() {
            var line: [String] = []
            for (action, command) in try actions(serviceCase) {
                let may = try actors().filter { _, actor in
                    let now = world.instant(of: command, on: serviceCase, after: serviceCase.changedAt)
                    return (try? world.decide(serviceCase, command, by: actor, at: now)) != nil
                }.map(\.key)
                if !may.isEmpty { line.append("\(action)=\(may.joined(separator: ","))") }
            }
            found.append("\(name): \(line.joined(separator: " "))")
        }
        let wanted = Self.table.split(separator: "\n").map(String.init)
        for (found, wanted) in zip(found, wanted) { #expect(found == wanted) }
        #expect(found.count == wanted.count)
    }

    @Test func `what may be done is offered to those who may do it, and to nobody else of their kind`() throws {
        for (name, serviceCase) in try cases() {
            for (actor, who) in try actors() {
                guard let unit = who.unit, unit.kind != .department, unit.kind != .none else { continue }
                for (action, command) in try actions(serviceCase)
                where command is Suspend || command is Resume || command is Remind || command is Escalate {
                    let now = world.instant(of: command, on: serviceCase, after: serviceCase.changedAt)
                    let may = (try? world.decide(serviceCase, command, by: who, at: now)) != nil
                    #expect(serviceCase.allows(type(of: command), by: who) == may, "\(name) \(action) \(actor)")
                }
            }
        }
    }
}

extension PermissionTests {
    private func step(_ serviceCase: ServiceCase, _ command: any CaseAction, by actor: Actor) throws -> ServiceCase {
        let now = world.instant(of: command, on: serviceCase, after: serviceCase.changedAt.adding(.seconds(60)))
        return try world.decide(serviceCase, command, by: actor, at: now).after
    }

    /// A case of each state, and twice where another unit holds it.
    private func cases() throws -> KeyValuePairs<String, ServiceCase> {
        let (community, street) = try (world.actor(world.communityUnit), world.actor(world.streetUnit))
        let (district, resident) = try (world.actor(world.districtUnit), world.resident())
        let reported = try world.open()
        let answer = Answer(text: "好了", photos: [], ending: .solved)
        let filed = try step(reported, Accept(), by: community)
        let whistle = BlowWhistle(.daily, reason: "成片不亮")
        let whistled = try step(filed, whistle, by: community)
        let dispatched = try step(whistled, DispatchUnits(lead: world.a, coHandlers: [world.b], basis: "目录"), by: street)
        let (lead, co) = (dispatched.dispatches[0].id, dispatched.dispatches[1].id)
        let (a, b) = try (world.actor(.department(world.a)), world.actor(.department(world.b)))
        let disputed = try step(dispatched, RaiseDispute(order: lead, ground: .notOurDuty, text: nil), by: a)
        let handling = try step(step(dispatched, SignFor(order: lead), by: a), SignFor(order: co), by: b)
        let pause = Suspend(until: handling.changedAt.adding(.seconds(90_000)), reason: "等配件")
        let done = try step(
            step(handling, Complete(order: lead, text: "好", photos: []), by: a), Complete(order: co, text: "好", photos: []), by: b)
        let streetsOwn = try step(world.open(.street), Accept(), by: street)
        let selfAnswered = try step(filed, answer, by: community)
        let closed = try step(selfAnswered, Close(.solved), by: community)
        let declined = try step(reported, Decline(reason: "不属实"), by: community)
        return try [
            "reported": reported, "reported of the street": world.open(.street), "reported without a place": world.open(unclear: true),
            "reported of a department": world.open(.department, departmentOnly: true),
            "reported after a refusal": step(declined, Reopen(reason: "就是这里"), by: resident),
            "filed": filed, "filed of the street": streetsOwn, "whistled": whistled,
            "whistled by coming back": step(closed, Evaluate(.yes, .no, .no), by: resident),
            "dispatched": dispatched, "disputed": disputed,
            "disputed before the district": step(disputed, Expire(.adjudicate, world.a), by: world.rule()),
            "handling": handling, "paused": step(handling, pause, by: street),
            "paused by the district": step(handling, pause, by: district),
            "paused of the street": step(streetsOwn, pause, by: district), "answered": done, "answered alone": selfAnswered,
            "answered of the street": step(streetsOwn, answer, by: street), "closed": closed,
            "evaluated": step(closed, Evaluate(.yes, .yes, .very), by: resident),
            "merged": step(reported, Merge(into: .id(known(CaseID(bytes: CaseWorld.bytes(2))))), by: community), "declined": declined,
            "withdrawn": step(reported, Withdraw(reason: nil), by: resident),
        ]
    }

    /// Case: action=those who may. What is not named is refused to everybody.
    fileprivate static let table = """
        reported: accept=community,street,district decline=community,street,district merge=community,street,district \
        withdraw=resident dispatch=street,district warn=rule expire=rule
        reported of the street: accept=street,district decline=street,district merge=street,district withdraw=resident \
        dispatch=street,district warn=rule expire=rule
        reported without a place: accept=street,district decline=street,district merge=street,district withdraw=resident \
        dispatch=street,district warn=rule expire=rule
        reported of a department: decline=street,district merge=street,district withdraw=resident dispatch=street,district,rule \
        warn=rule expire=rule
        reported after a refusal: accept=street,district decline=street,district merge=street,district withdraw=resident \
        dispatch=street,district warn=rule expire=rule
        filed: withdraw=resident answer=community,street,district whistle=community,street,district dispatch=street,district \
        say=community,street,district escalate=street suspend=street,district warn=rule expire=rule
        filed of the street: withdraw=resident answer=street,district whistle=street,district dispatch=street,district \
        say=street,district escalate=street suspend=district warn=rule expire=rule
        whistled: withdraw=resident answer=street,district refuse=street,district dispatch=street,district escalate=street \
        warn=rule expire=rule
        whistled by coming back: withdraw=resident answer=street,district dispatch=street,district escalate=street warn=rule expire=rule
        dispatched: withdraw=resident sign=lead arrive=lead dispute=lead remind=street,district escalate=street warn=rule expire=rule
        disputed: withdraw=resident uphold=street,district reassign=street,district warn=rule expire=rule
        disputed before the district: withdraw=resident uphold=district reassign=district warn=rule expire=rule
        handling: withdraw=resident arrive=lead dispute=lead progress=lead complete=lead remind=street,district escalate=street \
        suspend=street,district warn=rule expire=rule
        paused: withdraw=resident arrive=lead dispute=lead progress=lead complete=lead resume=street,district warn=rule \
        expire=rule
        paused by the district: withdraw=resident arrive=lead dispute=lead progress=lead complete=lead resume=district \
        warn=rule expire=rule
        paused of the street: withdraw=resident resume=district warn=rule expire=rule
        answered: withdraw=resident pass=community,street,district reject=community,street,district warn=rule expire=rule
        answered alone: withdraw=resident pass=community,street,district reject=community,street,district \
        close=community,street,district warn=rule expire=rule
        answered of the street: withdraw=resident pass=street,district reject=street,district close=street,district warn=rule \
        expire=rule
        closed: withdraw=resident evaluate=resident reopen=street,district,resident
        evaluated: withdraw=resident reopen=street,district,resident
        merged: withdraw=resident reopen=street,district,resident
        declined: withdraw=resident reopen=street,district,resident
        withdrawn: withdraw=resident reopen=street,district,resident
        """
}
