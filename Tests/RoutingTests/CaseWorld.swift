import Contracts
import FoundationEssentials

@testable import Routing

/// A small street for walking the state machine: round limits, three units, ids by number.
struct CaseWorld {
    let a: DepartmentCode, b: DepartmentCode, c: DepartmentCode
    let street: AreaCode, community: AreaCode
    let context: CaseContext
    let start: Timestamp
    private let staffCode: Actor, residentCode: Actor, ruleCode: Actor

    init(reopenLimit: Int = 1) throws {
        staffCode = try known(Actor("staff:1"))
        residentCode = try known(Actor("resident"))
        ruleCode = try known(Actor("clock"))
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
            departments: [a, b, c])
    }

    /// Into another case.
    func merge() throws -> CaseCommand {
        .merge(into: try known(CaseID(bytes: Self.bytes(2))), number: try known(TicketNumber(day: start.day, sequence: 2)))
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

    func opening(_ level: HandlingLevel = .community, departmentOnly: Bool = false, unclear: Bool = false) throws -> CaseOpening {
        CaseOpening(
            id: try known(CaseID(bytes: Self.bytes(1))), number: try known(TicketNumber(day: start.day, sequence: 1)),
            place: CasePlace(street: street, community: unclear ? nil : community, grid: nil, plate: nil, name: "彩云路"),
            category: try known(CategoryCode("P01024")), urgency: .normal, channel: .plate,
            routing: routing(level, departmentOnly: departmentOnly), submittedAt: start)
    }
    func open(_ level: HandlingLevel = .community, departmentOnly: Bool = false, unclear: Bool = false) throws -> Case {
        CaseTable.open(try opening(level, departmentOnly: departmentOnly, unclear: unclear), at: start, in: context).after
    }

    func actor(_ unit: CaseUnit) throws -> CaseActor { CaseActor(.unit(unit), code: staffCode) }
    func resident() throws -> CaseActor { CaseActor(.resident, code: residentCode) }
    func rule() throws -> CaseActor { CaseActor(.rule, code: ruleCode) }
    var communityUnit: CaseUnit { .community(community) }
    var streetUnit: CaseUnit { .street(street) }
    var districtUnit: CaseUnit { .district(street.district) }

    func calls(after one: Case) throws -> [Call] {
        let next = one.dispatches.count + 100
        return [
            Call(dispatch: try dispatchID(next), department: a, role: .lead),
            Call(dispatch: try dispatchID(next + 1), department: b, role: .coHandler),
        ]
    }

    /// Everything anybody might ask of this case now, sensible or not.
    func commands(for one: Case, at now: Timestamp) throws -> [CaseCommand] { try actions(for: one, at: now) + clockCommands(for: one) }

    private func actions(for one: Case, at now: Timestamp) throws -> [CaseCommand] {
        var commands =
            try plainActions() + [
                .dispatch(try calls(after: one), basis: "目录"), .suspend(until: now.adding(.seconds(86_400)), reason: "等材料"),
            ]
        let next = try dispatchID(one.dispatches.count + 100)
        for dispatch in one.activeDispatches + one.dispatches.filter({ !$0.isActive }).suffix(1) {
            commands += [
                .sign(dispatch.id), .arrive(dispatch.id), .dispute(dispatch.id, .notOurDuty, text: nil),
                .progress(dispatch.id, text: "在修"), .complete(dispatch.id, text: "修好了", photos: []),
                .adjudicate(dispatch.id, .uphold), .adjudicate(dispatch.id, .reassign(to: c, dispatch: next)),
            ]
        }
        commands.append(.sign(try dispatchID(99)))
        return commands
    }

    /// What needs nothing of the case to be asked.
    func plainActions() throws -> [CaseCommand] {
        let other = try known(CaseID(bytes: Self.bytes(2)))
        return [
            .accept, .decline(reason: "不属实"), try merge(), .withdraw(reason: nil),
            .answer(text: "已修好", photos: [], ending: .solved), .answer(text: "做不到", photos: [], ending: .unable),
            .whistle(try known(WhistleID(bytes: Self.bytes(3))), .emergency, reason: "需要部门"), .refuseWhistle(reason: "社区可办"),
            .join(other, try known(TicketNumber(day: start.day, sequence: 2))),
            .leave(other, try known(TicketNumber(day: start.day, sequence: 2))),
            .progress(nil, text: "在看了"), .verify(accepted: true, ending: .solved, text: nil),
            .verify(accepted: false, ending: nil, text: "没修好"), .resume, .close(.solved), .close(.answered), .close(.merged),
            .evaluate(.yes, .yes, .very), .evaluate(.no, .no, .no), .reopen(reason: "又坏了"),
        ]
    }

    private func clockCommands(for one: Case) -> [CaseCommand] {
        ClockKind.allCases.flatMap { kind in
            ([nil, a, b, c] as [DepartmentCode?]).filter { $0 == nil || one.clock(kind, $0) != nil }.flatMap { department in
                [.expire(kind, department), .warn(kind, department, percent: 50), .warn(kind, department, percent: 80)]
            }
        }
    }

    /// What may lead to another case, as far as decisions are concerned.
    func steps(for one: Case, at now: Timestamp) throws -> [CaseCommand] {
        let rows = CaseTable.index[one.state] ?? [:]
        let own = try actions(for: one, at: now).filter { rows[$0.kind] != nil && !isPassing($0, one) }
        return own + one.clocks.map { CaseCommand.expire($0.kind, $0.department) }.filter { !isPassing($0, one) }
    }

    /// What is announced or noted, and changes nothing that a decision looks at.
    func passingSteps(for one: Case) throws -> [CaseCommand] {
        try commands(for: one, at: one.changedAt).filter { isPassing($0, one) }
    }

    private func isPassing(_ command: CaseCommand, _ one: Case) -> Bool {
        switch command {
        case .warn, .progress, .join, .leave: true
        case .withdraw: one.state != .reported
        case .expire(let kind, let department): !Self.moving.contains(kind) || one.clock(kind, department) == nil
        default: false
        }
    }
    /// Clocks whose end changes more than that they have ended.
    private static let moving: Set<ClockKind> = [.accept, .sign, .adjudicate, .review, .evaluate, .reopen, .appeal]

    /// Who would ask that: the right one, by the case and the command.
    func actors(for command: CaseCommand, on one: Case) throws -> [CaseActor] {
        switch command {
        case .withdraw, .evaluate: return [try resident()]
        case .reopen: return [try resident(), try actor(streetUnit)]
        case .warn, .expire: return [try rule()]
        case .sign(let id), .arrive(let id), .dispute(let id, _, _), .complete(let id, _, _, _):
            return [try actor(.department(one.dispatches.first { $0.id == id }?.department ?? a))]
        case .progress(let id?, _):
            return [try actor(.department(one.dispatches.first { $0.id == id }?.department ?? a))]
        case .suspend: return [try actor(streetUnit), try actor(districtUnit)]
        case .dispatch: return [try actor(streetUnit), try rule()]
        default: return [try actor(one.owner), try actor(districtUnit)]
        }
    }

    /// When a command can take effect: expiries and warnings wait for their clock.
    func instant(of command: CaseCommand, on one: Case, after now: Timestamp) -> Timestamp {
        switch command {
        case .expire(let kind, let department): max(now, one.clock(kind, department)?.dueAt ?? now)
        case .warn(let kind, let department, let percent):
            max(now, one.clock(kind, department).map { context.calendar.instant(at: percent, of: $0) } ?? now)
        default: now.adding(milliseconds: 1)
        }
    }
}

extension CaseCommand {
    /// The clock that it is about.
    var clock: (ClockKind, DepartmentCode?)? {
        switch self {
        case .warn(let kind, let department, _), .expire(let kind, let department): (kind, department)
        default: nil
        }
    }
}
