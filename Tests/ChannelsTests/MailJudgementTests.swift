import Channels
import HTTP
import TestKit
import Testing

/// What a mail server can say, when, and whose matter it is.
@Suite struct `Whom a mail server means` {
    typealias Row = (step: MailDialogueServer.Step, answer: String, outcome: DeliveryOutcome)

    private static func server(_ reason: Outage.Reason, _ status: Int) -> DeliveryOutcome { .outage(Outage(reason, status: status)) }
    private static func perhaps(_ reason: Outage.Reason, _ status: Int) -> DeliveryOutcome {
        .outage(Outage(reason, status: status, mayConcernMessage: true))
    }
    private static let later = DeliveryOutcome.retryLater(after: nil), refused = DeliveryOutcome.refused(reason: .rejected)
    private static let bad = DeliveryOutcome.refused(reason: .badMessage)

    /// Before the recipient is named.
    static let early: [Row] = [
        (.greeting, "554 5.3.2 no SMTP service here", server(.greeting, 554)), (.greeting, "554 no", server(.greeting, 554)),
        (.greeting, "421 4.3.2 too busy", server(.system, 421)), (.greeting, "450 wait", server(.greeting, 450)),
        (.hello, "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname", server(.greeting, 504)),
        (.hello, "550 5.7.1 your host is not welcome", server(.greeting, 550)), (.hello, "450 wait", server(.greeting, 450)),
        (.login, "535 5.7.8 Error: authentication failed", server(.login, 535)),
        (.login, "534 5.7.9 mechanism too weak", server(.login, 534)),
        (.login, "538 encryption required", server(.login, 538)), (.login, "454 4.7.0 temporary failure", server(.login, 454)),
        (.login, "535 invalid", server(.login, 535)), (.login, "500 what?", server(.login, 500)),
        (.sender, "530 5.7.0 Must issue a STARTTLS command first", server(.login, 530)),
        (.sender, "530 5.7.1 Authentication required", server(.login, 530)), (.sender, "550 5.1.8 domain not found", server(.sender, 550)),
        (.sender, "553 5.7.1 Sender address rejected: not owned by user", server(.sender, 553)),
        (.sender, "550 not allowed", server(.sender, 550)), (.sender, "501 5.1.7 bad sender", server(.sender, 501)),
        (.sender, "452 4.3.1 out of disk", server(.system, 452)), (.sender, "452 full", server(.system, 452)),
        (.sender, "451 4.3.0 queue file write error", server(.system, 451)), (.sender, "451 try again", server(.sender, 451)),
        (.sender, "421 4.3.2 closing", server(.system, 421)), (.sender, "555 MAIL FROM parameters", server(.sender, 555)),
        (.sender, "552 5.3.4 too big", bad), (.sender, "552 too big", bad), (.sender, "552 5.2.3 length limit", bad),
    ]

    /// About the recipient, or put off until it was named.
    static let recipient: [Row] = [
        (.recipient, "550 5.1.1 no such user", refused), (.recipient, "550 no such user here", refused),
        (.recipient, "550 5.1.10 recipient not found", refused), (.recipient, "550 5.2.1 mailbox disabled", refused),
        (.recipient, "553 5.1.3 bad address syntax", refused), (.recipient, "501 5.1.3 bad address", refused),
        (.recipient, "551 user not local", refused), (.recipient, "552 5.2.2 mailbox full", refused),
        (.recipient, "550 5.4.1 access denied", refused), (.recipient, "556 5.1.10 null MX", refused),
        (.recipient, "450 4.2.1 mailbox busy", later), (.recipient, "450 4.2.0 greylisted, come back", later),
        (.recipient, "451 4.7.1 greylisting in action", later), (.recipient, "452 4.5.3 too many recipients", later),
        (.recipient, "452 too many", later), (.recipient, "451 local error", later), (.recipient, "450 4.4.3 no route", later),
        (.recipient, "554 5.7.1 <a@b.cn>: Relay access denied", perhaps(.relay, 554)),
        (.recipient, "550 5.7.1 Unable to relay", perhaps(.relay, 550)), (.recipient, "550 5.7.54 unable to relay", perhaps(.relay, 550)),
        (.recipient, "454 4.7.1 <a@b.cn>: Relay access denied", perhaps(.relay, 454)),
        (.recipient, "550 relay not permitted", perhaps(.relay, 550)), (.recipient, "571 delivery not authorized", perhaps(.relay, 571)),
        (.recipient, "553 sorry, not in my list of allowed rcpthosts (#5.7.1)", perhaps(.relay, 553)),
        (.recipient, "550 5.7.1 Client host blocked using zen.example", perhaps(.relay, 550)),
        (.recipient, "450 4.7.25 Client host rejected: cannot find your hostname", perhaps(.relay, 450)),
        (.recipient, "504 5.5.2 <localhost>: Helo command rejected", perhaps(.relay, 504)),
        (.recipient, "504 need a full name", perhaps(.relay, 504)), (.recipient, "503 5.5.1 AUTH first", perhaps(.relay, 503)),
        (.recipient, "530 5.7.0 authentication required", server(.login, 530)),
        (.recipient, "550 5.1.8 Sender address rejected: Domain not found", perhaps(.sender, 550)),
        (.recipient, "451 4.3.0 server configuration problem", perhaps(.system, 451)),
        (.recipient, "451 4.3.5 Server configuration error", perhaps(.system, 451)),
        (.recipient, "421 4.7.0 closing", perhaps(.system, 421)),
        (.recipient, "554 no", perhaps(.relay, 554)),
    ]

