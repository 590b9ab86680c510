import HTTP

/// Whether a mail server's word concerns the letter, or the server and us: an ``Outage``.
///
/// What is said before the recipient was named is the same for every letter. Later the enhanced code decides, or the words where
/// there is none. Many servers put off their verdict on our name, address and sender until the recipient is named (Postfix does
/// so unless told otherwise), so what may be meant for all is an outage that another letter has to confirm.
enum MailJudgement {
    static func outcome(of reply: MailReply) -> DeliveryOutcome {
        // Numbers that mean the same at every moment.
        switch reply.status {
        case 421: return .outage(Outage(.system, status: 421, mayConcernMessage: namesLetter(reply)))
        case 530, 534, 535, 538: return .outage(Outage(.login, status: reply.status))
        default: break
        }
        switch reply.phase {
        case .connecting, .greeting, .hello: return .outage(Outage(.greeting, status: reply.status))
        case .encryption: return .outage(Outage(.tls, status: reply.status))
        case .login: return .outage(Outage(.login, status: reply.status))
        case .sender: return onSender(reply)
        case .recipient, .data: return onRecipient(reply)
        case .letter: return onLetter(reply)
        }
    }

    /// No answer at all.
    static func outcome(of error: HTTPClientError) -> DeliveryOutcome {
        if error.mayHaveBeenTaken { return .unknown }
        switch error.code {
        case .badRequest: return .refused(reason: .badMessage)
        case .unresolved: return .outage(Outage(.unresolved))
        case .addressRefused: return .outage(Outage(.addressNotAllowed))
        case .tls: return .outage(Outage(.tls))
        case .login: return .outage(Outage(.login))
        case .notConnected: return .outage(Outage(.unreachable))
        default: break
        }
        switch error.mailPhase {
        // From here on something in the letter or its recipient may be what breaks the connection.
        case .recipient, .data, .letter: return .retryLater(after: nil)
        default: return .outage(Outage(.unreachable))
        }
    }

    /// All letters have one sender. Only the size, which is announced with it, is the letter's.
    private static func onSender(_ reply: MailReply) -> DeliveryOutcome {
        switch (reply.detail?.subject, reply.detail?.number) {
        case (3, 4), (2, 3): .refused(reason: .badMessage)
        case (nil, _) where reply.status == 552: .refused(reason: .badMessage)
        case (3, _): .outage(Outage(.system, status: reply.status))
        case (nil, _) where reply.status == 452: .outage(Outage(.system, status: reply.status))
        default: .outage(Outage(.sender, status: reply.status))
        }
    }

    private static func onRecipient(_ reply: MailReply) -> DeliveryOutcome {
        switch (reply.detail?.subject, reply.detail?.number) {
        // Sender's address: no valid domain, bad syntax.
        case (1, 7), (1, 8): return outage(.sender, reply)
        case (3, let number) where number != 4: return outage(.system, reply)
        case (7, _): return reply.status >= 500 || namesUs(reply) ? outage(.relay, reply) : .retryLater(after: nil)
        // 5.5.x at this moment: "log in first", "need MAIL before RCPT", a name we greeted with.
        case (5, let number) where reply.status >= 500 && number != 3: return outage(.relay, reply)
        case (.some, _): return settled(reply)
        case (nil, _): break
        }
        switch reply.status {
        case 500, 502, 503, 504, 554, 571: return outage(.relay, reply)
        default: return namesUs(reply) ? outage(.relay, reply) : settled(reply)
        }
    }

    private static func onLetter(_ reply: MailReply) -> DeliveryOutcome {
        switch (reply.detail?.subject, reply.detail?.number) {
        case (3, 4), (2, 3): return .refused(reason: .badMessage)
        case (3, _): return outage(.system, reply)
        // Policy on content, or on a sender who is not allowed to be this one (5.7.60), or not authenticated (5.7.26).
        case (7, _) where reply.status >= 500: return outage(.relay, reply)
        // A day's quota.
        case (4, 5): return outage(.system, reply)
        case (nil, _) where reply.status == 452: return outage(.system, reply)
        case (nil, _) where reply.status == 552: return .refused(reason: .badMessage)
        default: return settled(reply)
        }
    }

    private static func namesLetter(_ reply: MailReply) -> Bool { [.recipient, .data, .letter].contains(reply.phase) }

    private static func settled(_ reply: MailReply) -> DeliveryOutcome {
        reply.status < 500 ? .retryLater(after: nil) : .refused(reason: .rejected)
    }

    private static func outage(_ reason: Outage.Reason, _ reply: MailReply) -> DeliveryOutcome {
        .outage(Outage(reason, status: reply.status, mayConcernMessage: true))
    }

    /// Servers without enhanced codes, and greylisting's 4.7.1 against a relay's: only their words tell.
    private static func namesUs(_ reply: MailReply) -> Bool {
        ["relay", "helo", "ehlo", "client host", "authenticat", "rcpthosts", "log in", "blocked using", "blacklist", "blocklist", "dnsbl"]
            .contains { reply.words.firstRange(of: $0) != nil }
    }
}
