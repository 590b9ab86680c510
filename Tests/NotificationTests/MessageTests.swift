import Contracts
import Testing

@testable import Notification

@Suite struct `The words of messages` {
    private static let addresses = Addresses(
        status: "https://s.example/s/STATUS", evaluate: "https://s.example/e/EVALUATE", desk: "https://s.example/community/DESK")

    private func message(
        _ event: any CaseEvent, _ template: Template, _ language: Language = .zhHans, _ channel: DeliveryChannel = .sms,
        addresses: Addresses = addresses
    ) -> Message {
        var names = Names()
        names.learn(.area, "310106019001", "虹桥社区")
        names.learn(.department, "light", "市政路灯所")
        let facts = Facts(event, template: template.key, language: language, names: names, street: "彩虹街道", addresses: addresses)
        return Rendering.message(template, facts, language: language, channel: channel)
    }

    @Test func `every key has words in both languages, and every placeholder is a fact`() {
        #expect(Set(Template.all.map(\.key)) == Set(TemplateKey.allCases))
        #expect(Template.all.count == TemplateKey.allCases.count)
        for template in Template.all {
            for text in [template.subject.zhHans, template.subject.english, template.body.zhHans, template.body.english] {
                #expect(!text.isEmpty)
                for piece in text.split(separator: "{").dropFirst(text.hasPrefix("{") ? 0 : 1) {
                    #expect(
                        piece.firstIndex(of: "}").map { Fact(rawValue: String(piece[..<$0])) != nil } == true, "\(template.key): \(piece)")
                }
            }
        }
    }

    @Test func `a word of the community that works on it itself is told under its name`() throws {
        let event = CaseProgressed(snapshot: Samples.plain.taken(by: Samples.communityStaff), text: "在看了")
        let text = message(event, try #require(Template.of(.progressed))).text
        #expect(text.contains("虹桥社区：在看了") && !text.contains("310106019001"))
    }

    @Test func `what one reporter wrote is not told to another`() throws {
        var shared = Samples.plain
        let other = Samples.id(TicketID.self, "0198c0de-0000-7000-8000-000000000002")
        shared.joined = [
            JoinedTicket(ticket: other, number: try #require(TicketNumber(day: ChineseDay(daysSince1970: 20_778), sequence: 9)))
        ]
        let event = CaseReopened(snapshot: shared, reason: "我不同意")
        func text(_ ticket: TicketID) throws -> String {
            let template = try #require(Template.of(.reopened))
            let facts = Facts(
                event, template: template.key, language: .zhHans, names: Names(), street: "彩虹街道", addresses: Self.addresses, ticket: ticket)
            return Rendering.message(template, facts, language: .zhHans, channel: .sms).text
        }
        #expect(try text(Samples.ticket).contains("我不同意"))
        #expect(try !text(other).contains("我不同意") && text(other).contains("同一问题需要继续办理"))
    }

    @Test func `no text for a desk has a private link, and every resident's text that has one has the right one`() throws {
        for event in Samples.events {
            for notice in Decision.notices(of: event) {
                let template = try #require(Template.of(notice.template))
                for language in Language.allCases {
                    let message = message(event, template, language)
                    let hasPrivateLink = (message.text + message.subject).contains { "{}".contains($0) }
                    #expect(!hasPrivateLink)
                    if notice.audience != .resident {
                        #expect(!message.text.contains("STATUS") && !message.text.contains("EVALUATE"))
                        #expect(message.text.hasSuffix("https://s.example/community/DESK"))
                    }
                }
            }
        }
    }

    /// With nothing that an event may leave out, and no clock.
    private static var barest: [any CaseEvent] {
        var quiet = Samples.snapshot(.reported)
        quiet.clocks = []
        let called = Samples.called
        return [
            CaseOpened(snapshot: quiet, photos: [], placeName: "彩虹路"),
            CaseVerified(snapshot: called.taken(by: Samples.staff), accepted: false),
            CaseDisputed(snapshot: called, department: Samples.light, ground: .notOurDuty),
            CaseAdjudicated(snapshot: called.taken(by: Samples.staff), verdict: .uphold),
            CaseAdjudicated(snapshot: called.taken(by: Samples.staff), verdict: .reassign, to: Samples.water), CaseKept(snapshot: quiet),
            CaseDispatched(snapshot: quiet.taken(by: Samples.staff), dispatches: Samples.dispatches, basis: ""),
            CaseWarned(snapshot: quiet, clock: .handle, percent: 80), CaseOverdue(snapshot: quiet, clock: .handle, dueAt: Samples.noon),
            CaseWhistled(
                snapshot: quiet, whistle: Samples.id(WhistleID.self, "0198c0de-0000-7000-8000-000000000021"), kind: .daily,
                reason: "需市政"),
        ]
    }

    @Test func `no message shows a dash where it has nothing to say, least of all for a time limit`() throws {
        for event in Samples.events + Self.barest {
            for notice in Decision.notices(of: event) {
                let template = try #require(Template.of(notice.template))
                for language in Language.allCases {
                    let message = message(event, template, language)
                    #expect(!(message.subject + message.text).contains("—"), "\(template.key): \(message.text)")
                }
            }
        }
        // A limit that may be unknown stands on a line of its own, so that the line can be left out.
        let known: [TemplateKey] = [.deskOverdue, .deskDeemedSigned]
        for template in Template.all where !known.contains(template.key) {
            for body in [template.body.zhHans, template.body.english] {
                for line in body.split(separator: "\n") where line.contains("{due}") {
                    #expect(line.split(separator: "{").count == 2, "\(template.key): \(line)")
                }
            }
        }
    }

    @Test func `who acted is named, also where it is usually another's part`() throws {
        var names = Names()
        names.learn(.area, "310106019001", "虹桥社区")
        names.learn(.area, "310106019000", "彩虹街道")
        func text(_ event: any CaseEvent, _ key: TemplateKey) throws -> String {
            let facts = Facts(event, template: key, language: .zhHans, names: names, street: "彩虹街道", addresses: Self.addresses)
            return Rendering.message(try #require(Template.of(key)), facts, language: .zhHans, channel: .email).text
        }
        #expect(try text(CaseFiled(snapshot: Samples.plain.taken(by: Samples.streetStaff)), .accepted).contains("已由彩虹街道受理"))
        #expect(try text(CaseFiled(snapshot: Samples.plain.taken(by: Samples.communityStaff)), .accepted).contains("已由虹桥社区受理"))
        let refused = CaseRefused(snapshot: Samples.plain.taken(by: Samples.streetStaff), reason: "社区可处理")
        #expect(try text(refused, .deskRefused).hasPrefix("彩虹街道退回了"))
        for (state, words) in [(CaseState.closed, "因已办结没有撤回"), (.declined, "因已决定不予受理没有撤回"), (.filed, "因已开始办理没有撤回")] {
            let kept = CaseKept(snapshot: Samples.snapshot(state))
            #expect(try text(kept, .kept).contains(words) && text(kept, .deskKept).contains(words))
        }
        var warned = CaseWarned(snapshot: Samples.called, clock: .sign, percent: 80, department: Samples.water)
        warned.snapshot.clocks = [
            ClockDue(kind: .sign, dueAt: Samples.noon, department: Samples.light),
            ClockDue(kind: .sign, dueAt: Samples.noon.adding(.seconds(3_600)), department: Samples.water),
        ]
        #expect(try text(warned, .deskWarned).contains("到期：11月23日13:00"))
    }

    @Test func `a reminder says what is asked of the unit, in both languages, and the resident is sent none`() throws {
        let event = CaseReminded(snapshot: Samples.called.taken(by: Samples.streetStaff), department: Samples.light, text: "请今天回话")
        let template = try #require(Template.of(.deskReminded))
        let chinese = message(event, template)
        #expect(chinese.text.contains("请贵单位尽快反馈办理情况。\n要求：请今天回话\n") && chinese.text.contains("地点：虹桥社区"))
        let english = message(event, template, .english, .email)
        #expect(english.subject.hasPrefix("Reminder: GD-") && english.text.contains("Asked: 请今天回话"))
        #expect(Decision.notices(of: event) == [Notice(.department(Samples.light), .deskReminded)])
        for event in Samples.events where event is any StaffEvent { #expect(Decision.residentTemplate(of: event) == nil) }
    }

    @Test func `the district reads who asks it to watch which case, why, and with whom the case is, in both languages`() throws {
        let event = CaseEscalated(snapshot: Samples.called.taken(by: Samples.streetStaff), reason: "两家单位协调不下")
        let template = try #require(Template.of(.deskEscalated))
        let chinese = message(event, template).text
        #expect(chinese.contains("彩虹街道提请区级督办工单GD-") && chinese.contains("地点：虹桥社区"))
        #expect(chinese.contains("当前责任单位：市政路灯所。\n理由：两家单位协调不下\n"))
        let english = message(event, template, .english, .email)
        #expect(english.subject.hasPrefix("To be watched: GD-") && english.text.contains("With: 市政路灯所\nReason: 两家单位协调不下\n"))
        for area in [Samples.community, Samples.street] {
            var snapshot = event.snapshot
            snapshot.area = area
            let notices = Decision.notices(of: CaseEscalated(snapshot: snapshot, reason: "两家单位协调不下"))
            #expect(notices == [Notice(.area(Samples.district), .deskEscalated)])
        }
    }

    @Test func `who has no desk of ours reads no address of one`() throws {
        let template = try #require(Template.of(.deskLead))
        for language in Language.allCases {
            let text = message(
                CaseDispatched(snapshot: Samples.called.taken(by: Samples.staff), dispatches: Samples.dispatches, basis: "目录"), template,
                language,
                .email, addresses: Addresses(status: "", evaluate: "", desk: nil)
            ).text
            #expect(!text.contains("http") && !text.contains("—\n") && !text.hasSuffix("\n") && !text.contains("{"))
        }
    }

    @Test func `Chinese texts use Chinese punctuation, call residents 您 and end their sentences`() {
        let half = Set(",;:!?()\"'")
        for template in Template.all {
            for text in [template.subject.zhHans, template.body.zhHans] {
                #expect(!text.contains { half.contains($0) } && !text.contains("你"), "\(template.key): \(text)")
            }
            let lines = template.body.zhHans.split(separator: "\n").filter { !$0.hasPrefix("{") && !$0.hasSuffix("}") }
            #expect(lines.allSatisfy { $0.hasSuffix("。") }, "\(template.key): \(lines)")
        }
    }

    @Test func `an SMS tells of the closing in Chinese and leads to the evaluation`() throws {
        let template = try #require(Template.of(.closed))
        #expect(
            message(Samples.closed(), template).text
                == "【彩虹街道】您的工单\(Samples.closed().snapshot.number)已办结（已解决）。是否联系、是否解决、是否满意，请您评价：https://s.example/e/EVALUATE")
    }

    @Test func `what people wrote stays within its line and cannot make up placeholders`() throws {
        let template = try #require(Template.of(.progressed))
        let evil = "好了\r\n\u{202E}【银行】点 {status}{evaluate}\u{0}\t请" + String(repeating: "长", count: 500)
        let text = message(Samples.progressed(evil), template).text
        #expect(!text.contains(where: \.isNewline) && !text.unicodeScalars.contains("\u{202E}") && !text.unicodeScalars.contains("\u{0}"))
        #expect(text.contains("好了 【银行】点 {status}{evaluate} 请"))
        #expect(text.contains("市政路灯所") && text.hasSuffix("https://s.example/s/STATUS"))
        #expect(text.count < 260)
        let letter = message(Samples.progressed("一\n二"), template, .zhHans, .email)
        #expect(letter.text.contains("一\n二"))
        // As browsers and mail write it; CR LF is one character to Swift.
        for end in ["\r\n", "\r", "\u{2028}", "\u{85}"] {
            let letter = message(Samples.progressed("一\(end)\(end)二"), template, .zhHans, .email).text
            #expect(letter.contains("一\n\n二") && !letter.contains("\r"))
        }
        let subject = Rendering.message(
            Template(.progressed, Titles("{text}", ""), Titles("", "")),
            Facts(
                Samples.progressed("a\r\nBcc: somebody"), template: .progressed, language: .zhHans, names: Names(), street: "",
                addresses: Self.addresses), language: .zhHans, channel: .email
        ).subject
        #expect(subject == "a Bcc: somebody")
    }

    @Test func `moments are told in Chinese time`() {
        #expect(Facts.moment(Samples.noon, .zhHans) == "11月23日12:00")
        #expect(Facts.moment(Samples.noon, .english) == "2026-11-23 12:00")
        // A pause until the 23rd is over when the 24th begins.
        #expect(Facts.lastDay(Samples.noon.adding(.seconds(43_200)), .zhHans) == "11月23日")
        #expect(Facts.lastDay(Samples.noon, .english) == "2026-11-23")
    }
}
