import Channels
import Contracts
import Crypto
import EventLog
import FoundationEssentials
import HTTP
import JSON
import ServiceKit

/// Notification's own settings.
enum Config {
    static let settings: [ConfigurationKey] = [
        .secret("SHAO_RECIPIENTS", "JSON: where each organisation is told, {code: [{channel, address, secret?}]}", required: false),
        .optional("SHAO_OUTBOX_DIR", "folder in which SMS, WeChat messages and, without a mail server, letters are written as files"),
        .optional("SHAO_SMTP_URL", "mail server, smtp://host:port or smtps://host:port"),
        .setting("SHAO_MAIL_FROM", "sender of letters", default: "shao@localhost"),
        .optional("SHAO_SMTP_HELLO", "name with which we greet the mail server; otherwise the domain of SHAO_MAIL_FROM"),
        .optional("SHAO_SMTP_USER", "user name at the mail server"),
        .secret("SHAO_SMTP_PASSWORD", "password at the mail server; demands TLS", required: false),
        .optional("SHAO_WEBHOOK_NETWORKS", "private networks that webhooks may lead to, as CIDR, by commas"),
        .setting("SHAO_SMS_ABROAD", "whether text messages go to numbers outside the mainland too: yes or no", default: "no"),
        .optional("SHAO_QUIET_HOURS", "when residents are not disturbed, as 22:00-07:30"),
        .setting("SHAO_SENDERS", "messages under way at the same time", default: "16"),
    ]

    /// Desks' addresses. Throws a configuration error that names the place in the file, never its content.
    static func recipients(_ configuration: Configuration, _ hash: AddressHash) throws(ConfigurationError) -> RecipientBook {
        guard let text = configuration.text("SHAO_RECIPIENTS") else { return RecipientBook() }
        do {
            return try RecipientBook(json: Array(text.utf8), hash: hash)
        } catch {
            throw ConfigurationError(problems: ["SHAO_RECIPIENTS: \(error.code.rawValue) at \(error.pointer), byte \(error.offset)"])
        }
    }

    static func quietHours(_ configuration: Configuration) throws(ConfigurationError) -> QuietHours? {
        guard let text = configuration.text("SHAO_QUIET_HOURS") else { return nil }
        guard let hours = QuietHours(text) else {
            throw ConfigurationError(problems: ["SHAO_QUIET_HOURS: “\(text)” is not two times of day such as 22:00-07:30"])
        }
        return hours
    }

    static func webhookPolicy(_ configuration: Configuration) throws(ConfigurationError) -> AddressPolicy {
        var networks: [AddressPolicy.Network] = []
        for part in (configuration.text("SHAO_WEBHOOK_NETWORKS") ?? "").split(separator: ",") {
            guard let network = AddressPolicy.Network(String(part)) else {
                throw ConfigurationError(problems: ["SHAO_WEBHOOK_NETWORKS: “\(part)” is no network such as 10.0.0.0/8"])
            }
            networks.append(network)
        }
        return .allowing(networks)
    }

    /// The ways out. Where nothing is configured nothing is sent, and each delivery says so.
    static func outlets(_ configuration: Configuration, _ clock: any Timekeeper) throws -> Outlets {
        let seconds: @Sendable () -> Int64 = { clock.now().milliseconds / 1_000 }
        var files: (sms: any Channels.Channel, wechat: any Channels.Channel, email: any Channels.Channel)?
        if let folder = configuration.text("SHAO_OUTBOX_DIR") {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            func file(_ name: String) -> FileChannel { FileChannel(path: "\(folder)/\(name).jsonl", now: seconds) }
            files = (
                SMSChannel(over: file("sms"), abroad: configuration.text("SHAO_SMS_ABROAD") == "yes"), WeChatChannel(over: file("wechat")),
                file("mail")
            )
        }
        return Outlets(
            email: try mail(configuration, seconds) ?? files?.email, sms: files?.sms, wechat: files?.wechat,
            webhooks: try HTTPClient(try webhookPolicy(configuration)), clock: clock)
    }

    private static func mail(
        _ configuration: Configuration, _ seconds: @escaping @Sendable () -> Int64
    ) throws -> (any Channels.Channel)? {
        guard let url = configuration.text("SHAO_SMTP_URL") else { return nil }
        var settings = MailSender.Configuration(url: url)
        settings.user = configuration.text("SHAO_SMTP_USER")
        settings.hello = configuration.text("SHAO_SMTP_HELLO")
        settings.password = configuration.text("SHAO_SMTP_PASSWORD")
        let from = try MailAddress(
            try configuration.require("SHAO_MAIL_FROM"), name: try configuration.require("SHAO_STREET_NAME"))
        return EmailChannel(try MailSender(settings), from: from, now: seconds)
    }
}
