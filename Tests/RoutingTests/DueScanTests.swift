import Contracts
import EventLog
import EventLoop
import Postgres
import Telemetry
import TestKit
import Testing

@testable import Routing

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct DueScanTests {
    private func waiting(_ desk: TestDesk) async throws -> Int {
        let rows = try await desk.pool.query(
            "SELECT count(*) FROM case_clock WHERE fires_at <= \(desk.clock.now())", as: Int.self)
        return rows.first ?? -1
    }

    @Test func `warnings come once each, then the end, and the street takes what the community let lie`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "E99999", text: "有事")
            try await desk.hear([ticket])
            let opened = try await desk.file(ticket.ticket).serviceCase
            let accept = try #require(opened.clock(.accept))
            let half = (accept.dueAt.milliseconds - desk.clock.now().milliseconds) / 2
            #expect(try await desk.use.fire.scan() == 0)
            desk.clock.advance(.milliseconds(half))
            #expect(try await desk.use.fire.scan() >= 1)
            #expect(try await desk.use.fire.scan() == 0)
            desk.clock.advance(.milliseconds(half + 1))
            try await desk.use.fire.scan()
            let serviceCase = try await desk.file(ticket.ticket).serviceCase
            #expect(serviceCase.isAcceptLapsed)
            #expect(serviceCase.supervision == .street)
            let warned = try await desk.payloads(CaseWarned.self, of: ticket.ticket).filter { $0.clock == .accept }
            #expect(warned.map(\.percent) == [50])
            let overdue = try await desk.payloads(CaseOverdue.self, of: ticket.ticket)
            #expect(overdue.map(\.clock).contains(.accept))
            #expect(try await waiting(desk) == 0)
        }
    }

    @Test func `the scan goes on to the end over many batches and skips no state`() async throws {
        try await TestDesk.with { desk in
            let plates = Array(desk.city.directory.plates.keys).sorted()
            let categories = Array(desk.city.categories.byCode.keys).sorted()
            let tickets = try (1...450).map { number in
                try desk.ticket(
                    number, plate: number % 5 == 0 ? nil : plates[number % plates.count],
                    category: categories[number % categories.count].description)
            }
            try await desk.hear(tickets)
            let call = try #require(
                try await desk.pool.query("SELECT payload FROM outbox WHERE type = 'dispatch.called.v1' ORDER BY id LIMIT 1") { row in
                    try DispatchCalled.decode(try row["payload"] as [UInt8])
                }.first)
            try await desk.feedback(
                FeedbackDisputed(dispatch: call.dispatch, ticket: call.ticket, ground: .notOurPlace),
                from: call.department.description)
            desk.clock.advance(.seconds(40 * 86_400))
            try await desk.use.fire.scan()
            #expect(try await waiting(desk) == 0)
            let files = try await desk.pool.readCases(.tickets(tickets.map(\.ticket))).map { stored in try stored.file }
            #expect(files.count == 450)
            let late = files.flatMap { file in
                file.serviceCase.clocks.filter { !$0.isHeld && !$0.isOverdue && $0.dueAt <= desk.clock.now() }
            }
            #expect(late.isEmpty)
            let disputed = try #require(files.first { $0.serviceCase.id == call.ticket }).serviceCase
            #expect(disputed.clock(.adjudicate, call.department) != nil)
            #expect(disputed.supervision == .district)
        }
    }

    @Test func `a case that somebody works on is left to them and fired by the next scan`() async throws {
        try await TestDesk.with { desk in
            let tickets = try (1...2).map { try desk.ticket($0, plate: desk.plate(), category: "E99999", text: "有事") }
            try await desk.hear(tickets)
            desk.clock.advance(.seconds(10 * 3_600))
            try await desk.pool.transaction { transaction in
                _ = try await transaction.lockCases(.ticket(tickets[0].ticket))
                try await desk.use.fire.scan()
            }
            #expect(try await desk.file(tickets[0].ticket).serviceCase.isAcceptLapsed == false)
            #expect(try await desk.file(tickets[1].ticket).serviceCase.isAcceptLapsed)
            try await desk.use.fire.scan()
            #expect(try await desk.file(tickets[0].ticket).serviceCase.isAcceptLapsed)
        }
    }

    @Test func `the running scan wakes when the clock gets there`() async throws {
        try await TestDesk.with { desk in
            let running = Task(executorPreference: EventLoop.shared) { try await desk.use.fire.run() }
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "E99999", text: "有事")
            try await desk.hear([ticket])
            await eventually("the clock runs out") {
                desk.clock.advance(.seconds(600))
                return try await desk.file(ticket.ticket).serviceCase.isAcceptLapsed
            }
            running.cancel()
            _ = await running.result
            let last = desk.use.fire.metrics.gauge("shao_due_scan_last_success_seconds", "").value
            let now = Double(desk.clock.now().milliseconds) / 1000
            #expect((now - 1200...now).contains(last), "whoever watches sees that the scan comes to its end")
        }
    }
}
