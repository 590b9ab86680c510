import Contracts
import FoundationEssentials

@testable import Routing

/// A small street for walking the state machine: round limits, three units, ids by number.
struct CaseWorld {
    let a: DepartmentCode, b: DepartmentCode, c: DepartmentCode
    let street: AreaCode, community: AreaCode
    let context: CaseContext
    let start: Timestamp
    /// Who of a unit acts.
    static let person = PersonID(bytes: bytes(77))

    /// Grow by one from a fixed time on.
    static let ids = UUIDv7Generator(
        now: { Timestamp(milliseconds: 1_793_000_000_000) }, random: { [UInt8](repeating: 0, count: $0) })

    init(reopenLimit: Int = 1) throws {
        a = try known(DepartmentCode("ludeng"))
        b = try known(DepartmentCode("gongdian"))
        c = try known(DepartmentCode("shizheng"))
        street = try known(AreaCode("310106019000"))
        community = try known(AreaCode("310106019001"))
        start = try known(Timestamp("2026-11-02T09:00:00+08:00"))
        let calendar = try known(
            WorkCalendar(
                firstDay: known(ChineseDay("2026-01-01")), lastDay: known(ChineseDay("2027-12-31")), exceptions: [:],
                workingTime: [.init(from: 510, to: 1050)]))
        let hour = try known(ClockLimit(10, .naturalHours))
        let profile = ClockProfile(
            code: "ordinary", name: "一般",
            limits: Dictionary(uniqueKeysWithValues: ClockKind.allCases.map { ($0, hour) }))
        context = CaseContext(
            calendar: calendar, profiles: ["ordinary": profile],
            policy: CasePolicy(emergencyArrivalMinutes: 30, reopenLimit: reopenLimit, longestSuspensionDays: 90),
            departments: [a: "路灯所", b: "供电公司", c: "市政"],
            serves: [a: [street], b: [street], c: [street]],
            ids: Self.ids)
    }

    func dispatchID(_ number: Int) throws -> DispatchID { try known(DispatchID(bytes: Self.bytes(number))) }
    static func bytes(_ number: Int) -> [UInt8] {
        (0..<16).map { $0 < 8 ? 0xD1 : UInt8(truncatingIfNeeded: number >> ((15 - $0) * 8)) }
    }

    func routing(_ level: HandlingLevel, departmentOnly: Bool = false) -> CatalogueResult {
        CatalogueResult(
            level: level, lead: level == .department ? a : nil, coHandlers: level == .department ? [b] : [],
            clocks: "ordinary", isDepartmentOnly: departmentOnly, basis: "依据", row: "PD-1", version: "1", reason: "因为")
    }

    func opening(_ level: HandlingLevel = .community, departmentOnly: Bool = false, unclear: Bool = false, number: Int = 1)
        throws -> CaseOpening
    {
        CaseOpening(
            id: try known(CaseID(bytes: Self.bytes(number))), number: try known(TicketNumber(day: start.day, sequence: number)),
            place: CasePlace(street: street, community: unclear ? nil : community, grid: nil, plate: nil, name: "彩云路"),
            category: try known(CategoryCode("P01024")), urgency: .normal, channel: .plate,
            routing: routing(level, departmentOnly: departmentOnly), submittedAt: start)
    }
    func open(_ level: HandlingLevel = .community, departmentOnly: Bool = false, unclear: Bool = false) throws -> ServiceCase {
        ServiceCase.open(
            try opening(level, departmentOnly: departmentOnly, unclear: unclear), by: rule(), at: start, in: context
        ).after
    }

    /// Into another case.
    func merge() throws -> Merge { Merge(into: .id(try known(CaseID(bytes: Self.bytes(2))))) }

    /// An open case that others may be merged into.
    func other() throws -> ServiceCase { try ServiceCase.open(opening(number: 2), by: rule(), at: start, in: context).after }

    /// What becomes of a case, with that other one at hand.
    func decide(
        _ serviceCase: ServiceCase, _ action: any CaseAction, by actor: Actor, at now: Timestamp, notes: [CaseNote] = []
    ) throws(CaseRefusal) -> Decision {
        try serviceCase.decide(action, by: actor, at: now, in: context, other: try? other(), notes: notes)
    }

    func actor(_ unit: CaseUnit) throws -> Actor { try known(Actor(unit: unit, person: Self.person)) }
    func resident() -> Actor { .resident }
    func rule() -> Actor { .clock }
    var communityUnit: CaseUnit { .community(community) }
    var streetUnit: CaseUnit { .street(street) }
    var districtUnit: CaseUnit { .district(street.district ?? street) }

    /// Everything anybody might ask of this case now, sensible or not.
    func commands(for serviceCase: ServiceCase, at now: Timestamp) throws -> [any CaseAction] {
        try actions(for: serviceCase, at: now) + clockCommands(for: serviceCase)
    }

