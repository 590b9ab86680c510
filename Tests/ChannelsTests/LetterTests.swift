import Channels
import HTTP
import TestKit
import Testing

private func deliver(_ server: MailScript, letters: Int = 1, bytes: Int = 200, patience: Duration = .seconds(60)) async throws
    -> [DeliveryOutcome]
{
    var configuration = MailSender.Configuration(url: server.url)
    configuration.timeout = patience
    let channel = EmailChannel(try MailSender(configuration), from: try MailAddress("shao@street.example")) { 1_795_230_000 }
    var message = ChannelMessage(id: "01912345-6789-7abc-8def-0123456789ab", recipient: "desk@hq.example", subject: "新工单")
    message.text = String(repeating: "a", count: bytes)
    var outcomes: [DeliveryOutcome] = []
    for _ in 0..<letters { outcomes.append(await channel.deliver(message)) }
    return outcomes
}

/// Longer than what two kernels keep between sender and server, so that its end cannot have left.
private let longLetter = 16 << 20

@Suite struct `Letters that are cut off` {
    @Test(arguments: [
        (MailScript.Moment.beforeGreeting, DeliveryOutcome.outage(Outage(.unreachable))), (.afterRecipient, .retryLater(after: nil)),
        (.afterDot, .unknown), (.never, .sent),
    ])
    func `only after the letter's end may have left is it unknown whether it was taken`(moment: MailScript.Moment, outcome: DeliveryOutcome)
        async throws
    {
        let server = MailScript(until: moment)
        #expect(try await deliver(server) == [outcome])
        #expect(server.calls == 1 && server.letters == (moment == .afterDot || moment == .never ? 1 : 0))
    }

    @Test func `a letter cut off in its middle was surely not taken`() async throws {
        let server = MailScript(until: .inLetter)
        #expect(try await deliver(server, bytes: longLetter) == [.retryLater(after: nil)])
        #expect(server.letters == 0)
    }

    @Test(arguments: [
        (MailScript.Moment.beforeGreeting, 200, DeliveryOutcome.outage(Outage(.unreachable))),
        (.afterRecipient, 200, .retryLater(after: nil)),
        (.inLetter, longLetter, .retryLater(after: nil)), (.afterDot, 200, .unknown),
    ])
    func `a server that falls silent is judged by the same moments`(moment: MailScript.Moment, bytes: Int, outcome: DeliveryOutcome)
        async throws
    {
        let server = MailScript(until: moment, then: .fallSilent)
        #expect(try await deliver(server, bytes: bytes, patience: .seconds(3)) == [outcome])
    }

    @Test func `what became of one letter says nothing of the next on the same sender`() async throws {
        let server = MailScript(until: .never)
        #expect(try await deliver(server, letters: 3) == [.sent, .sent, .sent])
        let cut = MailScript(until: .afterDot)
        #expect(try await deliver(cut, letters: 2) == [.unknown, .unknown])
    }
}
