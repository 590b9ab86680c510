import Contracts
import Pages
import TestKit
import Testing

@testable import Intake

/// What the page says of an ending: who handled it × how it ended × who checked.
@Suite struct `What is said of an ending` {
    typealias Party = StatusPage.Handling.Party

    static let table: [(by: Party?, ending: StatusPage.Ending, checkedBy: Party?, words: String)] = [
        (.community, .solved, nil, "社区自行办理，说问题已经解决。"),
        (.community, .solved, .community, "社区自行办理，说问题已经解决，结果由社区自己确认。"),
        (.community, .solved, .street, "社区自行办理，说问题已经解决，街道核查过。"),
        (.community, .answered, nil, "社区自行办理，已经给您答复。答复不等于现场已经处理。"),
        (.community, .answered, .community, "社区自行办理，已经给您答复，结果由社区自己确认。答复不等于现场已经处理。"),
        (.community, .impossible, .community, "社区自行办理，认为这次没有办法处理，结果由社区自己确认。理由写在下面。"),
        (.street, .solved, .street, "街道自行办理，说问题已经解决，结果由街道自己确认。"),
        (.street, .solved, .community, "街道自行办理，说问题已经解决，社区核查过。"),
        (.district, .impossible, nil, "区级平台自行办理，认为这次没有办法处理。理由写在下面。"),
        (.departments, .solved, .community, "办理单位说问题已经解决，社区核查过。"),
        (.departments, .solved, .street, "办理单位说问题已经解决，街道核查过。"),
        (.departments, .solved, nil, "办理单位说问题已经解决。"),
        (.departments, .answered, .community, "办理单位已经给您答复，社区核查过。答复不等于现场已经处理。"),
        (.departments, .impossible, .district, "办理单位认为这次没有办法处理，区级平台核查过。理由写在下面。"),
        (nil, .solved, nil, "办理结果：问题已经解决。"),
    ]

    @Test(arguments: table.indices)
    func `nobody is said to have handled or checked what they did not`(row: Int) {
        let (by, ending, checkedBy, words) = Self.table[row]
        #expect(ending.meaning(.init(by: by, checkedBy: checkedBy), hasReason: true).chinese == words)
    }

    @Test func `every combination names who did it, and a check only where there was one`() {
        let names: [Party: (String, String)] = [
            .community: ("社区", "he community"), .street: ("街道", "he street"), .district: ("区级平台", "he district"),
            .departments: ("办理单位", "he unit"),
        ]
        for by in Party.allCases.map(Optional.some) + [nil] {
            for checkedBy in Party.allCases.map(Optional.some) + [nil] {
                for ending in [StatusPage.Ending.solved, .answered, .impossible] {
                    let said = ending.meaning(.init(by: by, checkedBy: checkedBy), hasReason: false)
                    let present = Set([by, checkedBy].compactMap(\.self))
                    for (party, name) in names {
                        #expect(said.chinese.contains(name.0) == present.contains(party), "\(said.chinese)")
                        #expect(said.english.contains(name.1) == present.contains(party), "\(said.english)")
                    }
                    #expect(said.chinese.contains("核查过") == (checkedBy != nil && checkedBy != by))
                    #expect(said.english.contains("checked") == (checkedBy != nil && checkedBy != by))
                    #expect(!said.chinese.contains("理由") && !said.english.contains("reason"))
                }
            }
        }
    }
}

extension IntakeService {
    /// The same, from the events that were heard.
    @Suite struct `What the page says truly happened` {
        private let community = Actor("community:310106019001"), street = Actor("street:310106019000")

        /// An event of the golden sample's kind, as this unit's.
        private func page(_ types: [String], by actor: Actor?, ending: Ending = .solved) async throws -> String {
            var text = ""
            try await World.with { world in
                let filed = try await world.file()
                var samples = CaseEventSamples(filed)
                samples.ending = ending
                samples.by = actor
                try await world.hear(samples.events(types))
                text = try await world.get(filed.link).text
            }
            return text
        }

        @Test func `a community's own work is not said to be a unit's that the community checked`() async throws {
            let alone = try await page(["case.opened", "case.filed", "case.answered", "case.closed"], by: community)
            #expect(alone.contains("社区自行办理，说问题已经解决。") && !alone.contains("核查过") && !alone.contains("办理单位"))
            let confirmed = try await page(["case.opened", "case.answered", "case.verified", "case.closed"], by: community)
            #expect(confirmed.contains("社区自行办理，说问题已经解决，结果由社区自己确认。"))
        }

        @Test func `departments' work names who checked it, and the round that counts is the last`() async throws {
            let checked = try await page(["case.opened", "case.dispatched", "case.completed", "case.verified", "case.closed"], by: street)
            #expect(checked.contains("办理单位说问题已经解决，街道核查过。"))
            let again = try await page(
                ["case.opened", "case.completed", "case.verified", "case.closed", "case.reopened", "case.answered", "case.closed"],
                by: street)
            #expect(again.contains("街道自行办理，说问题已经解决。") && !again.contains("核查过"))
        }

        @Test func `the reason of what cannot be done is the handler's word, not the last that anybody said`() async throws {
            let shown = try await page(["case.opened", "case.answered", "case.kept", "case.closed"], by: community, ending: .unable)
            let notice = String(shown.split(separator: "没有办法处理").dropFirst().first?.prefix(400) ?? "")
            #expect(notice.contains("理由写在下面") && !notice.contains("邻居修好了"))
        }

        @Test func `who did not sign is not said to have signed`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                var samples = CaseEventSamples(filed)
                samples.by = .clock
                try await world.hear(samples.events(["case.opened", "case.dispatched", "case.signed"]))
                #expect(try await world.course(filed.link).contains("办理单位逾期未签收，视为签收"))
                let other = try await world.file()
                try await world.hear(CaseEventSamples(other).events(["case.opened", "case.dispatched", "case.signed"]))
                #expect(try await world.course(other.link).contains("办理单位已签收"))
            }
        }

        @Test func `a wish to withdraw that crossed the end says what was there, not that work had begun`() async throws {
            for (state, words) in [(CaseState.closed, "已办结"), (.declined, "已决定不予受理"), (.handling, "已开始办理")] {
                try await World.with { world in
                    let filed = try await world.file()
                    var samples = CaseEventSamples(filed)
                    samples.states["case.kept"] = state
                    try await world.hear(samples.events(["case.opened", "case.kept"]))
                    #expect(try await world.course(filed.link).contains("您要求撤回，但\(words)，没有撤回"), "\(state)")
                }
            }
        }

        @Test func `what the street had to accept is not said to be the community's lapse`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                var samples = CaseEventSamples(filed)
                samples.states["case.overdue"] = .reported
                samples.change = { snapshot, _ in snapshot.owner = .street(try #require(AreaCode("310106019000"))) }
                try await world.hear(samples.events(["case.opened", "case.overdue"]))
                let course = try await world.course(filed.link)
                #expect(course.contains("未按时受理，正在催办") && !course.contains("社区未按时受理，街道已介入"))
            }
        }

        @Test func `what only departments may handle waits to be dispatched, and to be accepted by nobody`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                var samples = CaseEventSamples(filed)
                samples.clocks = [ClockDue(kind: .dispatch, dueAt: world.clock.now())]
                samples.change = { snapshot, _ in snapshot.owner = .street(try #require(AreaCode("310106019000"))) }
                try await world.hear(samples.events(["case.opened"]))
                #expect(try await world.course(filed.link).last == "等待街道派单")
            }
        }
    }
}
