import Contracts
import Postgres
import TestKit
import Testing

@testable import Intake

extension IntakeService {
    /// Whose turn it is, as the resident reads it.
    @Suite struct `Who is awaited` {
        /// The names that the directory of the tests gives to the lead and to a co-handler.
        private static let names = ["市政路灯所", "供电公司"]

        private func unit(_ code: String) throws -> DepartmentCode { try #require(DepartmentCode(code)) }

        private typealias Shown = (course: [String], text: String)

        private func page(_ awaited: [String], unsigned: [String] = [], in state: CaseState) async throws -> Shown {
            var shown: Shown = ([], "")
            try await World.with { world in
                for (code, name) in zip(["ludeng", "gongdian"], Self.names) {
                    let unit = DepartmentRegistered(department: try unit(code), name: name)
                    try await world.pool.execute(PlateQueries.learn([(Int32(1), unit)], into: .department))
                }
                let filed = try await world.file()
                var samples = CaseEventSamples(filed)
                samples.states["case.completed"] = state
                samples.change = { snapshot, _ in
                    snapshot.owner = .department(try unit("ludeng"))
                    (snapshot.lead, snapshot.coHandlers) = (try unit("ludeng"), [try unit("gongdian")])
                    snapshot.awaited = try awaited.map(unit)
                    snapshot.clocks = try unsigned.map { ClockDue(kind: .sign, dueAt: world.clock.now(), department: try unit($0)) }
                }
                try await world.hear(samples.events(["case.opened", "case.completed"]))
                let text = try await world.get(filed.link).text
                shown = (try await world.course(filed.link), String(text.split(separator: "aria-current").last ?? ""))
            }
            return shown
        }

        @Test func `a finished lead is not awaited, its co-handler is`() async throws {
            let shown = try await page(["gongdian"], in: .handling)
            #expect(shown.course.suffix(2) == ["这个单位已办完", "正在处理"])
            #expect(shown.text.contains(Self.names[1]) && !shown.text.contains(Self.names[0]))
        }

        @Test func `all who are at work are named, and not who has still to sign`() async throws {
            let both = try await page(["ludeng", "gongdian"], in: .handling)
            #expect(both.text.contains("市政路灯所、供电公司"))
            let one = try await page(["ludeng", "gongdian"], unsigned: ["gongdian"], in: .handling)
            #expect(one.text.contains(Self.names[0]) && !one.text.contains(Self.names[1]))
        }

        @Test func `who has not signed is waited for to sign, also when the lead has finished`() async throws {
            let late = try await page(["gongdian"], unsigned: ["gongdian"], in: .handling)
            #expect(late.course.last == "等待办理单位签收" && late.text.contains(Self.names[1]) && !late.text.contains(Self.names[0]))
            let lead = try await page(["ludeng", "gongdian"], unsigned: ["ludeng"], in: .dispatched)
            #expect(lead.course.last == "等待办理单位签收" && lead.text.contains(Self.names[0]) && !lead.text.contains(Self.names[1]))
        }

        @Test func `when nobody is awaited any more it waits to be checked`() async throws {
            let shown = try await page([], in: .answered)
            #expect(shown.course.suffix(2) == ["处理完成，等待核查", "正在核查"])
        }
    }
}