    private func actions(for serviceCase: ServiceCase, at now: Timestamp) throws -> [any CaseAction] {
        var commands: [any CaseAction] =
            try plainActions() + [
                DispatchUnits(lead: a, coHandlers: [b], basis: "目录"), Suspend(until: now.adding(.seconds(86_400)), reason: "等材料"),
            ]
        for dispatch in serviceCase.activeDispatches + serviceCase.dispatches.filter({ !$0.isActive }).suffix(1) {
            commands += [
                SignFor(order: dispatch.id), ConfirmArrival(order: dispatch.id),
                RaiseDispute(order: dispatch.id, ground: .notOurDuty, text: nil),
                ReportProgress(order: dispatch.id, text: "在修"), Complete(order: dispatch.id, text: "修好了", photos: []),
                Adjudicate(dispatch.id, .uphold), Adjudicate(dispatch.id, .reassign, to: c),
            ]
            commands.append(Remind(dispatch.department, text: "请回话"))
        }
        commands.append(SignFor(order: try dispatchID(99)))
        return commands
    }

    /// What needs nothing of the case to be asked.
    func plainActions() throws -> [any CaseAction] {
        let other = try known(CaseID(bytes: Self.bytes(2)))
        return [
            Accept(), Decline(reason: "不属实"), Merge(into: .id(other)), Withdraw(reason: nil),
            Answer(text: "已修好", photos: [], ending: .solved), Answer(text: "做不到", photos: [], ending: .unable),
            BlowWhistle(.emergency, reason: "需要部门"), RefuseWhistle(reason: "社区可办"),
            JoinTicket(ticket: other, number: try known(TicketNumber(day: start.day, sequence: 2))),
            SeparateTicket(ticket: other, number: try known(TicketNumber(day: start.day, sequence: 2))),
            Inform(text: "在看了"), Verify(accepted: true, ending: .solved, text: nil),
            Verify(accepted: false, ending: nil, text: "没修好"), Resume(), Close(.solved), Close(.answered),
            Evaluate(.yes, .yes, .very), Evaluate(.no, .no, .no), Reopen(reason: "又坏了"), Escalate(reason: "协调不下"),
        ]
    }

    private func clockCommands(for serviceCase: ServiceCase) -> [any CaseAction] {
        ClockKind.allCases.flatMap { kind -> [any CaseAction] in
            ([nil, a, b, c] as [DepartmentCode?]).filter { $0 == nil || serviceCase.clock(kind, $0) != nil }.flatMap {
                department -> [any CaseAction] in
                [Expire(kind, department), Warn(kind, department, percent: 50), Warn(kind, department, percent: 80)]
            }
        }
    }

    /// What may lead to another case, as far as decisions are concerned.
    func steps(for serviceCase: ServiceCase, at now: Timestamp) throws -> [any CaseAction] {
        let own = try actions(for: serviceCase, at: now).filter {
            type(of: $0).from.contains(serviceCase.state) && !isPassing($0, serviceCase)
        }
        return own + serviceCase.clocks.map { Expire($0.kind, $0.department) }.filter { !isPassing($0, serviceCase) }
    }

    /// What is announced or noted, and changes nothing that a decision looks at.
    func passingSteps(for serviceCase: ServiceCase) throws -> [any CaseAction] {
        try commands(for: serviceCase, at: serviceCase.changedAt).filter { isPassing($0, serviceCase) }
    }

    private func isPassing(_ action: any CaseAction, _ serviceCase: ServiceCase) -> Bool {
        switch action {
        case is Warn, is ReportProgress, is Remind, is Escalate, is Inform, is JoinTicket, is SeparateTicket: true
        case is Withdraw: serviceCase.state != .reported
        case let end as Expire: !Self.moving.contains(end.clock) || serviceCase.clock(end.clock, end.department) == nil
        default: false
        }
    }
    /// Clocks whose end changes more than that they have ended.
    private static let moving: Set<ClockKind> = [.accept, .sign, .adjudicate, .review, .evaluate, .reopen, .appeal]

    /// Who would ask that: the right one, by the case and the action.
    func actors(for action: any CaseAction, on serviceCase: ServiceCase) throws -> [Actor] {
        switch action {
        case is Withdraw, is Evaluate: return [resident()]
        case is Reopen: return [resident(), try actor(streetUnit)]
        case is Warn, is Expire: return [rule()]
        case let word as any UnitAction:
            return [try actor(.department(serviceCase.dispatches.first { $0.id == word.order }?.department ?? a))]
        case is Suspend, is Remind: return [try actor(streetUnit), try actor(districtUnit)]
        case is Escalate: return [try actor(streetUnit)]
        case is DispatchUnits: return [try actor(streetUnit), rule()]
        // Nobody holds what is over.
        default: return [Actor(unit: serviceCase.owner, person: Self.person), try actor(districtUnit)].compactMap { $0 }
        }
    }

    /// When an action can take effect: expiries and warnings wait for their clock.
    func instant(of action: any CaseAction, on serviceCase: ServiceCase, after now: Timestamp) -> Timestamp {
        switch action {
        case let end as Expire: max(now, serviceCase.clock(end.clock, end.department)?.dueAt ?? now)
        case let warning as Warn:
            max(
                now,
                serviceCase.clock(warning.clock, warning.department).map { context.calendar.instant(at: warning.percent, of: $0) } ?? now)
        default: now.adding(milliseconds: 1)
        }
    }
}
