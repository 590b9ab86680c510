/// How far a conversation with a mail server had come. What is said before ``recipient`` says nothing of the letter, except its size.
public enum MailPhase: String, Sendable, CaseIterable {
    /// Nothing was heard from the server.
    case connecting
    case greeting, hello, encryption, login, sender, recipient, data
    /// The letter itself, and the server's word on it.
    case letter
}

/// A mail server's word that ended an attempt.
public struct MailReply: Sendable, Equatable {
    /// RFC 3463: what the three digits of SMTP leave open, for example 5.7.1.
    public struct Detail: Sendable, Hashable, CustomStringConvertible {
        public let level: Int, subject: Int, number: Int
        public init(_ level: Int, _ subject: Int, _ number: Int) { (self.level, self.subject, self.number) = (level, subject, number) }
        public var description: String { "\(level).\(subject).\(number)" }
    }

    public let phase: MailPhase
    public let status: Int
    /// nil from servers that give none.
    public let detail: Detail?
    /// In lower case, to tell apart what has one number. May name an address, so it is neither kept nor logged.
    public let words: String

    /// - Parameter lines: the reply as it came, without line ends, e.g. `550 5.7.1 Relaying denied`.
    public init?(_ phase: MailPhase, lines: [String]) {
        guard let last = lines.last, let status = Int(last.prefix(3)), (200...599).contains(status) else { return nil }
        let words = lines.map { $0.dropFirst(4) }.joined(separator: " ").lowercased()
        self.phase = phase
        self.status = status
        self.words = words
        detail = Self.detail(in: words, level: status / 100)
    }

    /// At the beginning where RFC 2034 wants it, or in brackets at the end, `(#5.7.1)`, as qmail writes it.
    private static func detail(in words: String, level: Int) -> Detail? {
        let tokens = words.split { $0 == " " || $0 == "(" || $0 == ")" || $0 == "#" || $0 == ";" || $0 == ":" }
        for token in tokens {
            let parts = token.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3, parts.allSatisfy({ (1...3).contains($0.utf8.count) }) else { continue }
            let numbers = parts.compactMap { Int($0) }
            if numbers.count == 3, numbers[0] == level { return Detail(numbers[0], numbers[1], numbers[2]) }
        }
        return nil
    }
}

/// Follows one letter's conversation by what both sides write.
struct MailDialogue {
    private(set) var phase = MailPhase.connecting
    /// The letter went over a connection that an earlier one had opened.
    private(set) var isOnUsedConnection = false
    private var lines: [String] = []
    private var replyIsOpen = false
    private var isOver = false

    /// The server's last word; nil while there is none on the last command.
    var reply: MailReply? { replyIsOpen ? nil : MailReply(phase, lines: lines) }

    /// A command of ours.
    mutating func sent(_ bytes: some Sequence<UInt8>) {
        let line = Self.text(bytes).uppercased()
        if line.hasPrefix("QUIT") {
            // How a connection is closed is no answer to the letter. Before ours has begun it is another one.
            isOver = phase != .connecting
            return
        }
        guard !isOver else { return }
        if phase == .connecting { isOnUsedConnection = true }
        lines = []
        replyIsOpen = false
        if line.hasPrefix("EHLO ") || line.hasPrefix("HELO ") {
            phase = .hello
        } else if line.hasPrefix("STARTTLS") {
            phase = .encryption
        } else if line.hasPrefix("MAIL FROM:") {
            phase = .sender
        } else if line.hasPrefix("RCPT TO:") {
            phase = .recipient
        } else if line == "DATA", phase == .recipient {
            phase = .data
        } else {
            phase = .login
        }
    }

    /// A line of the server.
    mutating func received(_ bytes: some Sequence<UInt8>) {
        guard !isOver else { return }
        if phase == .connecting { phase = .greeting }
        let line = Self.text(bytes)
        guard !line.isEmpty else { return }
        if !replyIsOpen { lines = [] }
        replyIsOpen = line.utf8.dropFirst(3).first == UInt8(ascii: "-")
        if lines.count < 20 || !replyIsOpen { lines.append(String(line.prefix(300))) }
        if phase == .data, !replyIsOpen, line.hasPrefix("354") {
            phase = .letter
            lines = []
        }
    }

    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.filter { $0 != 0x0d && $0 != 0x0a && $0 != 0 }, as: UTF8.self)
    }
}
