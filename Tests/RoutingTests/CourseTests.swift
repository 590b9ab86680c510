import Contracts
import EventLog
import Pages
import TestKit
import Testing

@testable import Routing

/// What the staff's page says of a case: its whole course, and clocks by what they are about.
@Suite struct CourseTests {
    let world: CaseWorld
    let city: City

    init() throws {
        world = try CaseWorld()
        city = try City(folder: TestDesk.folder, today: world.start.day, ids: CaseWorld.ids)
    }

    private func presentation() -> CasePresentation { CasePresentation(city: CurrentCity(city), photo: { _, _ in "" }) }

    private func steps(_ before: ServiceCase, _ decision: Decision) -> [Timeline.Step] {
        let report = CaseReport(text: nil, photos: [], point: nil, hasContact: false, reason: "")
        let words = CaseNote.all(CaseOutcome(before: before, report: report, decision: decision))
        return presentation().casePage(CaseFile(serviceCase: decision.after, report: report), words: words, actions: [], csrf: "").steps
    }

    @Test func `every type of event that a case can have stands on the staff's course`() throws {
        var random = Seeded(seed: 5)
        var types: Set<String> = []
        var kinds: Set<NoteKind> = []
        for life in 0..<200 {
            var serviceCase = try world.open(HandlingLevel.allCases[life % 4])
            for _ in 0..<60 where !serviceCase.isWindowOver {
                guard let action = try world.commands(for: serviceCase, at: serviceCase.changedAt).randomElement(using: &random),
                    let actor = try world.actors(for: action, on: serviceCase).randomElement(using: &random)
                else { continue }
                let now = world.instant(of: action, on: serviceCase, after: serviceCase.changedAt)
                guard let decision = try? world.decide(serviceCase, action, by: actor, at: now) else { continue }
                #expect(steps(serviceCase, decision).count == 1 + decision.events.count, "\(type(of: action).name)")
                types.formUnion(CaseEventMapper(city: CurrentCity(city)).events(of: decision).map { type(of: $0.event).type })
                kinds.formUnion(decision.events.compactMap(\.note?.kind))
                serviceCase = decision.after
            }
        }
        #expect(types.union([CaseOpened.type]) == Set(EventRegistry.all.filter { $0.topic == Topics.cases }.map(\.type)))
        #expect(kinds == Set(NoteKind.byCode.values), "an action leaves what it declares")
        #expect(Set(kinds.map(\.title.chinese)).count == kinds.count, "each says something of its own")
    }

    @Test func `the course names the units that were called, the case that was merged into, and who did it`() throws {
        func last(_ serviceCase: ServiceCase, _ action: any CaseAction, by actor: Actor) throws -> Timeline.Step {
            let now = world.instant(of: action, on: serviceCase, after: serviceCase.changedAt)
            return try #require(steps(serviceCase, world.decide(serviceCase, action, by: actor, at: now)).last)
        }
        let community = try world.actor(world.communityUnit)
        let street = try world.actor(world.streetUnit)
        let straight = try world.open(.department)
        let dispatched = try last(straight, DispatchUnits(basis: "三定"), by: .catalogue)
        #expect(dispatched.unit == "派单目录" && dispatched.text == "主办：路灯所；协办：供电公司。依据：三定")
        let serviceCase = try world.open()
        let merged = try last(serviceCase, world.merge(), by: community)
        let number = try world.other().number
        #expect(merged.unit == city.directory.name(of: world.community) && merged.text == "并入 \(number)")
        let declined = try world.decide(serviceCase, Decline(reason: "不属实"), by: community, at: serviceCase.changedAt).after
        let reopened = try last(declined, Reopen(reason: "又坏了"), by: street)
        #expect(reopened.unit == city.directory.name(of: world.street), "the street's, not the resident's")
        let filed = try world.decide(serviceCase, Accept(), by: community, at: serviceCase.changedAt).after
        let answered = try world.decide(filed, Answer(text: "好了", ending: .solved), by: community, at: filed.changedAt).after
        #expect(try last(answered, Close(.solved), by: community).unit == nil)
    }

    @Test func `a window of review is named after what may be reviewed`() throws {
        func clocks(_ action: any CaseAction, by actor: Actor) throws -> [String] {
            let serviceCase = try world.decide(world.open(), action, by: actor, at: world.start.adding(.seconds(60))).after
            let report = CaseReport(text: nil, photos: [], point: nil, hasContact: false, reason: "")
            return presentation().casePage(CaseFile(serviceCase: serviceCase, report: report), words: [], actions: [], csrf: "").clocks.map(
                \.name.chinese)
        }
        let community = try world.actor(world.communityUnit)
        #expect(try clocks(world.merge(), by: community) == ["并单复核"])
        #expect(try clocks(Decline(reason: "不属实"), by: community) == ["不予受理复核"])
        #expect(try clocks(Withdraw(reason: nil), by: world.resident()) == ["撤回复核"])
    }
}

/// The same through the desk's own pages.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct CourseAtDeskTests {
    @Test func `the page of a merged case tells of the merge and of its review`() async throws {
        try await TestDesk.with { desk in
            let (target, other) = (try await desk.put([], 1), try await desk.put([], 2))
            let number = try await desk.file(target).serviceCase.number
            #expect(try await desk.post(other, "merge", #"{"into":"\#(target)"}"#, as: "community").status == 200)
            let page = try await desk.page("/\(other)", as: "community").text
            #expect(page.contains("并单复核") && !page.contains("不予受理复核") && page.contains("并入 \(number)"))
        }
    }

    @Test func `accepting and resuming stand on the course`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            try await desk.submit(id, "accept", as: "community")
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
            let out = try await desk.file(straight.ticket).serviceCase
            try #require(out.state == .dispatched, "the demo city's catalogue sends lamps straight to their department")
            #expect(try await desk.payloads(CaseOpened.self, of: straight.ticket).map(\.sentOut) == [true])
            #expect(try await desk.payloads(CaseOpened.self, of: kept.ticket).map(\.sentOut) == [false])
        }
    }
}
