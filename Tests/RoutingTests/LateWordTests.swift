import Contracts
import Postgres
import TestKit
import Testing

@testable import Routing

extension CaseHistoryTests {
    @Test func `a withdrawal takes back what nobody has taken up, and is noted on everything else`() throws {
        let reported = try world.open()
        let withdrawn = try step(reported, Withdraw(reason: "修好了")).after
        #expect(withdrawn.state == .withdrawn)
        let filed = try walk(reported, [Accept()])
        let closed = try walk(filed, [Answer(text: "好了", photos: [], ending: .solved), Close(.solved)])
        let (called, lead, _) = try dispatched()
        let held = try walk(called, [SignFor(order: lead), Suspend(until: called.changedAt.adding(.seconds(90_000)), reason: "等配件")])
        let others = try [filed, called, held, closed, withdrawn, walk(reported, [Decline(reason: "不属实")])]
        for serviceCase in others {
            let decision = try step(serviceCase, Withdraw(reason: "修好了"))
            #expect(decision.events.count == 1 && decision.after.version == serviceCase.version + 1)
            #expect(decision.after.state == serviceCase.state && decision.after.owner == serviceCase.owner)
            #expect(
                decision.after.clocks == serviceCase.clocks && decision.after.dispatches == serviceCase.dispatches
                    && decision.recalled.isEmpty)
            #expect(try refusal(serviceCase, Withdraw(reason: nil), by: world.actor(world.streetUnit)) == "not-the-resident")
        }
    }
}

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct LateWordTests {
    private func words(_ desk: TestDesk, _ id: CaseID) async throws -> [String] {
        try await desk.pool.query(
            "SELECT version, kind::text AS kind, said_by, text AS words FROM case_note WHERE ticket = \(id) ORDER BY version"
        ) { row in
            "\(try row["version"] as Int32) \(try row["kind"] as String) \(try row["said_by"] as String) \(try row["words"] as String? ?? "-")"
        }
    }

    @Test func `a withdrawal that crossed the filing stands on the case's course in the resident's words`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "E99999", text: "有事")
            try await desk.hear([ticket])
            #expect(try await desk.post(ticket.ticket, "accept", as: "community").status == 200)
            try await desk.hear([TicketWithdrawn(ticket: ticket.ticket, reason: "邻居修好了")])
            let file = try await desk.file(ticket.ticket)
            #expect(file.serviceCase.state == .filed && file.serviceCase.version == 3)
            #expect(try await desk.said(ticket.ticket).last == "cases.v1 case.kept.v1 3")
            #expect(try await words(desk, ticket.ticket) == ["2 filed community:310106019001 -", "3 kept resident 邻居修好了"])
            // The work goes on, and whoever works on it reads what the resident said.
            let answer = #"{"text":"看过了，已修好","ending":"solved"}"#
            #expect(try await desk.post(ticket.ticket, "answer", answer, as: "community").status == 200)
        }
    }

    @Test func `the reason of a withdrawal in time is kept as well`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "E99999", text: "有事")
            try await desk.hear([ticket])
            try await desk.hear([TicketWithdrawn(ticket: ticket.ticket, reason: "邻居修好了")])
            #expect(try await desk.file(ticket.ticket).serviceCase.state == .withdrawn)
            #expect(try await words(desk, ticket.ticket) == ["2 withdrawn resident 邻居修好了"])
        }
    }

    @Test func `departments called straight away are told by the case's event, and their work goes on`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "P01003")
            try await desk.hear([ticket])
            try await desk.hear([TicketWithdrawn(ticket: ticket.ticket)])
            #expect(try await desk.file(ticket.ticket).serviceCase.state == .dispatched)
            #expect(try await desk.said(ticket.ticket).last == "cases.v1 case.kept.v1 3")
        }
    }

    @Test func `a withdrawal of a case that is not here is no small matter`() async throws {
        try await TestDesk.with { desk in
            await #expect(throws: (any Error).self) { try await desk.hear([TicketWithdrawn(ticket: desk.ids.next())]) }
        }
    }
}
