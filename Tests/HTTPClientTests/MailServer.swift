import Foundation
import Synchronization

/// A real SMTP server (aiosmtpd) in a process of its own. Recipients `later…` are answered 451, `never…` 550.
final class MailServer: Sendable {
    /// A Python that has aiosmtpd, or nil.
    static let python: String? = ["/usr/bin/python3", "/usr/local/bin/python3"].first { path in
        guard FileManager.default.isExecutableFile(atPath: path) else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-c", "import aiosmtpd"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    struct Letter: Decodable, Sendable {
        let from: String, to: String, subject: String, sender: String, messageID: String, date: String
        let text: String
        let html: String?
        let attachments: [Attachment]
        let defects: Int, longestLine: Int, eightBit: Bool
        struct Attachment: Decodable, Sendable { let name: String, type: String, count: Int }
    }

    let port: Int
    let letters: AsyncStream<Letter>
    private let process: Process

    init() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python ?? "python3")
        process.arguments = ["-u", "-c", Self.program]
        let output = Pipe()
        process.standardOutput = output
        let input = Pipe()
        process.standardInput = input
        try process.run()
        self.process = process
        let lines = Lines(output.fileHandleForReading)
        port = Int(lines.next() ?? "") ?? 0
        let (letters, arrival) = AsyncStream.makeStream(of: Letter.self)
        self.letters = letters
        Thread.detachNewThread {
            _ = input
            while let line = lines.next() {
                if let letter = try? JSONDecoder().decode(Letter.self, from: Data(line.utf8)) { arrival.yield(letter) }
            }
            arrival.finish()
        }
    }

    deinit { process.terminate() }

    private final class Lines: @unchecked Sendable {
        private let handle: FileHandle
        private var rest = Data()
        init(_ handle: FileHandle) { self.handle = handle }
        func next() -> String? {
            while true {
                if let end = rest.firstIndex(of: 10) {
                    defer { rest = Data(rest[rest.index(after: end)...]) }
                    return String(decoding: rest[..<end], as: UTF8.self)
                }
                let more = handle.availableData
                if more.isEmpty { return nil }
                rest += more
            }
        }
    }

    private static let program = """
        import sys, json, email, email.policy, time
        from aiosmtpd.controller import Controller
        class Handler:
            async def handle_RCPT(self, server, session, envelope, address, options):
                if address.startswith('later'): return '451 come back'
                if address.startswith('never'): return '550 no such mailbox'
                envelope.rcpt_tos.append(address); return '250 ok'
            async def handle_DATA(self, server, session, envelope):
                m = email.message_from_bytes(envelope.content, policy=email.policy.default)
                if 'full' in m['subject']: return '452 full'
                if 'spam' in m['subject']: return '554 refused'
                b = m.get_body(('plain',)); h = m.get_body(('html',))
                print(json.dumps(dict(**{'from': envelope.mail_from}, to=','.join(envelope.rcpt_tos), subject=m['subject'], sender=m['from'],
                    messageID=m['message-id'], date=m['date'], text=b.get_content(), html=h.get_content() if h else None,
                    attachments=[dict(name=a.get_filename(), type=a.get_content_type(), count=len(a.get_payload(decode=True))) for a in m.iter_attachments()],
                    defects=len(m.defects), longestLine=max(len(l) for l in envelope.content.splitlines()), eightBit=any(c > 127 for c in envelope.content))))
                return '250 ok'
        import socket
        s = socket.socket(); s.bind(('127.0.0.1', 0)); p = s.getsockname()[1]; s.close()
        c = Controller(Handler(), hostname='127.0.0.1', port=p); c.start()
        print(p)
        sys.stdin.read()
        """
}
