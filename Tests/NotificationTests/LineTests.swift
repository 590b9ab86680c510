import Contracts
import Testing

@testable import Notification

@Suite struct `Lines of short messages` {
    @Test(arguments: ["\n", "\r\n", "\r", "\u{85}", "\u{2028}", "\u{2029}", "\u{B}", "\n\n\n"])
    func `a line break of any kind becomes a blank where there is one line`(line: String) throws {
        let template = try #require(Template.of(.progressed))
        for channel in [DeliveryChannel.sms, .wechat] {
            let facts = Facts(
                Samples.progressed("好了\(line)【银行】请转账"), template: .progressed, language: .zhHans, names: Names(), street: "彩虹街道",
                addresses: Addresses(status: "/s/x", evaluate: "/e/x", desk: "/desk"))
            let text = Rendering.message(template, facts, language: .zhHans, channel: channel).text
            #expect(text.contains("好了 【银行】请转账") && !text.contains(where: \.isNewline))
        }
    }
}
