import Postgres
import ServiceKit
import Contracts
import Testing
import TestKit

@testable import Intake

extension IntakeService {
    @Suite struct `What the resident sees` {
        private static let types = [
            "case.opened", "case.filed", "case.whistled", "case.refused", "case.whistled", "case.dispatched", "case.disputed",
            "case.adjudicated", "case.signed", "case.arrived", "case.progressed", "case.warned", "case.overdue", "case.suspended",
            "case.resumed", "case.completed", "case.answered", "case.verified", "case.closed", "case.reopened", "case.answered", "case.closed",
            "case.evaluated",
        ]
        private static let course = [
            "已收到", "社区已受理", "社区吹哨，请街道调派", "社区吹哨，请街道调派", "已派给办理单位", "正在确定由谁办理", "办理单位已签收", "已到现场",
            "正在处理", "暂缓办理", "恢复办理", "正在处理", "已处理，等待核查", "已办结", "已重新办理", "已处理，等待核查", "已办结", "您已评价",
        ]

        @Test func `every event of a case is told in order, whatever the order in which it was heard`() async throws {
            try await World.with { world in
                let orders: [([Int]) -> [Int]] = [
                    { $0 }, { $0.reversed() }, { $0 + $0 }, { $0.flatMap { [$0, $0] } }, { $0.filter { $0 % 2 == 0 } + $0.filter { $0 % 2 == 1 } },
                ]
                for order in orders {
                    let filed = try await world.file()
                    var story = CaseStory(filed)
                    story.ending = .solved
                    let events = try story.events(Self.types)
                    try await world.hear(order(Array(events.indices)).map { events[$0] })
                    #expect(try await world.course(filed.link) == Self.course)
                    let page = try await world.get(filed.link).text
                    #expect(page.contains("<h1>已解决</h1>"))
                    let answer = try await world.get("/v1/tickets/\(filed.id)?token=\(filed.token)")
                    #expect(answer.member("state") == "evaluated" && answer.header("etag") == "\"\(events.count)\"")
                }
            }
        }

        @Test func `what is awaited, from whom, and until when, stands on the page`() async throws {
            try await World.with { world in
                let filed = try await world.file(), story = CaseStory(filed)
                #expect(try await world.course(filed.link) == ["已收到", "等待社区受理"])
                try await world.hear(story.events(["case.opened", "case.filed", "case.whistled", "case.dispatched"]))
                let page = try await world.get(filed.link).text
                #expect(page.contains("等待办理单位签收") && page.contains("彩虹一社区") && page.contains("彩虹路 12 号灯杆"))
                #expect(!page.contains("/e/"))
                try await world.hear(story.events(["case.closed"], from: 5))
                #expect(try await world.get(filed.link).text.contains(world.links.path(.evaluation, filed.id)))
            }
        }

        @Test(arguments: [
            ("case.closed", Ending.unable, "无法处理"), ("case.closed", .answered, "已答复"), ("case.closed", .solved, "已解决"),
            ("case.declined", .answered, "不予受理"), ("case.withdrawn", .answered, "已撤回"),
        ])
        func `different ends have different names`(type: String, ending: Ending, words: String) async throws {
            try await World.with { world in
                let filed = try await world.file()
                var story = CaseStory(filed)
                story.ending = ending
                try await world.hear(story.events(["case.opened", type]))
                #expect(try await world.get(filed.link).text.contains("<h1>\(words)</h1>"))
            }
        }

        @Test func `a merged report names the other one's number, not its link`() async throws {
            try await World.with { world in
                let other = try await world.file(), filed = try await world.file()
                let event = CaseMerged(snapshot: try CaseStory.snapshot(filed.id, number: filed.number), into: other.id)
                var merged = try CaseStory(filed).events(["case.merged"])[0]
                merged = merged.carrying(event, state: .merged)
                try await world.hear([merged])
                let page = try await world.get(filed.link).text
                #expect(page.contains("<h1>与另一件合并</h1>") && page.contains(other.number) && !page.contains(other.token))
            }
        }

        @Test func `a ticket is withdrawn once, by its reporter, until its case is over`() async throws {
            try await World.with { world in
                let filed = try await world.file(), other = try await world.file()
                let path = "/v1/tickets/\(filed.id)/withdraw"
                let own = [("Authorization", "Bearer \(filed.token)"), ("Content-Type", "application/json")]
                func withdraw(_ headers: [(String, String)], _ body: String = "") async throws -> RawResponse {
                    try await world.send(Request("POST", path, headers: headers, body: Array(body.utf8)))
                }
                #expect(try await withdraw([]).status == 404)
                #expect(try await withdraw([("Authorization", "Bearer \(other.token)")]).status == 404)
                #expect(try await withdraw(own, #"{"why":1}"#).status == 422)
                let first = try await withdraw(own, #"{"reason":"修好了，13800138000"}"#)
                #expect(first.status == 200)
                world.clock.advance(.seconds(60))
                #expect(try await withdraw(own).text == first.text)
                let events = try await world.events().filter { $0.type == "ticket.withdrawn.v1" }
                #expect(events.count == 1 && events[0].version == 2 && !events[0].payload.contains("13800138000"))
                #expect(try await world.get(filed.link).text.contains("<h1>已撤回</h1>"))

                try await world.hear(CaseStory(other).events(["case.opened", "case.closed"]))
                let late = try await world.send(Request("POST", "/v1/tickets/\(other.id)/withdraw", headers: [("Authorization", "Bearer \(other.token)")]))
                #expect(late.status == 409 && late.member("code") == "ticket-closed")
                // The page's button.
                let third = try await world.file()
                let answer = try await world.send(Request("POST", third.link + "/withdraw"))
                #expect(answer.status == 303 && answer.header("location") == third.link)
            }
        }
    }
}
