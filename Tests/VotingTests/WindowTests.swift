import Contracts
import FoundationEssentials
import TestKit
import Testing

@testable import Voting

/// What events of a case do to its evaluation.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct WindowTests {
    @Test func `a closing opens a window with the facts of the snapshot`() async throws {
        try await Fixture.with { voting in
            let now = voting.clock.now()
            let due = now.adding(.seconds(86_400))
            let snapshot = try Sample.snapshot(at: now) { $0.clocks = [ClockDue(kind: .evaluate, dueAt: due)] }
            let ticket = snapshot.ticket
            let photo = PhotoID(UUID())
            try await voting.hear(
                (CaseOpened(snapshot: snapshot, photos: [], placeName: "彩虹路 8 号灯杆"), 1),
                (CaseAnswered(snapshot: snapshot, text: "已清运", photos: [photo], ending: .solved), 7)
            )
            #expect(try await voting.matter(ticket)?.openUntil == nil)
            try await voting.hear((CaseClosed(snapshot: snapshot, ending: .solved), 9))
            let matter = try #require(try await voting.matter(ticket))
            #expect(matter.number == snapshot.number)
            #expect(matter.area == snapshot.area)
            #expect(matter.department == snapshot.lead)
            #expect(matter.categoryName == "暴露垃圾")
            #expect(matter.placeName == "彩虹路 8 号灯杆")
            #expect(matter.answer == "已清运")
            #expect(matter.answerPhotos == [photo])
            #expect(matter.ending == .solved)
            #expect(matter.closedAt == now)
            #expect(matter.openUntil == due)
            #expect(matter.closing.round == 1)
        }
    }

    @Test func `a replayed closing opens nothing twice`() async throws {
        try await Fixture.with { voting in
            let snapshot = try Sample.snapshot(at: voting.clock.now())
            let closed = CaseClosed(snapshot: snapshot, ending: .solved)
            try await voting.hear((closed, 9))
            try await voting.hear((closed, 9))
            #expect(try await voting.matter(snapshot.ticket)?.closing.round == 1)
            try await voting.hear((CaseReopened(snapshot: snapshot, reason: "没解决"), 11))
            try await voting.hear((closed, 9))
            let matter = try #require(try await voting.matter(snapshot.ticket))
            #expect(matter.openUntil == nil)
            #expect(matter.closing.round == 1)
        }
    }

    @Test func `reopening closes the window and the next closing opens another round`() async throws {
        try await Fixture.with { voting in
            let snapshot = try Sample.snapshot(at: voting.clock.now())
            let ticket = snapshot.ticket
            try await voting.hear((CaseClosed(snapshot: snapshot, ending: .solved), 9))
            #expect(try await voting.post(voting.answer(ticket, solved: "no")).status == 201)
            try await voting.hear((CaseReopened(snapshot: snapshot, reason: "没解决"), 11))
            let refused = try await voting.post(voting.answer(ticket))
            #expect(refused.status == 409)
            #expect(refused.member("code") == "not-closed-yet")
            voting.clock.advance(.seconds(3600))
            try await voting.hear((CaseClosed(snapshot: snapshot, ending: .answered), 15))
            #expect(try await voting.post(voting.answer(ticket)).status == 201)
            #expect(try await voting.post(voting.answer(ticket)).member("code") == "already-evaluated")
            let said = try await voting.said()
            #expect(said.map(\.version) == [1, 2])
            #expect(said.map(\.event.solved) == [.no, .yes])
            #expect(try await voting.matter(ticket)?.closing.round == 2)
        }
    }

    @Test func `events that say nothing about evaluation are passed over`() async throws {
        try await Fixture.with { voting in
            let snapshot = try Sample.snapshot(at: voting.clock.now())
            try await voting.hear((CaseClosed(snapshot: snapshot, ending: .solved), 9))
            let before = try await voting.matter(snapshot.ticket)
            let unit = try #require(DepartmentCode("greening"))
            try await voting.hear(
                (CaseReminded(snapshot: snapshot, department: unit, text: "请回话"), 12),
                (CaseEvaluated(snapshot: snapshot, contacted: .yes, solved: .yes, satisfied: .yes), 10),
                (CaseWarned(snapshot: snapshot, clock: .evaluate, percent: 80), 11))
            #expect(try await voting.matter(snapshot.ticket) == before)
        }
    }

    @Test func `names are those that the directory gave last`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            let area = try #require(AreaCode("310106019001"))
            let department = try #require(DepartmentCode("greening"))
            #expect(try await voting.matter(ticket)?.unit == "greening")
            #expect(try await voting.matter(ticket)?.placeName == "310106019001")
            try await voting.hear(
                (AreaRegistered(area: area, level: .community, name: "新名社区"), 2),
                (AreaRegistered(area: area, level: .community, name: "旧名社区"), 1),
                (DepartmentRegistered(department: department, name: "绿化市容所"), 1))
            #expect(try await voting.matter(ticket)?.unit == "绿化市容所")
            #expect(try await voting.matter(ticket)?.placeName == "新名社区")
            // No longer in use: what it did is still evaluated by its name.
            try await voting.hear((DepartmentRetired(department: department), 2), (AreaRetired(area: area), 3))
            #expect(try await voting.matter(ticket)?.unit == "绿化市容所")
            #expect(try await voting.matter(ticket)?.placeName == "新名社区")
            try await voting.hear((DepartmentRegistered(department: department, name: "绿化所"), 3))
            #expect(try await voting.matter(ticket)?.unit == "绿化所")
        }
    }

    @Test(arguments: [[0, 1], [1, 0]])
    func `whose ticket was merged evaluates the closing of the other case, in whatever order both are told`(order: [Int]) async throws {
        try await Fixture.with { voting in
            let target = try Sample.snapshot(at: voting.clock.now())
            let merged = try Sample.snapshot(at: voting.clock.now()) { ($0.state, $0.mergedInto) = (.merged, target.ticket) }
            let events: [(any Event, version: Int32)] = [
                (CaseMerged(snapshot: merged), 2), (CaseClosed(snapshot: target, ending: .solved), 9),
            ]
            for place in order { try await voting.hear(events[place]) }
            let matter = try #require(try await voting.matter(merged.ticket))
            #expect(matter.ticket == merged.ticket && matter.closing == Closing(work: target.ticket, round: 1))
            #expect(matter.openUntil != nil && matter.ending == .solved)
            let page = voting.page(merged.ticket)
            #expect(try await voting.submit("contacted=yes&solved=no&satisfied=no&text=", to: page).status == 200)
            #expect(try await voting.said().map(\.event.ticket) == [merged.ticket])
            // The other reporter's is a word of their own.
            #expect(try await voting.submit("contacted=yes&solved=yes&satisfied=very&text=", to: voting.page(target.ticket)).status == 200)
            try await voting.hear((CaseReopened(snapshot: target, reason: "没解决"), 11))
            #expect(try await voting.matter(merged.ticket)?.openUntil == nil)
        }
    }

    @Test func `who evaluated a shared case evaluates their own after it was separated, each closing once`() async throws {
        try await Fixture.with { voting in
            let target = try Sample.snapshot(at: voting.clock.now())
            let own = try Sample.snapshot(at: voting.clock.now())
            var merged = own
            (merged.state, merged.mergedInto) = (.merged, target.ticket)
            let (page, form) = (voting.page(own.ticket), "contacted=yes&solved=yes&satisfied=very&text=")
            try await voting.hear((CaseClosed(snapshot: target, ending: .solved), 9), (CaseMerged(snapshot: merged), 2))
            #expect(try await voting.submit(form, to: page).status == 200)
            try await voting.hear((CaseReopened(snapshot: own, reason: "不是同一件事"), 3))
            #expect(try await voting.submit(form, to: page).text.contains("这件事还在办理"))
            try await voting.hear((CaseClosed(snapshot: own, ending: .solved), 12))
            #expect(try await voting.get(page).text.contains("action=\"\(page)\""))
            for _ in 0..<2 { #expect(try await voting.submit(form, to: page).text.contains("谢谢您的评价")) }
            #expect(try await voting.get(page).text.contains("您已经评价过了"))
            #expect(try await voting.post(voting.answer(own.ticket)).member("code") == "already-evaluated")
            #expect(try await voting.said().map(\.version) == [1, 2])
            let listed = try await voting.get("/v1/evaluations/\(own.ticket)", as: "street").text
            for work in [target.ticket, own.ticket] { #expect(listed.contains(#""work":"\#(work)""#)) }
        }
    }
}
