import Contracts
import PageForms
import TestKit
import Testing

@testable import Routing

/// 提级: who asks the district, of which cases, and that nothing but the supervision changes by it.
@Suite struct EscalateTests {
    let world: CaseWorld
    let street: Actor
    private let escalate = Escalate(reason: "两家单位协调不下")

    init() throws {
        world = try CaseWorld()
        street = try world.actor(world.streetUnit)
    }

    private func step(_ serviceCase: ServiceCase, _ action: any CaseAction, _ unit: CaseUnit) throws -> ServiceCase {
        try world.decide(serviceCase, action, by: world.actor(unit), at: serviceCase.changedAt).after
    }

    /// A case in each state from which the district can be asked.
    private func open() throws -> [ServiceCase] {
        let filed = try step(world.open(), Accept(), world.communityUnit)
        let whistled = try step(filed, BlowWhistle(.tough, reason: "两家的事"), world.communityUnit)
        let dispatched = try step(whistled, DispatchUnits(lead: world.a, coHandlers: [world.b], basis: "目录"), world.streetUnit)
        let handling = try step(dispatched, SignFor(order: dispatched.dispatches[0].id), .department(world.a))
        return [filed, whistled, dispatched, handling]
    }

    @Test func `the district watches from then on, and neither state nor owner nor clocks nor orders change`() throws {
        #expect(Set(try open().map(\.state)) == Escalate.from)
        for serviceCase in try open() {
            let now = serviceCase.changedAt.adding(.seconds(60))
            let decision = try world.decide(serviceCase, escalate, by: street, at: now)
            var wanted = serviceCase
            wanted.version += 1
            (wanted.changedAt, wanted.changedBy, wanted.supervision) = (now, street, .district)
            #expect(decision.after == wanted && decision.after.owner == serviceCase.owner)
            #expect(decision.events.map(\.type) == ["case.escalated"])
            let note = try #require(decision.events.first?.note)
            #expect(note.kind == Escalate.escalated && note.words == "两家单位协调不下" && note.by == street.description)
            #expect(decision.recalled.isEmpty && decision.callBasis == nil && decision.onOther == nil)
        }
    }

    @Test func `what the district watches already is refused, whether it was asked or time ran out`() throws {
        for var serviceCase in try open() {
            serviceCase.supervision = .street
            #expect(serviceCase.allows(Escalate.self, by: street))
            let asked = try step(serviceCase, escalate, world.streetUnit)
            var late = serviceCase
            late.supervision = .district
            for watched in [asked, late] {
                #expect(!watched.allows(Escalate.self, by: street))
                #expect(throws: CaseRefusal.alreadyWatched) { try step(watched, escalate, world.streetUnit) }
            }
        }
    }

    @Test func `the street alone asks: neither its district, nor its communities, nor another street`() throws {
        let others: [CaseUnit] = [
            world.districtUnit, world.communityUnit, .department(world.a), .street(try known(AreaCode("310106020000"))),
        ]
        for serviceCase in try open() {
            for other in others {
                #expect(throws: CaseRefusal.notTheStreet) { try step(serviceCase, escalate, other) }
                #expect(!serviceCase.allows(Escalate.self, by: try world.actor(other)))
            }
        }
    }

    @Test func `it gives a reason, without the telephone numbers that were typed`() throws {
        let serviceCase = try #require(try open().first)
        #expect(throws: CaseRefusal.reasonMissing) { try step(serviceCase, Escalate(reason: " "), world.streetUnit) }
        let typed = Escalate(reason: PublicText(scrubbing: "请打 13812345678 找老张"))
        let decision = try world.decide(serviceCase, typed, by: street, at: serviceCase.changedAt)
        #expect(decision.events.first?.note?.words == "请打 \(PersonalData.mark) 找老张")
    }
}

/// The same through the doors, where the case is rows.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct EscalateDoorTests {
    @Test func `asked at the desk it is said, stored and noted, and a second time it is neither offered nor taken`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put(try desk.way(to: .handling, desk.ids.next()), 1)
            // Two pages are open; the other serviceCase is sent when the district watches already.
            var late = try await desk.form(id, "escalate", as: "street")
            try late.fill(["reason": ["另一个人也提级"]])
            let missing = try await desk.submit(id, "escalate", ["reason": [" "]], as: "street")
            #expect(missing.status == 422 && missing.text.contains("请填写"))
            #expect(try await desk.submit(id, "escalate", ["reason": ["两家单位协调不下"]], as: "street").status == 303)
            #expect(try await desk.file(id).serviceCase.supervision == .district)
            #expect(try await desk.payloads(CaseEscalated.self, of: id).map(\.reason) == ["两家单位协调不下"])
            let said = try await desk.said(id)
            #expect(said.last?.hasPrefix("cases.v1 case.escalated.v1") == true)
            let page = try await desk.page("/\(id)", as: "street").text
            #expect(page.contains("两家单位协调不下") && !page.contains("/street/\(id)/escalate"))
            #expect(try await desk.page("/\(id)", as: "district").text.contains("两家单位协调不下"))
            #expect(try await desk.send(late, as: "street").status == 412)
            for (staff, code) in [("street", "already-watched"), ("district", "not-the-street"), ("community", "not-the-street")] {
                let program = try await desk.post(id, "escalate", #"{"reason":"再次提级"}"#, as: staff)
                #expect(program.status == 409 && program.member("code") == code, "\(staff)")
            }
            #expect(try await desk.said(id) == said)
        }
    }

    @Test func `neither the district nor a community is offered it`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put(try desk.way(to: .filed, desk.ids.next()), 1)
            for (staff, isOffered) in [("street", true), ("district", false), ("community", false)] {
                #expect(try await desk.page("/\(id)", as: staff).text.contains("/\(id)/escalate") == isOffered, "\(staff)")
            }
        }
    }
}
