import Glibc
import Synchronization

/// A mail server that answers each step of the conversation as it is told, also while it runs.
public final class MailDialogueServer: Sendable {
    public enum Step: String, Sendable, CaseIterable {
        case greeting, hello, login, sender, recipient, data, letter
    }
    /// What happens to a connection over which a letter has gone, when the next one comes.
    public enum Idle: Sendable { case staysOpen, says421, hangsUp }

    public struct Letter: Sendable {
        public let recipient: String
        /// As it came, with the line ends and without the dot that ends it.
        public let bytes: [UInt8]
    }

    fileprivate struct State {
        var answers: [Step: String]
        var idle = Idle.staysOpen
        var letters: [Letter] = []
        var hellos: [String] = []
        var attempts = 0
        var underWay = 0
        var mostUnderWay = 0
    }
    fileprivate final class Book: Sendable {
        let state: Mutex<State>
        init(_ state: State) { self.state = Mutex(state) }
    }
    private let server: RawServer
    private let book: Book

    public var url: String { "smtp://127.0.0.1:\(server.port)" }
    public var letters: [Letter] { book.state.withLock { $0.letters } }
    /// The names that clients gave themselves.
    public var hellos: [String] { book.state.withLock { $0.hellos } }
    public var connections: Int { server.connectionCount }
    /// How many letters somebody began to hand over, or connections refused before that.
    public var attempts: Int { book.state.withLock { $0.attempts } }
    public var mostAtOnce: Int { book.state.withLock { $0.mostUnderWay } }

    /// - Parameter answers: instead of the usual ones, e.g. `[.recipient: "550 5.7.1 Relaying denied"]`.
    public init(_ answers: [Step: String] = [:], idle: Idle = .staysOpen) {
        let book = Book(State(answers: answers, idle: idle))
        self.book = book
        server = RawServer(connections: { peer in
            var talk = Talk(peer: peer, book: book)
            talk.run()
        })
    }

    /// nil: as a server does that is well.
    public func answer(_ step: Step, _ text: String?) { book.state.withLock { $0.answers[step] = text } }

    /// One connection.
    private struct Talk {
        let peer: RawServer.Peer
        let book: Book
        var bytes: [UInt8] = []
        var recipient = ""
        var carried = 0

        init(peer: RawServer.Peer, book: Book) {
            self.peer = peer
            self.book = book
        }

        mutating func run() {
            book.state.withLock { state in
                state.underWay += 1
                state.mostUnderWay = max(state.mostUnderWay, state.underWay)
            }
            defer { book.state.withLock { $0.underWay -= 1 } }
            guard say(.greeting, "220 mail.example ESMTP") else { return count() }
            while let line = line() {
                guard answer(String(decoding: line, as: UTF8.self)) else { return }
            }
        }

        /// False to hang up.
        private mutating func answer(_ line: String) -> Bool {
            switch line.prefix(4).uppercased() {
            case "EHLO", "HELO":
                book.state.withLock { $0.hellos.append(String(line.dropFirst(5))) }
                return say(.hello, "250-mail.example\r\n250-AUTH PLAIN\r\n250 SIZE 50000")
            case "AUTH": return say(.login, "334 ")
            case "MAIL":
                count()
                let idle = carried > 0 ? book.state.withLock { $0.idle } : .staysOpen
                if idle == .says421 { peer.write("421 4.4.2 idle for too long\r\n") }
                return idle == .staysOpen && say(.sender, "250 2.1.0 ok")
            case "RCPT":
                recipient = String(line.dropFirst(8).filter { $0 != "<" && $0 != ">" })
                return say(.recipient, "250 2.1.5 ok")
            case "DATA":
                guard say(.data, "354 go ahead") else { return false }
                return book.state.withLock { $0.answers[.data] == nil } ? letter() : true
            case "QUIT":
                peer.write("221 bye\r\n")
                return false
            // The name and the password.
            default: return say(.login, "235 2.7.0 welcome")
            }
        }

        private mutating func letter() -> Bool {
            var text: [UInt8] = []
            while let line = self.line(), line != [0x2e] { text += (line.first == 0x2e ? line.dropFirst() : line[...]) + [0x0d, 0x0a] }
            let letter = Letter(recipient: recipient, bytes: text)
            carried += 1
            let isTaken = book.state.withLock { state in
                if state.answers[.letter] == nil { state.letters.append(letter) }
                return state.answers[.letter] == nil
            }
            return isTaken ? say(.letter, "250 2.0.0 taken") : say(.letter, "")
        }

        private func count() { book.state.withLock { $0.attempts += 1 } }

        private func say(_ step: Step, _ usual: String) -> Bool {
            let told = book.state.withLock { $0.answers[step] }
            return peer.write((told ?? usual) + "\r\n") && !(told ?? "").hasPrefix("421") && !(step == .greeting && told != nil)
        }

        /// Without its line end; nil when the client is gone.
        private mutating func line() -> [UInt8]? {
            while true {
                if let end = bytes.firstIndex(of: 0x0a) {
                    let line = Array(bytes[..<end])
                    bytes.removeSubrange(...end)
                    return line.last == 0x0d ? line.dropLast() : line
                }
                var buffer = [UInt8](repeating: 0, count: 65_536)
                let count = recv(peer.fd, &buffer, buffer.count, 0)
                guard count > 0 else { return nil }
                bytes += buffer.prefix(count)
            }
        }
    }
}
