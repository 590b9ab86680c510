import Contracts
import Testing

@testable import Routing

/// Limits in working time that cross a lunch break, nights, a weekend, the October holiday and its made-up Saturday; a report that
/// is opened later than it was submitted.
struct WorkingWorld {
    let world: CaseWorld
    let context: CaseContext

    init() throws {
        world = try CaseWorld()
        var exceptions: [ChineseDay: WorkCalendar.DayKind] = [try known(ChineseDay("2026-10-10")): .makeUpWorkday("国庆节调休")]
        for day in 1...7 { exceptions[try known(ChineseDay("2026-10-0\(day)"))] = .holiday("国庆节") }
        let calendar = try known(
            WorkCalendar(
                firstDay: known(ChineseDay("2026-01-01")), lastDay: known(ChineseDay("2026-12-31")), exceptions: exceptions,
                workingTime: [.init(from: 510, to: 720), .init(from: 810, to: 1_050)]))
        let limits: [ClockKind: (Int, ClockUnit)] = [
            .firstAnswer: (15, .naturalHours), .dispatch: (24, .naturalHours), .sign: (4, .workingHours), .handle: (5, .workingDays),
            .contact: (24, .naturalHours), .adjudicate: (2, .workingDays), .verify: (2, .workingDays), .evaluate: (7, .naturalDays),
            .overall: (15, .workingDays),
        ]
        let profile = ClockProfile(
            code: "ordinary", name: "一般", limits: try limits.mapValues { try known(ClockLimit($0.0, $0.1)) })
        context = CaseContext(
            calendar: calendar, profiles: ["ordinary": profile], policy: world.context.policy, departments: world.context.departments,
            serves: world.context.serves,
            ids: world.context.ids)
    }

    func open(submitted: String, opened: String, _ level: HandlingLevel = .department) throws -> ServiceCase {
        let usual = try world.opening(level)
        let opening = try CaseOpening(
            id: usual.id, number: usual.number, place: usual.place, category: usual.category, urgency: usual.urgency,
            channel: usual.channel, routing: usual.routing, submittedAt: moment(submitted))
        return ServiceCase.open(opening, by: world.rule(), at: try moment(opened), in: context).after
    }

    /// `2026-09-30 11:40` in China.
    func moment(_ text: String) throws -> Timestamp { try known(Timestamp(text.replacing(" ", with: "T") + ":00+08:00")) }

    func step(_ serviceCase: ServiceCase, _ command: any CaseAction, by actor: Actor, at text: String) throws -> ServiceCase {
        try serviceCase.decide(command, by: actor, at: moment(text), in: context).after
    }

    /// Called by the catalogue on Tuesday, 29 September, at 16:40.
    func called() throws -> ServiceCase {
        let serviceCase = try open(submitted: "2026-09-29 16:25", opened: "2026-09-29 16:30")
        return try step(
            serviceCase, DispatchUnits(lead: world.a, coHandlers: [world.b], basis: "目录"), by: world.rule(), at: "2026-09-29 16:40")
    }

    func due(_ serviceCase: ServiceCase, _ kind: ClockKind, _ department: DepartmentCode? = nil) throws -> String {
        try #require(serviceCase.clock(kind, department)).dueAt.chinese
    }
}

@Suite struct WorkingTimeTests {
    let street: WorkingWorld
    init() throws { street = try WorkingWorld() }
    private var a: DepartmentCode { street.world.a }

    @Test func `four working hours cross the evening, five working days the holiday and its made-up Saturday`() throws {
        let serviceCase = try street.called()
        #expect(try street.due(serviceCase, .sign, a) == "2026-09-30 11:40")
        #expect(try street.due(serviceCase, .handle, a) == "2026-10-12 17:30")
        let late = try street.open(submitted: "2026-09-29 23:49", opened: "2026-09-29 23:49")
        let night = try street.step(
            late, DispatchUnits(lead: a, coHandlers: [street.world.b], basis: "目录"), by: street.world.rule(), at: "2026-09-29 23:50")
        #expect(try street.due(night, .sign, a) == "2026-09-30 14:00", "three and a half before the break, the rest after it")
    }

    @Test func `what is promised to the resident counts from the report and runs through midnight`() throws {
        let serviceCase = try street.open(submitted: "2026-09-29 22:00", opened: "2026-09-29 22:05", .community)
        #expect(try street.due(serviceCase, .firstAnswer) == "2026-09-30 13:00")
        #expect(
            serviceCase.clock(.firstAnswer)?.startedAt == serviceCase.submittedAt
                && serviceCase.clock(.overall)?.startedAt == serviceCase.submittedAt)
        let clock = try #require(serviceCase.clock(.firstAnswer))
        #expect(street.context.calendar.instant(at: 50, of: clock).chinese == "2026-09-30 05:30")
    }

    @Test func `warnings wait for the share of working time, not of the night`() throws {
        let clock = try #require(try street.called().clock(.sign, a))
        func warning(_ text: String) throws -> Int? { street.context.calendar.warning(for: clock, at: try street.moment(text)) }
        #expect(try warning("2026-09-30 09:39") == nil)
        #expect(try warning("2026-09-30 09:40") == 50)
        #expect(try warning("2026-09-30 10:51") == 50)
        #expect(try warning("2026-09-30 10:52") == 80)
    }

    @Test func `a pause gives back the working time that was left, across the holiday`() throws {
        let world = street.world
        var serviceCase = try street.called()
        for dispatch in serviceCase.dispatches {
            serviceCase = try street.step(
                serviceCase, SignFor(order: dispatch.id), by: world.actor(.department(dispatch.department)), at: "2026-09-29 17:00")
        }
        let pause = Suspend(until: try street.moment("2026-10-13 00:00"), reason: "等配件")
        let held = try street.step(serviceCase, pause, by: world.actor(world.streetUnit), at: "2026-09-30 10:00")
        let left = try #require(held.clock(.handle, a)?.heldWith)
        #expect(left == 129_600_000, "36 working hours are left")
        let resumed = try street.step(held, Resume(), by: world.actor(world.streetUnit), at: "2026-10-09 09:00")
        #expect(try street.due(resumed, .handle, a) == "2026-10-14 16:30")
        #expect(try street.due(resumed, .handle, world.b) == "2026-10-14 16:30")
        #expect(try street.due(resumed, .contact) == "2026-10-09 15:40", "natural hours are given back as such")
        #expect(resumed.clock(.overall) == serviceCase.clock(.overall))
    }

    @Test func `a dispute takes nothing from the handling time, and the next unit signs in its own`() throws {
        let world = street.world
        let serviceCase = try street.called()
        let lead = serviceCase.dispatches[0].id
        let disputed = try street.step(
            serviceCase, RaiseDispute(order: lead, ground: .notOurDuty, text: nil), by: world.actor(.department(a)), at: "2026-09-30 11:00")
        #expect(try street.due(disputed, .adjudicate, a) == "2026-10-09 17:30")
        let moved = try street.step(
            disputed, Adjudicate(lead, .reassign, to: world.c), by: world.actor(world.streetUnit), at: "2026-10-08 09:00")
        #expect(try street.due(moved, .handle, world.c) == "2026-10-12 17:30")
        #expect(try street.due(moved, .sign, world.c) == "2026-10-08 14:30")
    }
}
