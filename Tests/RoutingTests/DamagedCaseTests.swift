import Contracts
import EventLog
import Postgres
import Telemetry
import TestKit
import Testing

@testable import Routing

/// A row that was damaged by hand harms its own case alone.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct DamagedCaseTests {
    /// One damage for each kind of row that holds a part of a case; each passes the tables' own checks.
    enum Damage: String, CaseIterable, Sendable {
        case category, order, clocks, clocksMissing, whistle, party, result, report

        func statement(_ id: CaseID) -> SQL {
            switch self {
            case .category: "UPDATE service_case SET category = 'no such thing' WHERE ticket = \(id)"
            case .order: "UPDATE dispatch_order SET department = 'NO UNIT' WHERE ticket = \(id)"
            case .clocks: "UPDATE case_clock SET departments = array_fill('NO UNIT'::text, ARRAY[cardinality(kinds)]) WHERE ticket = \(id)"
            case .clocksMissing: "DELETE FROM case_clock WHERE ticket = \(id)"
            case .whistle:
                "INSERT INTO whistle VALUES (gen_random_uuid(), \(id), 'daily', 'community', 'nowhere', '', 0)"
            case .party: "INSERT INTO case_party VALUES (\(id), 1, gen_random_uuid(), 'no number', 0, 'somebody')"
            case .result: "UPDATE service_case SET catalogue_result = 1 WHERE ticket = \(id)"
            case .report: "DELETE FROM case_report WHERE ticket = \(id)"
            }
        }
    }

    @Test(arguments: Damage.allCases)
    func `a damaged row stops neither the scan nor the lists, and its case is shown as damaged`(damage: Damage) async throws {
        try await TestDesk.with { desk in
            let tickets = try (1...3).map { try desk.ticket($0, plate: desk.plate(), category: "P01003") }
            try await desk.hear(tickets)
            let (broken, sound) = (tickets[1].ticket, [tickets[0].ticket, tickets[2].ticket])
            #expect(try await desk.pool.execute(damage.statement(broken)) > 0)
            desk.clock.advance(.seconds(5 * 86_400))
            try await desk.use.fire.scan()
            for id in sound { #expect(try await !desk.payloads(CaseOverdue.self, of: id).isEmpty) }
            #expect(try await desk.payloads(CaseOverdue.self, of: broken).isEmpty)
            // Not tried for ever.
            let waiting = try await desk.pool.query(
                "SELECT count(*) FROM case_clock WHERE fires_at <= \(desk.clock.now())", as: Int.self)
            #expect(waiting == [0])

            let list = try await desk.get("/v1/cases", as: "street")
            #expect(list.status == 200 && list.text.contains("\"damaged\":[\"\(broken)\"]"))
            let page = try await desk.page("?queue=all", as: "street")
            #expect(page.status == 200 && page.text.contains("数据损坏") && page.text.contains(tickets[1].number.description))
            for id in sound {
                #expect(list.text.contains("\"ticket\":\"\(id)\""))
                #expect(try await desk.get("/v1/cases/\(id)", as: "street").status == 200)
            }
            for answer in [
                try await desk.get("/v1/cases/\(broken)", as: "street"), try await desk.get("/v1/cases/\(broken)/deadlines", as: "street"),
                try await desk.post(broken, "accept", as: "street"), try await desk.page("/\(broken)", as: "street"),
            ] {
                #expect(answer.status == 500 && answer.text.contains("case-damaged"))
            }
            // Whose business it is not, learns nothing.
            #expect(try await desk.get("/v1/cases/\(broken)", as: "elsewhere").status == 404)
            #expect(try await desk.post(broken, "accept", as: "elsewhere").status == 404)
            #expect(desk.use.list.damaged.count.value > 0)
        }
    }

    @Test func `a word about a damaged case is refused with a code, and others are taken`() async throws {
        try await TestDesk.with { desk in
            let tickets = try (1...2).map { try desk.ticket($0, plate: desk.plate(), category: "P01003") }
            try await desk.hear(tickets)
            var calls: [DispatchCalled] = []
            for ticket in tickets { calls.append(try #require(try await desk.payloads(DispatchCalled.self, of: ticket.ticket).first)) }
            try await desk.pool.execute("UPDATE service_case SET category = 'x' WHERE ticket = \(tickets[0].ticket)")
            await #expect(throws: ForeignRefusal.self) {
                try await desk.feedback(
                    FeedbackSigned(dispatch: calls[0].dispatch, ticket: calls[0].ticket), from: calls[0].department.description)
            }
            try await desk.feedback(
                FeedbackSigned(dispatch: calls[1].dispatch, ticket: calls[1].ticket), from: calls[1].department.description)
            await #expect(throws: CaseDamaged.self) {
                try await desk.hear([TicketWithdrawn(ticket: tickets[0].ticket)])
            }
        }
    }

    @Test func `a case that cannot be written is put off, and the others of its batch fire`() async throws {
        try await TestDesk.with { desk in
            let tickets = try (1...3).map { try desk.ticket($0, plate: desk.plate(), category: "E99999", text: "有事") }
            try await desk.hear(tickets)
            // The next note of this case has a number that is taken.
            for version in 2...9 {
                try await desk.pool.execute(
                    "INSERT INTO case_note VALUES (\(tickets[1].ticket), \(Int32(version)), 0, 'lapsed', 'street', NULL, NULL)")
            }
            desk.clock.advance(.seconds(5 * 86_400))
            try await desk.use.fire.scan()
            #expect(try await desk.file(tickets[0].ticket).serviceCase.isAcceptLapsed)
            #expect(try await desk.file(tickets[2].ticket).serviceCase.isAcceptLapsed)
            #expect(try await !desk.file(tickets[1].ticket).serviceCase.isAcceptLapsed)
            let waiting = try await desk.pool.query(
                "SELECT count(*) FROM case_clock WHERE fires_at <= \(desk.clock.now())", as: Int.self)
            #expect(waiting == [0])
        }
    }
}