    /// About the letter.
    static let letter: [Row] = [
        (.data, "451 4.3.0 queue error", perhaps(.system, 451)), (.data, "554 no valid recipients", perhaps(.relay, 554)),
        (.data, "450 wait", later), (.data, "421 closing", perhaps(.system, 421)),
        (.letter, "554 5.6.0 malformed", refused), (.letter, "554 refused", refused), (.letter, "550 5.2.0 no", refused),
        (.letter, "552 5.3.4 too big", bad), (.letter, "552 too big", bad), (.letter, "552 5.2.2 mailbox full", refused),
        (.letter, "452 4.3.1 insufficient storage", perhaps(.system, 452)), (.letter, "452 full", perhaps(.system, 452)),
        (.letter, "451 4.3.0 filter is down", perhaps(.system, 451)), (.letter, "450 4.2.0 later", later), (.letter, "451 later", later),
        (.letter, "550 5.7.60 client may not send as this sender", perhaps(.relay, 550)),
        (.letter, "550 5.7.26 unauthenticated mail", perhaps(.relay, 550)), (.letter, "554 5.7.1 looks like spam", perhaps(.relay, 554)),
        (.letter, "550 5.4.5 daily quota exceeded", perhaps(.system, 550)), (.letter, "421 4.3.0 closing", perhaps(.system, 421)),
        (.letter, "451 4.7.1 greylisted", later),
    ]

    @Test(arguments: ["early", "recipient", "letter"])
    func `each answer at each step`(name: String) async throws {
        for row in name == "early" ? Self.early : name == "recipient" ? Self.recipient : Self.letter {
            let server = MailDialogueServer([row.step: row.answer])
            var configuration = MailSender.Configuration(url: server.url)
            configuration.user = "shao"
            let channel = EmailChannel(try MailSender(configuration), from: try MailAddress("shao@street.example")) { 1_795_230_000 }
            let outcome = await channel.deliver(ChannelMessage(id: "d1", recipient: "a@b.cn", subject: "x", text: "y"))
            #expect(outcome == row.outcome, "\(row.step.rawValue) \(row.answer)")
        }
    }

    @Test func `a server that is not there, has no address or no TLS is an outage`() async throws {
        for (url, code) in [("smtp://127.0.0.1:1", "unreachable"), ("smtp://nowhere.invalid", "host-unresolved")] {
            let channel = EmailChannel(try MailSender(.init(url: url)), from: try MailAddress("a@b.cn")) { 0 }
            guard case .outage(let outage) = await channel.deliver(ChannelMessage(id: "d1", recipient: "a@b.cn", subject: "x")) else {
                Issue.record("\(url)")
                continue
            }
            #expect(outage.code == code && !outage.mayConcernMessage)
        }
        let server = MailDialogueServer()
        var configuration = MailSender.Configuration(url: server.url)
        configuration.requiresTLS = true
        let channel = EmailChannel(try MailSender(configuration), from: try MailAddress("a@b.cn")) { 0 }
        #expect(await channel.deliver(ChannelMessage(id: "d1", recipient: "a@b.cn", subject: "x")) == .outage(Outage(.tls)))
    }
}
