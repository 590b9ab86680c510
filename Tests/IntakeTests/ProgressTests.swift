import Contracts
import Postgres
import ServiceKit
import TestKit
import Testing

@testable import EventLog
@testable import Intake

extension IntakeService {
    @Suite struct `What the resident sees` {
        private static let types = [
            "case.opened", "case.filed", "case.whistled", "case.refused", "case.whistled", "case.dispatched", "case.disputed",
            "case.adjudicated", "case.signed", "case.arrived", "case.progressed", "case.warned", "case.overdue", "case.suspended",
            "case.resumed", "case.completed", "case.answered", "case.verified", "case.closed", "case.reopened", "case.answered",
            "case.closed",
            "case.evaluated",
        ]
        private static let course = [
            "已收到", "已受理", "吹哨，请街道调派", "吹哨，请街道调派", "已派给办理单位", "正在确定由谁办理", "办理单位已签收", "已到现场",
            "正在处理", "社区未按时受理，街道已介入", "暂缓办理", "恢复办理", "处理完成，等待核查", "已有处理结果，等待核查", "已办结", "已重新办理", "已有处理结果，等待核查", "已办结", "您已评价",
        ]

        @Test func `every event of a case is told in order, whatever the order in which it was heard`() async throws {
            try await World.with { world in
                let orders: [([Int]) -> [Int]] = [
                    { $0 }, { $0.reversed() }, { $0 + $0 }, { $0.flatMap { [$0, $0] } },
                    { $0.filter { $0 % 2 == 0 } + $0.filter { $0 % 2 == 1 } },
                ]
                for order in orders {
                    let filed = try await world.file()
                    var samples = CaseEventSamples(filed)
                    samples.ending = .solved
                    let events = try samples.events(Self.types)
                    try await world.hear(order(Array(events.indices)).map { events[$0] })
                    #expect(try await world.course(filed.link) == Self.course)
                    let page = try await world.get(filed.link).text
                    #expect(page.contains("<h1>已解决</h1>"))
                    let answer = try await world.get("/v1/tickets/\(filed.id)?token=\(filed.token)")
                    #expect(answer.member("state") == "evaluated" && answer.header("etag") == "\"\(events.count)\"")
                }
            }
        }

        @Test func `what is said among the staff is neither shown nor answered`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                var samples = CaseEventSamples(filed)
                let known = try samples.events(["case.opened", "case.filed", "case.dispatched"])
                try await world.hear(known)
                let course = try await world.course(filed.link)
                let types = try EventRegistry.all.filter { $0.topic == Topics.cases }.map(\.type).filter {
                    try samples.events([$0]).first?.body is any StaffEvent
                }
                #expect(types.contains("case.reminded") && types.contains("case.escalated"))
                for type in types { samples.states[type] = .dispatched }
                for (place, type) in types.enumerated() {
                    try await world.hear(samples.events([type], from: Int32(known.count + 1 + place)))
                    #expect(try await world.course(filed.link) == course, "\(type)")
                }
                let answer = try await world.get("/v1/tickets/\(filed.id)?token=\(filed.token)")
                let pages = try await world.get(filed.link).text + answer.text
                #expect(answer.status == 200)
                for words in ["下班前", "催办", "协调不下", "提级"] { #expect(!pages.contains(words), "\(words)") }
            }
        }

