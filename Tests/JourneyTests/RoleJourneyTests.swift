import Contracts
import TestKit
import Testing

/// One whole way of each role through the very pages that it uses, in a browser before the gateway; departments through Kafka.
@Suite(
    .serialized, .enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)),
    .enabled(if: Phone.isHere, "needs chromium, node, caddy and ../shared/checks"))
struct RoleJourneyTests {
    @Test func `community, street, district and departments bring a matter to its end through their own doors`() async throws {
        try await JourneyStreet.run(.embedded) { street in
            let gateway = try await LocalGateway.start(street)
            do { try await play(street, gateway.address) } catch { Issue.record("\(error)") }
            gateway.stop()
        }
    }

    private func play(_ street: JourneyStreet, _ site: String) async throws {
        let receipt = try await street.report(category: "E99999", text: "灯杆上的线垂下来了，线路归两家管。", phone: "13912345678")
        let ticket = receipt.ticket
        func step(_ name: String, _ queue: String, _ code: String, _ answers: [(name: String, value: String)] = [], phone: Bool = false)
            -> DeskScript.Step
        {
            DeskScript.Step(
                token: JourneyStreet.token(name), base: name == "community" ? "/community" : "/street", ticket: "\(ticket)", queue: queue,
                code: code, answers: answers, isPhone: phone)
        }
        try await Phone.atDesk(
            site,
            [
                step("community", "reported", "accept", phone: true),
                step("community", "filed", "whistle", [("kind", "tough"), ("reason", "两家单位的事")], phone: true),
                step("street", "whistled", "dispatch", [("lead", "ludeng"), ("coHandlers", "gongdian"), ("basis", "城市照明管理规定")]),
            ])
        let first = try await street.call(ticket, of: "ludeng")
        try await dispute(street, first, ticket)
        try await Phone.atDesk(
            site, [step("street", "disputed", "adjudicate", [("verdict", "reassign"), ("to", "shizheng"), ("reason", "杆线归市政")])])
        let lead = try await street.call(ticket, of: "shizheng")
        #expect(lead.dispatch != first.dispatch)
        try await dispute(street, lead, ticket)
        try await Phone.atDesk(
            site,
            [
                step("district", "disputed", "adjudicate", [("verdict", "uphold"), ("reason", "杆线确归市政")]),
                step("street", "all", "suspend", [("until", Self.nextWeek), ("reason", "等配件")]),
                step("street", "suspended", "resume"),
            ])
        let other = try await street.call(ticket, of: "gongdian")
        try await street.answer(FeedbackSigned(dispatch: other.dispatch, ticket: ticket), of: other.department)
        for call in [lead, other] {
            try await street.answer(
                FeedbackCompleted(dispatch: call.dispatch, ticket: ticket, text: "已修复", ending: .solved), of: call.department)
        }
        try await street.resident(receipt, sees: .answered)
        try await Phone.atDesk(site, [step("community", "verify", "verify", [("accepted", "yes"), ("text", "看过了，线收好了")])])
        try await street.resident(receipt, sees: .closed)
        await eventually(within: .seconds(30), "the resident may evaluate") {
            let answers = ["contacted": ["yes"], "solved": ["yes"], "satisfied": ["very"]]
            return try await street.evaluate(receipt, answers) == 200
        }
        try await street.resident(receipt, sees: .evaluated)
    }

    private func dispute(
        _ street: JourneyStreet, _ call: (department: DepartmentCode, dispatch: DispatchID), _ ticket: TicketID
    ) async throws {
        try await street.answer(FeedbackDisputed(dispatch: call.dispatch, ticket: ticket, ground: .notOurDuty), of: call.department)
    }

    private static var nextWeek: String { Timestamp.now().day.adding(days: 7).description }
}
