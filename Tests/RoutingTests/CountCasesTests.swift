import Contracts
import Postgres
import Telemetry
import TestKit
import Testing

@testable import Routing

/// What is told to those who watch the street's work as a whole.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct CountCasesTests {
    private func waiting(_ desk: TestDesk, _ state: CaseState) -> Double {
        desk.use.fire.metrics.gauge("shao_cases_waiting", "", labels: [("state", state.rawValue)]).value
    }

    @Test func `cases are counted by the state in which they wait, and a state that is empty again says so`() async throws {
        try await TestDesk.with { desk in
            let tickets = try (1...3).map { try desk.ticket($0, plate: desk.plate(), category: "E99999", text: "有事") }
            try await desk.hear(tickets)
            try await desk.use.count.count()
            #expect(waiting(desk, .reported) == 3)
            try await desk.pool.execute("UPDATE service_case SET state = 'withdrawn'")
            try await desk.use.count.count()
            #expect(CaseState.allCases.allSatisfy { waiting(desk, $0) == 0 }, "what is over does not wait")
        }
    }

    @Test func `each call of a department is counted once it is committed`() async throws {
        try await TestDesk.with { desk in
            let called = desk.use.fire.metrics.counter("shao_dispatches_total", "")
            let categories = Array(desk.city.categories.byCode.keys).sorted()
            let tickets = try categories.enumerated().map { place, category in
                try desk.ticket(place + 1, plate: desk.plate(), category: category.description)
            }
            try await desk.hear(tickets)
            let rows = try await desk.pool.query("SELECT count(*) FROM dispatch_order", as: Int64.self)
            #expect(rows == [Int64(called.value)] && called.value > 0)
        }
    }
}
