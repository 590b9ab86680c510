import Contracts
import EventLog
import PageForms
import Postgres
import TestKit
import Testing

@testable import Routing

/// What staff do at their desks, through the pages' own forms.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct DeskActionTests {
    /// Called units that have done their work.
    private func finish(_ desk: TestDesk, _ id: CaseID, ending: WorkEnding? = nil) async throws {
        for call in try await desk.payloads(DispatchCalled.self, of: id) {
            let department = call.department.description
            try await desk.feedback(FeedbackSigned(dispatch: call.dispatch, ticket: id), from: department)
            try await desk.feedback(FeedbackCompleted(dispatch: call.dispatch, ticket: id, text: "修好了", ending: ending), from: department)
        }
    }

    private func called(_ desk: TestDesk, _ number: Int) async throws -> CaseID {
        let ticket = try desk.ticket(number, plate: desk.plate(), category: "E99999", text: "灯杆上的线垂下来了")
        try await desk.hear([ticket])
        let id = ticket.ticket
        #expect(try await desk.submit(id, "accept", as: "community").status == 303)
        #expect(try await desk.submit(id, "whistle", ["kind": ["daily"], "reason": ["要部门"]], as: "community").status == 303)
        let units = ["lead": ["ludeng"], "coHandlers": ["paishui"], "basis": ["三定"]]
        #expect(try await desk.submit(id, "dispatch", units, as: "street").status == 303)
        return id
    }

    @Test func `the community closes at its desk what departments have done`() async throws {
        try await TestDesk.with { desk in
            let id = try await called(desk, 1)
            try await finish(desk, id)
            let form = try await desk.form(id, "verify", as: "community")
            #expect(form["ending"]?.values == ["solved"])
            #expect(try await desk.submit(id, "verify", ["accepted": ["yes"]], as: "community").status == 303)
            let serviceCase = try await desk.file(id).serviceCase
            #expect(serviceCase.state == .closed && serviceCase.ending == .solved)
        }
    }

    @Test func `what the units say of the ending stands chosen, and cannot be done is not booked as solved`() async throws {
        try await TestDesk.with { desk in
            let id = try await called(desk, 1)
            try await finish(desk, id, ending: .unable)
            let form = try await desk.form(id, "verify", as: "community")
            #expect(form["ending"]?.values == ["unable"] && form["ending"]?.offers == ["answered", "unable"])
            #expect(try await desk.submit(id, "verify", ["accepted": ["yes"]], as: "community").status == 303)
            #expect(try await desk.file(id).serviceCase.ending == .unable)
            #expect(throws: (any Error).self) {
                try ApplyFeedback.word(
                    .init(
                        topic: "feedback.ludeng.v1", type: "feedback.completed.v1", subject: nil, key: [],
                        payload: Array(#"{"ending":"never"}"#.utf8), trace: nil))
            }
        }
    }

    @Test func `what was typed stands there again when a form is refused, also when its time is over`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            let wrong = try await desk.submit(id, "merge", ["into": ["GD-20261123-999999-9"]], as: "community")
            #expect(wrong.status == 422 && wrong.text.contains("value=\"GD-20261123-999999-9\""))
            #expect(wrong.text.contains("没有这个工单号，或不在您的辖区"))
            var form = try await desk.form(id, "decline", as: "community")
            try form.fill(["reason": ["不属实甲"]])
            try await desk.submit(id, "accept", as: "community")
            let late = try await desk.send(form, as: "community")
            #expect(late.status == 412 && late.text.contains("您刚才写的内容没有提交") && late.text.contains("不属实甲"))
            let noKind = try await desk.submit(id, "whistle", ["reason": ["两家乙"]], as: "community")
            #expect(noKind.status == 422 && noKind.text.contains("两家乙</textarea>"))
            let noEnding = try await desk.submit(id, "answer", ["text": ["做好了丙"]], as: "community")
            #expect(noEnding.status == 422 && noEnding.text.contains("做好了丙</textarea>"))
            let past = try await desk.submit(id, "suspend", ["until": ["2020-01-01"], "reason": ["等料丁"]], as: "street")
            #expect(past.status == 409 && past.text.contains("等料丁</textarea>") && past.text.contains("value=\"2020-01-01\""))
        }
    }

    /// One row for each form: where it stands, what is filled in, and what of it must be said on a topic or, where nobody else reads
    /// it, stand on the case's course.
    @Test func `every field of every form arrives in an event or a note`() async throws {
        try await TestDesk.with { desk in
            var seen: Set<String> = []
            func check(
                _ id: CaseID, _ code: String, _ answers: [String: [String]], _ said: [String], as staff: String,
                at location: SourceLocation = #_sourceLocation
            ) async throws {
                let form = try await desk.form(id, code, as: staff, at: location)
                let asked = Set(form.controls.map(\.name)).subtracting(["csrf", "version", "queue"])
                let hidden = Set(form.controls.filter { $0.kind == .hidden }.map(\.name))
                #expect(asked.subtracting(hidden) == Set(answers.keys), "\(code) is filled in as a whole", sourceLocation: location)
                let before = try await desk.pool.query("SELECT coalesce(max(id), 0) FROM outbox", as: Int64.self).first ?? 0
                #expect(try await desk.submit(id, code, answers, as: staff, at: location).status == 303, sourceLocation: location)
                let events = try await desk.pool.query("SELECT payload FROM outbox WHERE id > \(before)") { row in
                    String(decoding: try row["payload"] as [UInt8], as: UTF8.self)
                }.joined()
                let notes = try await desk.pool.query(NoteQueries.all(of: id), as: CaseNote.self).compactMap(\.words).joined(
                    separator: "\n")
                for words in said {
                    #expect(events.contains(words) || notes.contains(words), "\(code): \(words)", sourceLocation: location)
                }
                seen.insert(code)
            }
            let declined = try await desk.put([], 1)
            try await check(declined, "decline", ["reason": ["不属实甲"]], ["不属实甲"], as: "community")
            let target = try await desk.put([], 2)
            let merged = try await desk.put([], 3)
            let number = try await desk.file(target).serviceCase.number.description
            try await check(merged, "merge", ["into": [number.lowercased()]], ["\"mergedInto\":\"\(target)\""], as: "community")
            let own = try await desk.put([], 4)
            try await check(own, "accept", [:], ["\"by\":{\"role\":\"community\",\"unit\":\"310106019001\""], as: "community")
            try await check(own, "inform", ["text": ["在看了壬"]], ["在看了壬"], as: "community")
            try await check(
                own, "answer", ["ending": ["unable"], "text": ["做不到乙"]], ["做不到乙", "\"ending\":\"unable\""], as: "community")
            try await check(
                own, "verify", ["accepted": ["yes"], "ending": ["answered"], "text": ["看过丙"]],
                ["看过丙", "\"accepted\":true", "\"ending\":\"answered\""], as: "community")
            let id = try await desk.put([], 5)
            try await desk.submit(id, "accept", as: "community")
            try await check(id, "whistle", ["kind": ["tough"], "reason": ["两家丁"]], ["\"kind\":\"tough\"", "两家丁"], as: "community")
            try await check(id, "refuse", ["reason": ["自己办戊"]], ["自己办戊"], as: "street")
            try await check(
                id, "suspend", ["until": ["2026-12-01"], "reason": ["等料己"]], ["2026-12-02T00:00:00", "等料己"], as: "street")
            try await check(id, "resume", [:], ["\"by\":{\"role\":\"street\",\"unit\":\"310106019000\""], as: "street")
            try await desk.submit(id, "whistle", ["kind": ["daily"], "reason": ["再吹"]], as: "community")
            try await check(
                id, "dispatch", ["lead": ["ludeng"], "coHandlers": ["paishui"], "basis": ["三定庚"]], ["\"ludeng\"", "\"paishui\"", "三定庚"],
                as: "street")
            let call = try #require(try await desk.payloads(DispatchCalled.self, of: id).first)
            try await desk.feedback(FeedbackDisputed(dispatch: call.dispatch, ticket: id, ground: .notOurDuty), from: "ludeng")
            try await check(
                id, "adjudicate", ["verdict": ["reassign"], "to": ["chengguan"], "reason": ["归城管辛"]],
                ["\"reassign\"", "\"to\":\"chengguan\"", "归城管辛", "\"department\":\"ludeng\""], as: "street")
            try await check(
                id, "remind", ["department": ["paishui"], "text": ["请回话子"]], ["\"department\":\"paishui\"", "请回话子"], as: "street")
            try await check(id, "escalate", ["reason": ["协调不下丑"]], ["\"reason\":\"协调不下丑\""], as: "street")
            try await check(own, "reopen", ["reason": ["又坏了癸"]], ["又坏了癸"], as: "street")
            let all = Set(CaseActions.staff.filter { $0.isAtDesk }.map { $0.name })
            #expect(seen == all)
        }
    }

    @Test func `of two open disputes the one that was chosen is decided`() async throws {
        try await TestDesk.with { desk in
            let id = try await called(desk, 1)
            let calls = try await desk.payloads(DispatchCalled.self, of: id)
            for call in calls {
                try await desk.feedback(
                    FeedbackDisputed(dispatch: call.dispatch, ticket: id, ground: .notOurDuty), from: call.department.description)
            }
            let second = try #require(calls.last)
            let answers = ["dispatch": [second.dispatch.description], "verdict": ["uphold"], "reason": ["排水管是你们的"]]
            #expect(try await desk.submit(id, "adjudicate", answers, as: "street").status == 303)
            let disputes = try await desk.file(id).serviceCase.disputes
            #expect(disputes.map(\.verdict) == [nil, .uphold])
            let said = try await desk.payloads(CaseAdjudicated.self, of: id)
            #expect(said.map(\.department) == [second.department] && said.map(\.reason) == ["排水管是你们的"])
            let answer = try await desk.submit(
                id, "adjudicate", ["verdict": ["reassign"], "to": ["chengguan"], "reason": ["归城管"]], as: "street")
            #expect(answer.status == 303)
            // Which of several is meant must be said at the other door too.
            let page = try await desk.page("/\(id)", as: "street").text
            #expect(page.contains("改派") && !page.contains("改派chengguan") && !page.contains("改派:"))
            let chengguan = try #require(DepartmentCode("chengguan"))
            #expect(page.contains(desk.city.name(of: .department(chengguan))))
        }
    }

    @Test func `a unit at work is told beside whom it works when that changes, one that is done is not called again`() async throws {
        try await TestDesk.with { desk in
            let id = try await called(desk, 1)
            func calls(_ department: String) async throws -> [DispatchCalled] {
                try await desk.payloads(DispatchCalled.self, of: id).filter { $0.department.description == department }
            }
            func relieve(_ department: String, for other: String) async throws {
                let call = try #require(try await calls(department).last)
                try await desk.feedback(FeedbackDisputed(dispatch: call.dispatch, ticket: id, ground: .notOurDuty), from: department)
                let answers = ["verdict": ["reassign"], "to": [other], "reason": ["归别的单位"]]
                #expect(try await desk.submit(id, "adjudicate", answers, as: "street").status == 303)
            }
            let known = ["ludeng", "paishui", "chengguan"]
            let others = desk.city.directory.departments.keys.map(\.description).filter { !known.contains($0) }.sorted()
            let (third, fourth) = (try #require(others.first), try #require(others.last))
            let first = try #require(try await calls("paishui").first)
            try await relieve("ludeng", for: "chengguan")
            let told = try await calls("paishui")
            #expect(told.map(\.lead.description) == ["ludeng", "chengguan"] && told.allSatisfy { $0.dispatch == first.dispatch })
            #expect(try await calls("chengguan").count == 1)
            // The lead is told of another co-handler, and one that has done its part hears of nothing more.
            let lead = try #require(try await calls("chengguan").last)
            try await relieve("paishui", for: third)
            #expect(try await calls("chengguan").map { $0.coHandlers.map(\.description) } == [["paishui"], [third]])
            try await desk.feedback(FeedbackSigned(dispatch: lead.dispatch, ticket: id), from: "chengguan")
            try await desk.feedback(FeedbackCompleted(dispatch: lead.dispatch, ticket: id, text: "修好了"), from: "chengguan")
            try await relieve(third, for: fourth)
            #expect(try await calls("chengguan").count == 2)
        }
    }

    @Test func `a lead that is chosen alone is called alone, and the proposal shows whom it calls besides`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "E99999", text: "灯不亮")
            try await desk.hear([ticket])
            let id = ticket.ticket
            try await desk.submit(id, "accept", as: "community")
            try await desk.submit(id, "whistle", ["kind": ["daily"], "reason": ["要部门"]], as: "community")
            #expect(try await desk.submit(id, "dispatch", ["lead": ["ludeng"], "basis": ["三定"]], as: "street").status == 303)
            #expect(try await desk.file(id).serviceCase.dispatches.map(\.department.description) == ["ludeng"])
        }
    }

    @Test func `who works through a queue stays in it, sees what was done, and goes on to the next`() async throws {
        try await TestDesk.with { desk in
            let first = try await desk.put([], 1)
            let second = try await desk.put([], 2)
            let answer = try await desk.submit(first, "accept", as: "community", queue: "reported")
            let address = try #require(answer.header("location"))
            #expect(address == "/community/\(first)?done=accept&queue=reported")
            let page = try await desk.page(String(address.dropFirst("/community".count)), as: "community").text
            #expect(page.contains("已完成：受理") && page.contains("/community/\(second)?queue=reported"))
            let wrong = try await desk.submit(second, "decline", ["reason": [""]], as: "community", queue: "all")
            #expect(wrong.status == 422 && wrong.text.contains("name=\"queue\" value=\"all\""))
        }
    }

    @Test func `what can be done stands before the long text and the clocks`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            let page = try await desk.page("/\(id)", as: "community").text
            let actions = try #require(page.firstRange(of: "id=\"todo\"")).lowerBound
            for later in ["id=\"what\"", "id=\"clocks\"", "id=\"course\""] {
                #expect(try #require(page.firstRange(of: later)).lowerBound > actions, "\(later)")
            }
        }
    }

    @Test func `closed cases stand among all, and are found by number in the own area only`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            try await desk.submit(id, "decline", ["reason": ["不属实"]], as: "community")
            let number = try await desk.file(id).serviceCase.number.description
            let all = try await desk.page("?queue=all", as: "community").text
            let search = try #require(all.firstRange(of: "<details open><summary>按工单号查找"))
            let entry = try #require(all.firstRange(of: number + "</p>"))
            #expect(search.upperBound < entry.lowerBound, "however long the list is, the search stands before it")
            #expect(try await desk.page("?queue=reported", as: "community").text.contains(number) == false)
            let page = try await desk.page("/\(id)?queue=all", as: "community").text
            #expect(page.contains("这件工单已结束") && !page.contains("由别的单位办理"))
            let typed = " \(number.lowercased()) ".replacing(" ", with: "%20")
            #expect(try await desk.page("?number=\(typed)", as: "community").header("location") == "/community/\(id)?queue=all")
            for (staff, text) in [("neighbour", number), ("community", "GD-1"), ("community", "x%3Cb%3E")] {
                let page = try await desk.page("?number=\(text)", as: staff)
                #expect(page.status == 200 && page.text.contains("没有这个工单号"), "\(staff) \(text)")
            }
        }
    }

    @Test func `the district's desk is called so, and nobody's desk shows a token's name`() async throws {
        try await TestDesk.with { desk in
            #expect(try await desk.page("", as: "district").text.contains("区级协调台"))
            #expect(try await desk.page("", as: "street").text.contains("街道指挥台"))
            let page = try await desk.page("", as: "community").text
            #expect(!page.contains("<bdi>community</bdi>"))
            let id = try await desk.put([], 1)
            let reason = try await desk.file(id).report.reason
            #expect(!reason.contains { ",;:()".contains($0) }, "\(reason)")
        }
    }
}
