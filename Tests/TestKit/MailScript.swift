import Glibc
import Synchronization

/// A mail server that hangs up, or falls silent, at a chosen moment.
public final class MailScript: Sendable {
    public enum Moment: Sendable, CaseIterable {
        case beforeGreeting, afterRecipient
        /// After the go-ahead and the letter's first bytes.
        case inLetter
        /// After the dot that ends the letter, before a word on it.
        case afterDot
        case never
    }
    public enum Manner: Sendable { case hangUp, fallSilent }

    private final class Counts: Sendable {
        let calls = Atomic(0), letters = Atomic(0)
    }
    private let server: RawServer
    private let counts: Counts

    public var url: String { "smtp://127.0.0.1:\(server.port)" }
    /// How often somebody called.
    public var calls: Int { counts.calls.load(ordering: .acquiring) }
    /// How many letters came to their end.
    public var letters: Int { counts.letters.load(ordering: .acquiring) }

    public init(until moment: Moment, then manner: Manner = .hangUp) {
        let counts = Counts()
        self.counts = counts
        server = RawServer(connections: { peer in
            counts.calls.add(1, ordering: .acquiringAndReleasing)
            var talk = MailTalk(peer: peer)
            talk.run(until: moment) { counts.letters.add(1, ordering: .acquiringAndReleasing) }
            // Nothing is read either: what was not taken yet stays with the sender.
            let hungUp: Int16 = 0x2000  // POLLRDHUP, which Glibc's module does not show
            var silence = pollfd(fd: peer.fd, events: hungUp, revents: 0)
            if manner == .fallSilent { poll(&silence, 1, 20_000) }
        })
    }
}

/// One connection: SMTP as far as a sender of one letter needs it.
private struct MailTalk {
    let peer: RawServer.Peer
    private var bytes: [UInt8] = []

    init(peer: RawServer.Peer) { self.peer = peer }

    mutating func run(until moment: MailScript.Moment, _ letterEnded: () -> Void) {
        if moment == .beforeGreeting { return }
        peer.write("220 mail.example ESMTP\r\n")
        while let line = line() {
            switch line.prefix(4).uppercased() {
            case "EHLO", "HELO", "MAIL": peer.write("250 ok\r\n")
            case "RCPT":
                peer.write("250 ok\r\n")
                if moment == .afterRecipient { return }
            case "DATA":
                peer.write("354 go ahead\r\n")
                if moment == .inLetter {
                    _ = more()
                    return
                }
                while let text = self.line(), text != "." {}
                letterEnded()
                if moment == .afterDot { return }
                peer.write("250 taken\r\n")
            case "QUIT":
                peer.write("221 bye\r\n")
                return
            default: peer.write("502 what?\r\n")
            }
        }
    }

    /// Without its line end; nil when the sender is gone.
    private mutating func line() -> String? {
        while true {
            if let end = bytes.firstIndex(of: 0x0a) {
                let line = bytes[..<end].filter { $0 != 0x0d }
                bytes.removeSubrange(...end)
                return String(decoding: line, as: UTF8.self)
            }
            if !more() { return nil }
        }
    }

    private mutating func more() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(peer.fd, &buffer, buffer.count, 0)
        if count > 0 { bytes += buffer.prefix(count) }
        return count > 0
    }
}
