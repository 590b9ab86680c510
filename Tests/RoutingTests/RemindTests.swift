import Contracts
import PageForms
import TestKit
import Testing

@testable import Routing

/// 催办: who asks whom, how often, and that nothing else changes by it.
@Suite struct RemindTests {
    let world: CaseWorld
    let street: Actor

    init() throws {
        world = try CaseWorld()
        street = try world.actor(world.streetUnit)
    }

    /// Two units are called; the first has signed.
    private func handling() throws -> ServiceCase {
        let dispatched = try world.decide(
            world.open(.department), DispatchUnits(lead: world.a, coHandlers: [world.b], basis: "目录"), by: street, at: world.start
        ).after
        return try done(dispatched, world.a) { SignFor(order: $0) }
    }

    private func done(_ serviceCase: ServiceCase, _ unit: DepartmentCode, _ action: (DispatchID) -> any CaseAction) throws -> ServiceCase {
        let order = try known(serviceCase.activeDispatches.first { $0.department == unit }).id
        return try world.decide(serviceCase, action(order), by: world.actor(.department(unit)), at: serviceCase.changedAt).after
    }

    private func remind(
        _ serviceCase: ServiceCase, _ unit: DepartmentCode?, _ text: PublicText = "请回话", at now: Timestamp? = nil, notes: [CaseNote] = []
    ) throws(CaseRefusal) -> Decision {
        try world.decide(serviceCase, Remind(unit, text: text), by: street, at: now ?? serviceCase.changedAt, notes: notes)
    }

    private func notes(_ before: ServiceCase, _ decision: Decision) -> [CaseNote] {
        CaseNote.all(
            CaseOutcome(
                before: before, report: CaseReport(text: nil, photos: [], point: nil, hasContact: false, reason: ""), decision: decision))
    }

    @Test func `it is noted with the unit and the words, and changes neither state nor clocks nor orders`() throws {
        let serviceCase = try handling()
        let decision = try remind(serviceCase, world.b, at: serviceCase.changedAt.adding(.seconds(60)))
        var wanted = serviceCase
        wanted.version += 1
        wanted.changedAt = serviceCase.changedAt.adding(.seconds(60))
        wanted.changedBy = street
        #expect(decision.after == wanted)
        let note = try #require(notes(serviceCase, decision).first)
        #expect(note.kind == Remind.reminded && note.about == world.b && note.words == "供电公司：请回话" && note.by == street.description)
        #expect(note.person == CaseWorld.person)
        #expect(decision.recalled.isEmpty && decision.callBasis == nil && decision.onOther == nil)
    }

    @Test func `a unit is asked again after an hour, not a moment before, whoever else was asked`() throws {
        let serviceCase = try handling()
        let first = try remind(serviceCase, world.a)
        let said = notes(serviceCase, first)
        let hour = first.after.changedAt.adding(Remind.interval)
        #expect(hour.milliseconds(since: first.after.changedAt) == 3_600_000)
        let early = hour.adding(milliseconds: -1)
        #expect(throws: CaseRefusal.alreadyReminded) { try remind(first.after, world.a, at: early, notes: said) }
        let other = try remind(first.after, world.b, at: early, notes: said)
        #expect(try remind(other.after, world.a, at: hour, notes: said + notes(first.after, other)).events.count == 1)
        #expect(throws: CaseRefusal.alreadyReminded) {
            try remind(other.after, world.b, at: hour, notes: said + notes(first.after, other))
        }
    }

    @Test func `of several units one is named, a single one need not be, and who has finished is not asked`() throws {
        let both = try handling()
        #expect(throws: CaseRefusal.unitNotNamed) { try remind(both, nil) }
        #expect(throws: CaseRefusal.notAwaited) { try remind(both, world.c) }
        let serviceCase = try done(both, world.a) { Complete(order: $0, text: "修好了") }
        #expect(throws: CaseRefusal.notAwaited) { try remind(serviceCase, world.a) }
        let decision = try remind(serviceCase, nil)
        #expect(notes(serviceCase, decision).map(\.about) == [world.b])
    }

    @Test func `it asks for something, without the telephone numbers that were typed`() throws {
        let serviceCase = try handling()
        #expect(throws: CaseRefusal.nothingAsked) { try remind(serviceCase, world.a, " ") }
        let decision = try remind(serviceCase, world.a, PublicText(scrubbing: "请打 13812345678 回话"))
        #expect(notes(serviceCase, decision).first?.words == "路灯所：请打 \(PersonalData.mark) 回话")
    }
}