        @Test func `what is awaited, from whom, and until when, stands on the page`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                let samples = CaseEventSamples(filed)
                #expect(try await world.course(filed.link) == ["已收到", "等待社区受理"])
                try await world.hear(samples.events(["case.opened", "case.filed", "case.whistled", "case.dispatched"]))
                let page = try await world.get(filed.link).text
                #expect(page.contains("等待办理单位签收") && page.contains("彩虹一社区") && page.contains("彩虹路 12 号灯杆"))
                #expect(!page.contains("/e/"))
                try await world.hear(samples.events(["case.closed"], from: 5))
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
                var samples = CaseEventSamples(filed)
                samples.ending = ending
                try await world.hear(samples.events(["case.opened", type]))
                #expect(try await world.get(filed.link).text.contains("<h1>\(words)</h1>"))
            }
        }

        @Test func `a merged report names the other one's number, not its link`() async throws {
            try await World.with { world in
                let other = try await world.file()
                let filed = try await world.file()
                let event = CaseMerged(snapshot: try CaseEventSamples.snapshot(filed.id, number: filed.number, mergedInto: other.id))
                var merged = try CaseEventSamples(filed).events(["case.merged"])[0]
                merged = merged.carrying(event, state: .merged)
                try await world.hear([merged])
                let page = try await world.get(filed.link).text
                #expect(page.contains("<h1>与另一件合并</h1>") && page.contains(other.number) && !page.contains(other.token))
            }
        }

        @Test func `a ticket is withdrawn once, by its reporter, until its case is over`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                let other = try await world.file()
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
                // Nobody has said yet what becomes of it.
                #expect(try await world.course(filed.link) == ["已收到", "您要求撤回", "正在撤回"])
                try await world.hear(CaseEventSamples(filed).events(["case.opened", "case.withdrawn"]))
                #expect(try await world.get(filed.link).text.contains("<h1>已撤回</h1>"))
                #expect(try await world.course(filed.link) == ["已收到", "已撤回"])
                #expect(try await withdraw(own).text == first.text)

                try await world.hear(CaseEventSamples(other).events(["case.opened", "case.closed"]))
                let late = try await world.send(
                    Request("POST", "/v1/tickets/\(other.id)/withdraw", headers: [("Authorization", "Bearer \(other.token)")]))
                #expect(late.status == 409 && late.member("code") == "ticket-closed")
                // The page's button.
                let third = try await world.file()
                let answer = try await world.send(Request("POST", third.link + "/withdraw"))
                #expect(answer.status == 303 && answer.header("location") == third.link)
            }
        }

        @Test func `what is worked on cannot be taken back, and the page says so before and after`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                let samples = CaseEventSamples(filed)
                let request = Request("POST", "/v1/tickets/\(filed.id)/withdraw", headers: [("Authorization", "Bearer \(filed.token)")])
                try await world.hear(samples.events(["case.opened"]))
                #expect(try await world.get(filed.link).text.contains("撤回这件上报"))
                for (version, type) in ["case.filed", "case.whistled", "case.dispatched", "case.signed", "case.suspended", "case.answered"]
                    .enumerated()
                {
                    try await world.hear(samples.events([type], from: Int32(version) + 2))
                    let refused = try await world.send(request)
                    #expect(refused.status == 409 && refused.member("code") == "case-under-way", "\(type)")
                    #expect(try await !world.get(filed.link).text.contains("撤回这件上报"), "\(type)")
                }
                let pressed = try await world.send(
                    Request("POST", filed.link + "/withdraw", headers: [("Accept", "text/html"), ("Accept-Language", "zh-CN")]))
                #expect(pressed.status == 409 && pressed.text.contains("已经开始办理"))
                #expect(try await world.events().allSatisfy { $0.type != "ticket.withdrawn.v1" })
            }
        }

        @Test func `a withdrawal that crossed the filing is told as what it was`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                let samples = CaseEventSamples(filed)
                let request = Request("POST", "/v1/tickets/\(filed.id)/withdraw", headers: [("Authorization", "Bearer \(filed.token)")])
                let first = try await world.send(request)
                #expect(first.status == 200)
                try await world.hear(samples.events(["case.opened", "case.filed"]))
                let waiting = try await world.course(filed.link)
                #expect(waiting.contains("您要求撤回") && !waiting.contains("已撤回") && !waiting.contains("正在撤回"))
                // Still on its way: asking again is asking once.
                #expect(try await world.send(request).text == first.text)
                try await world.hear(samples.events(["case.kept"], from: 3))
                let course = try await world.course(filed.link)
                #expect(course.contains("您要求撤回，但已开始办理，没有撤回") && !course.contains("已撤回") && !course.contains("您要求撤回"))
                #expect(try await world.get(filed.link).text.contains("邻居修好了"))
                #expect(try await world.send(request).member("code") == "case-under-way")
                #expect(try await world.events().count { $0.type == "ticket.withdrawn.v1" } == 1)
                // The others at the plate see that it is still worked on.
                #expect(try await world.get("/q/\(World.plate)").text.contains(filed.number))
            }
        }

        @Test func `what was taken back and reported anew may be taken back again`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                let samples = CaseEventSamples(filed)
                let request = Request("POST", "/v1/tickets/\(filed.id)/withdraw", headers: [("Authorization", "Bearer \(filed.token)")])
                #expect(try await world.send(request).status == 200)
                #expect(try await !world.get("/q/\(World.plate)").text.contains(filed.number))
                try await world.hear(samples.events(["case.opened", "case.withdrawn", "case.reopened"]))
                #expect(try await world.get(filed.link).text.contains("撤回这件上报"))
                world.clock.advance(.seconds(60))
                #expect(try await world.send(request).status == 200)
                #expect(try await world.send(request).status == 200)
                #expect(try await world.events().filter { $0.type == "ticket.withdrawn.v1" }.map(\.version) == [2, 3])
            }
        }
    }
}
