import Contracts
import Crypto
import ServiceKit
import TestKit
import Testing

@testable import Routing

/// Every word to a department says where it belongs: whoever serves several cities or streets sorts by it without asking.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct DispatchPlaceTests {
    private func belongs(_ event: some DispatchEvent, to department: String) -> Bool {
        event.department.description == department && event.city.description == "310000000000"
            && event.street.description == "310106019000"
    }

    @Test(arguments: [true, false])
    func `called, recalled and closed name department, city and street, and called whether the reporter can be reached`(
        hasContact: Bool
    ) async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "P01003", hasContact: hasContact)
            let id = ticket.ticket
            try await desk.hear([ticket])
            #expect(try await desk.file(id).report.hasContact == hasContact, "kept with the report")
            let calls = try await desk.payloads(DispatchCalled.self, of: id)
            #expect(Set(calls.map(\.department.description)) == ["paishui", "shizheng"])
            for call in calls { #expect(belongs(call, to: call.department.description) && call.hasContact == hasContact) }
            let lead = try #require(calls.first { $0.role == .lead })
            try await desk.feedback(FeedbackDisputed(dispatch: lead.dispatch, ticket: id, ground: .notOurDuty), from: "paishui")
            #expect(try await desk.post(id, "adjudicate", #"{"verdict":"reassign","to":"ludeng"}"#, as: "street").status == 200)
            let recalled = try #require(try await desk.payloads(DispatchRecalled.self, of: id).first)
            #expect(belongs(recalled, to: "paishui"))
            // Read from the database, not remembered from the opening.
            let again = try #require(try await desk.payloads(DispatchCalled.self, of: id).last { $0.department.description == "ludeng" })
            #expect(belongs(again, to: "ludeng") && again.hasContact == hasContact)
        }
    }

    @Test func `what is closed names its place`() throws {
        let (world, city) = (
            try CaseWorld(),
            try City(folder: TestDesk.folder, today: known(ChineseDay("2026-11-02")), ids: CaseWorld.ids)
        )
        var serviceCase = try world.decide(
            world.open(.department), DispatchUnits(lead: world.a, coHandlers: [], basis: "目录"), by: world.rule(), at: world.start
        ).after
        let unit = try world.actor(.department(world.a))
        let order = try #require(serviceCase.activeDispatches.first?.id)
        for action in [SignFor(order: order), Complete(order: order, text: "修好了", photos: [])] as [any CaseAction] {
            serviceCase = try world.decide(serviceCase, action, by: unit, at: serviceCase.changedAt).after
        }
        let decision = try world.decide(
            serviceCase, Verify(accepted: true, ending: .solved, text: nil), by: world.actor(serviceCase.owner), at: serviceCase.changedAt)
        let links = PrivateLinks(key: .init(Array("key".utf8)))
        let mapper = DispatchEventMapper(city: CurrentCity(city), links: links, publicURL: "http://shao.test")
        let messages = mapper.messages(
            from: serviceCase, by: decision, CaseReport(text: nil, photos: [], point: nil, hasContact: false, reason: ""))
        let closed = messages.compactMap { $0.event as? DispatchClosed }
        #expect(closed.count == 1 && closed.allSatisfy { belongs($0, to: "ludeng") })
    }
}
