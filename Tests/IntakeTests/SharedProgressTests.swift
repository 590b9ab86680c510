import Contracts
import ServiceKit
import TestKit
import Testing

@testable import Intake

extension IntakeService {
    /// A ticket that was merged into another, and one that was refused.
    @Suite struct `What a resident sees of a shared or refused case` {
        @Test func `a merged report's page follows the other case to its end and to the evaluation`() async throws {
            try await World.with { world in
                let other = try await world.file()
                let filed = try await world.file()
                let event = CaseMerged(snapshot: try CaseEventSamples.snapshot(filed.id, number: filed.number, mergedInto: other.id))
                var samples = CaseEventSamples(other)
                samples.ending = .solved
                // Told in the other order: the shared case is over before the merge is heard.
                try await world.hear(samples.events(["case.opened", "case.filed", "case.answered", "case.kept"]))
                try await world.hear([CaseEventSamples(filed).events(["case.opened", "case.merged"])[1].carrying(event, state: .merged)])
                let waiting = try await world.course(filed.link)
                #expect(waiting.contains("已受理") && waiting.contains("与另一件合并") && waiting.contains("已有处理结果，等待核查"))
                #expect(!waiting.contains("您要求撤回，但已开始办理，没有撤回"), "another's wish is not told")
                #expect(try await !world.get(filed.link).text.contains("<h1>与另一件合并</h1>"))
                try await world.hear(samples.events(["case.closed", "case.evaluated"], from: 5))
                let page = try await world.get(filed.link).text
                #expect(page.contains("<h1>已解决</h1>") && page.contains(world.links.path(.evaluation, filed.id)))
                #expect(!page.contains(other.token) && !page.contains("您已评价"))
            }
        }

        @Test func `a refusal offers one review while its window is open`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                var samples = CaseEventSamples(filed)
                samples.clocks = [ClockDue(kind: .appeal, dueAt: world.clock.now().adding(.seconds(86_400)))]
                #expect(try await world.send(.review(filed)).status == 409)
                try await world.hear(samples.events(["case.opened", "case.declined"]))
                let page = try await world.get(filed.link).text
                #expect(page.contains("申请复核") && page.contains("action=\"\(filed.link)/review\""))
                let answer = try await world.send(.review(filed))
                #expect(answer.status == 303 && answer.header("location") == filed.link)
                #expect(try await world.send(.review(filed)).status == 303, "twice is once")
                let other = try await world.send(.review(filed, "%E5%8F%A6%E4%B8%80%E5%8F%A5"))
                #expect(other.status == 409 && other.text.contains("您已经申请过复核") && other.text.contains("另一句"))
                let asked = try await world.events().filter { $0.type == "ticket.review_requested.v1" }
                #expect(asked.count == 1 && asked.first?.version == 2 && asked.first?.payload.contains("就在这里") == true)
                #expect(try await world.get(filed.link).text.contains("您已申请复核"))
            }
        }

        @Test func `what the street decides on review is final, until it takes the case up itself`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                var samples = CaseEventSamples(filed)
                samples.clocks = [ClockDue(kind: .appeal, dueAt: world.clock.now().adding(.seconds(86_400)))]
                try await world.hear(samples.events(["case.opened", "case.declined"]))
                #expect(try await world.send(.review(filed)).status == 303)
                try await world.hear(samples.events(["case.reopened"], from: 3))
                #expect(try await world.get(filed.link).text.contains("您已申请复核"))
                #expect(try await world.send(.review(filed)).status == 303, "the same form again")
                try await world.hear(samples.events(["case.declined"], from: 4))
                let page = try await world.get(filed.link).text
                #expect(page.contains("街道已经复核过") && !page.contains("/review\""))
                let refused = try await world.send(.review(filed))
                #expect(refused.status == 409 && refused.text.contains("街道已经复核过") && refused.text.contains("就在这里"))
                #expect(refused.text.contains("href=\"\(filed.link)?lang=en\""))
                #expect(try await world.events().count { $0.type == "ticket.review_requested.v1" } == 1)
                try await world.hear(samples.events(["case.reopened", "case.declined"], from: 5))
                #expect(try await world.send(.review(filed)).status == 303)
                #expect(try await world.events().count { $0.type == "ticket.review_requested.v1" } == 2)
            }
        }

        @Test func `who asks after another reporter of the same case is told so and keeps their words`() async throws {
            try await World.with { world in
                let (other, filed) = (try await world.file(), try await world.file())
                var samples = CaseEventSamples(other)
                samples.clocks = [ClockDue(kind: .appeal, dueAt: world.clock.now().adding(.seconds(86_400)))]
                let merged = CaseMerged(snapshot: try CaseEventSamples.snapshot(filed.id, number: filed.number, mergedInto: other.id))
                try await world.hear(samples.events(["case.opened", "case.declined"]))
                try await world.hear([CaseEventSamples(filed).events(["case.opened", "case.merged"])[1].carrying(merged, state: .merged)])
                #expect(try await world.get(filed.link).text.contains("/review\""))
                #expect(try await world.send(.review(other)).status == 303)
                try await world.hear(samples.events(["case.reopened"], from: 3))
                let late = try await world.send(.review(filed))
                #expect(late.status == 409 && late.text.contains("另一位反映同一问题的居民先申请了复核") && late.text.contains("就在这里"))
                // Of the decision that follows they have not asked yet.
                try await world.hear(samples.events(["case.declined"], from: 4))
                #expect(try await world.send(.review(filed)).status == 303)
                #expect(try await world.send(.review(other)).text.contains("街道已经复核过"))
            }
        }

        @Test func `a reason that is too long, or comes when there is nothing to review, stays on the page`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                var samples = CaseEventSamples(filed)
                samples.clocks = [ClockDue(kind: .appeal, dueAt: world.clock.now().adding(.seconds(60)))]
                let early = try await world.send(.review(filed))
                #expect(early.status == 409 && early.text.contains("现在没有可以申请复核的决定") && early.text.contains("就在这里"))
                try await world.hear(samples.events(["case.opened", "case.declined"]))
                let long = try await world.send(.review(filed, String(repeating: "a", count: 1_001)))
                #expect(long.status == 422 && long.text.contains("href=\"#reason\"") && long.text.contains("aaaa</textarea>"))
                #expect(try await world.events().allSatisfy { $0.type != "ticket.review_requested.v1" })
            }
        }

        @Test func `a refusal whose window is over offers none, and takes none`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                var samples = CaseEventSamples(filed)
                samples.clocks = [ClockDue(kind: .appeal, dueAt: world.clock.now().adding(.seconds(60)))]
                try await world.hear(samples.events(["case.opened", "case.declined"]))
                world.clock.advance(.seconds(60))
                #expect(try await !world.get(filed.link).text.contains("/review"))
                #expect(try await world.send(.review(filed)).status == 409)
            }
        }

        @Test func `a report that nobody accepted in time says that the street was called in`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                var samples = CaseEventSamples(filed)
                samples.states["case.overdue"] = .reported
                try await world.hear(samples.events(["case.opened", "case.overdue"]))
                #expect(try await world.course(filed.link).contains("社区未按时受理，街道已介入"))
            }
        }
    }
}

extension Request {
    fileprivate static func review(_ filed: Filed, _ reason: String = "%E5%B0%B1%E5%9C%A8%E8%BF%99%E9%87%8C") -> Request {
        Request(
            "POST", filed.link + "/review", headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array("reason=\(reason)".utf8))
    }
}
