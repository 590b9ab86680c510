import Contracts
import Testing

@testable import Notification

@Suite struct `The words of messages` {
    private static let addresses = Addresses(
        status: "https://s.example/s/STATUS", evaluate: "https://s.example/e/EVALUATE", desk: "https://s.example/desk")

    private func message(
        _ event: any CaseEvent, _ template: Template, _ language: Language = .zhHans, _ channel: DeliveryChannel = .sms
    ) -> Message {
        var names = Names()
        names.learn(.area, "310106019001", "虹桥社区")
        names.learn(.department, "light", "市政路灯所")
        let facts = Facts(event, template: template.key, language: language, names: names, street: "彩虹街道", addresses: Self.addresses)
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
                        #expect(message.text.contains("/desk"))
                    }
                }
            }
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
    }
}
