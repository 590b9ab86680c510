public import HTTP

/// Letters by SMTP. What the server says of itself, of our login or of our sender is an ``Outage``, see ``MailJudgement``; an attempt that broke off
/// is `unknown` when the letter's end may have left, else it was surely not taken.
public struct EmailChannel: Channel {
    private let sender: MailSender
    private let from: MailAddress
    private let now: @Sendable () -> Int64

    /// - Parameter now: seconds since 1970.
    public init(_ sender: MailSender, from: MailAddress, now: @escaping @Sendable () -> Int64) {
        self.sender = sender
        self.from = from
        self.now = now
    }

    public func deliver(_ message: ChannelMessage) async -> DeliveryOutcome {
        guard let to = try? MailAddress(message.recipient) else { return .refused(reason: .badAddress) }
        var letter = MailMessage(from: from, to: to, subject: message.subject, text: message.text, id: message.id, date: now())
        letter.html = message.html
        do {
            switch try await sender.send(letter) {
            case .accepted: return .sent
            case .declined(let reply): return MailJudgement.outcome(of: reply)
            }
        } catch let error as HTTPClientError {
            return MailJudgement.outcome(of: error)
        } catch {
            return .unknown
        }
    }
}
