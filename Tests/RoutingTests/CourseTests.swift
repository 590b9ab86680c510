import Contracts
import EventLog
import Pages
import TestKit
import Testing

@testable import Routing

/// What the staff's sheet says of a case: its whole course, and clocks by what they are about.
@Suite struct CourseTests {
    let world: CaseWorld
    let city: City
    let actor: Actor

    init() throws {
        world = try CaseWorld()
        city = try City(folder: TestDesk.folder, street: "310106019000", today: world.start.day)
        actor = try known(Actor("community:310106019001"))
    }

    private var changes: [CaseChange] {
        get throws {
            let number = try known(TicketNumber(day: world.start.day, sequence: 2))
            let other = try known(CaseID(bytes: CaseWorld.bytes(2)))
            return [
                .opened(reason: "因为"), .filed(by: actor), .declined(by: actor, reason: "不属实"),
                .merged(into: other, number: number, by: actor), .joined(other, number, by: actor), .left(other, number, by: actor),
                .withdrawn(reason: nil), .kept(reason: nil), .answered(by: actor, text: "修好了", photos: [], ending: .solved),
                .whistled(try known(WhistleID(bytes: CaseWorld.bytes(3))), .daily, by: actor, reason: "要部门"),
                .refused(by: actor, reason: "社区可办"), .dispatched(try world.calls(after: world.open()), by: actor, basis: "三定"),
                .signed(world.a, byRule: false), .signed(world.a, byRule: true), .arrived(world.a),
                .disputed(world.a, .notOurDuty, text: nil), .adjudicated(world.a, .reassign, to: world.b, by: actor, reason: "归二所"),
                .progressed(.department(world.a), text: "在修"), .completed(world.a, text: "修好了", photos: []),
                .verified(by: actor, accepted: true, text: nil), .verified(by: actor, accepted: false, text: "不亮"),
                .suspended(by: actor, until: world.start, reason: "等料"), .resumed(by: actor), .closed(.solved),
                .reopened(by: actor, reason: "又坏了"), .evaluated(.yes, .yes, .very), .warned(.handle, world.a, percent: 80),
                .overdue(.accept, nil, dueAt: world.start), .overdue(.handle, world.a, dueAt: world.start),
            ]
        }
    }

    private func showing() -> CaseShowing { CaseShowing(city: city, photo: { _, _ in "" }) }