/// The same through the doors, where notes are rows.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct RemindDoorTests {
    @Test func `a second reminder within the hour is refused at both doors and leaves nothing`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put(try desk.way(to: .handling, desk.ids.next()), 1)
            #expect(try await desk.submit(id, "remind", ["text": ["请今天回话"]], as: "street").status == 303)
            let said = try await desk.said(id)
            #expect(said.last?.hasPrefix("cases.v1 case.reminded.v1") == true)
            desk.clock.advance(.milliseconds(3_599_999))
            let again = try await desk.submit(id, "remind", ["text": ["又催一次"]], as: "district")
            #expect(again.status == 409 && again.text.contains("一小时内已催办过该单位") && again.text.contains("又催一次</textarea>"))
            let program = try await desk.post(id, "remind", #"{"department":"ludeng","text":"又催一次"}"#, as: "street")
            #expect(program.status == 409 && program.member("code") == "already-reminded")
            #expect(try await desk.said(id) == said)
            desk.clock.advance(.milliseconds(1))
            #expect(try await desk.post(id, "remind", #"{"text":"又催一次"}"#, as: "street").status == 200)
            let events = try await desk.payloads(CaseReminded.self, of: id)
            #expect(events.map(\.department.description) == ["ludeng", "ludeng"] && events.map(\.text) == ["请今天回话", "又催一次"])
        }
    }

    @Test func `the desk offers the units that have not finished, and reads what was asked on the course`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "E99999", text: "灯杆上的线垂下来了")
            try await desk.hear([ticket])
            let id = ticket.ticket
            try await desk.submit(id, "accept", as: "community")
            try await desk.submit(id, "whistle", ["kind": ["daily"], "reason": ["要部门"]], as: "community")
            let units = ["lead": ["ludeng"], "coHandlers": ["paishui", "chengguan"], "basis": ["三定"]]
            try await desk.submit(id, "dispatch", units, as: "street")
            let calls = try await desk.payloads(DispatchCalled.self, of: id)
            let lead = try #require(calls.first { $0.department.description == "ludeng" })
            try await desk.feedback(FeedbackSigned(dispatch: lead.dispatch, ticket: id), from: "ludeng")
            try await desk.feedback(FeedbackCompleted(dispatch: lead.dispatch, ticket: id, text: "修好了"), from: "ludeng")
            let form = try await desk.form(id, "remind", as: "street")
            #expect(form["department"]?.offers.sorted() == ["chengguan", "paishui"])
            let unnamed = try await desk.submit(id, "remind", ["text": ["请回话"]], as: "street")
            #expect(unnamed.status == 422 && unnamed.text.contains("有多个单位在办，请选择一个"))
            let done = try await desk.post(id, "remind", #"{"department":"ludeng","text":"请回话"}"#, as: "street")
            #expect(done.status == 409 && done.member("code") == "not-awaited")
            let clocks = try await desk.file(id).serviceCase.clocks
            #expect(try await desk.submit(id, "remind", ["department": ["paishui"], "text": ["请回话"]], as: "street").status == 303)
            #expect(try await desk.file(id).serviceCase.clocks == clocks)
            let paishui = desk.city.name(of: .department(try #require(DepartmentCode("paishui"))))
            #expect(try await desk.page("/\(id)", as: "street").text.contains("\(paishui)：请回话"))
        }
    }
}