    @Test func `every type of event that a case can have stands on the staff's course`() throws {
        let (one, report) = (try world.open(), CaseReport(text: nil, photos: [], point: nil, reason: ""))
        var types: Set<String> = []
        var titles: [String] = []
        for change in try changes {
            let decision = Decision(after: one, events: [change], started: [], stopped: [], recalled: [])
            let words = CaseWord.all(CaseOutcome(before: one, report: report, decision: decision), in: city)
            let steps = showing().sheet(CaseFile(one: one, report: report), words: words, actions: [], csrf: "").steps
            if case .opened = change { #expect(steps.count == 1) } else { #expect(steps.count == 2, "\(change)") }
            titles.append(try #require(steps.last).title)
            types.formUnion(CaseNews(city: city).events(of: decision, report).map { type(of: $0.event).type })
        }
        #expect(types == Set(EventRegistry.all.filter { $0.topic == Topics.cases }.map(\.type)))
        #expect(Set(titles).count == titles.count, "each says something of its own")
    }

    @Test func `the course names the units that were called, the case that was merged into, and who did it`() throws {
        let (one, report) = (try world.open(), CaseReport(text: nil, photos: [], point: nil, reason: ""))
        func last(_ change: CaseChange) throws -> (unit: String?, text: String?) {
            let decision = Decision(after: one, events: [change], started: [], stopped: [], recalled: [])
            let words = CaseWord.all(CaseOutcome(before: one, report: report, decision: decision), in: city)
            let step = showing().sheet(CaseFile(one: one, report: report), words: words, actions: [], csrf: "").steps.last
            return (step?.unit, step?.text)
        }
        let dispatched = try last(.dispatched(try world.calls(after: one), by: city.actors.catalogue.code, basis: "三定"))
        #expect(dispatched.unit == "派单目录")
        #expect(dispatched.text == "主办：\(city.name(of: .department(world.a)))；协办：\(city.name(of: .department(world.b)))。依据：三定")
        let number = try known(TicketNumber(day: world.start.day, sequence: 2))
        let merged = try last(.merged(into: one.id, number: number, by: actor))
        #expect(merged.unit == city.directory.name(of: world.community) && merged.text == "并入 \(number)")
        let reopened = try last(.reopened(by: try known(Actor("street:310106019000")), reason: "又坏了"))
        #expect(reopened.unit == city.directory.name(of: world.street), "the street's, not the resident's")
        #expect(try last(.closed(.solved)).unit == nil)
    }

    @Test func `a window of review is named after what may be reviewed`() throws {
        func clocks(_ command: CaseCommand, by actor: CaseActor) throws -> [String] {
            let one = try CaseTable.decide(world.open(), command, by: actor, at: world.start.adding(.seconds(60)), in: world.context).after
            let report = CaseReport(text: nil, photos: [], point: nil, reason: "")
            return showing().sheet(CaseFile(one: one, report: report), words: [], actions: [], csrf: "").clocks.map(\.name.chinese)
        }
        let community = try world.actor(world.communityUnit)
        #expect(try clocks(world.merge(), by: community) == ["并单复核"])
        #expect(try clocks(.decline(reason: "不属实"), by: community) == ["不予受理复核"])
        #expect(try clocks(.withdraw(reason: nil), by: world.resident()) == ["撤回复核"])
    }

    @Test func `a case from before each event had its row still shows who was called and that it was closed`() throws {
        let calls = try world.calls(after: world.open())
        var one = try CaseTable.decide(
            world.open(), .dispatch(calls, basis: "三定"), by: world.actor(world.streetUnit), at: world.start.adding(.seconds(60)),
            in: world.context
        ).after
        one = try CaseTable.decide(
            one, .sign(calls[0].dispatch), by: world.actor(.department(world.a)), at: world.start.adding(.seconds(120)), in: world.context
        ).after
        let report = CaseReport(text: nil, photos: [], point: nil, reason: "")
        func titles(_ words: [CaseWord]) -> [String] {
            showing().sheet(CaseFile(one: one, report: report), words: words, actions: [], csrf: "").steps.map(\.title)
        }
        #expect(titles([]) == ["上报", "派单（主办）", "派单（协办）", "签收"])
        let signed = CaseWord(
            ticket: one.id, version: 3, kind: .signed, by: world.a.description, at: one.changedAt, words: nil, photos: [])
        #expect(titles([signed]).count { $0 == "签收" } == 1)
    }
}

/// The same through the desk's own pages.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct CourseAtDeskTests {
    @Test func `the sheet of a merged case tells of the merge and of its review`() async throws {
        try await TestDesk.with { desk in
            let (target, other) = (try await desk.put([], 1), try await desk.put([], 2))
            let number = try await desk.file(target).one.number
            #expect(try await desk.post(other, "merge", #"{"into":"\#(target)"}"#, as: "community").status == 200)
            let page = try await desk.page("/\(other)", as: "community").text
            #expect(page.contains("并单复核") && !page.contains("不予受理复核") && page.contains("并入 \(number)"))
        }
    }

    @Test func `accepting and resuming stand on the course`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            try await desk.submit(id, "file", as: "community")
            try await desk.submit(id, "suspend", ["until": ["2026-12-01"], "reason": ["等料"]], as: "street")
            try await desk.submit(id, "resume", as: "street")
            let page = try await desk.page("/\(id)?queue=all", as: "community").text
            for title in ["受理", "挂账", "恢复办理"] { #expect(page.contains("<h3>\(title)</h3>"), "\(title)") }
        }
    }

    @Test func `the opening says whether departments were called at once`() async throws {
        try await TestDesk.with { desk in
            let straight = try desk.ticket(1, plate: desk.plate(), category: "P01006")
            let kept = try desk.ticket(2, plate: desk.plate(), category: "E99999")
            try await desk.hear([straight, kept])
            let out = try await desk.file(straight.ticket).one
            try #require(out.state == .dispatched, "the demo city's catalogue sends lamps straight to their department")
            #expect(try await desk.payloads(CaseOpened.self, of: straight.ticket).map(\.sentOut) == [true])
            #expect(try await desk.payloads(CaseOpened.self, of: kept.ticket).map(\.sentOut) == [false])
        }
    }
}
