import Channels
import Contracts
import Foundation
import HTTP
import TestKit
import Testing

@testable import Notification

/// aiosmtpd in a process of its own: writes its port and then each letter as a line into files.
private final class MailServer {
    /// Looked for on the disk: waiting for a child process would block a thread of the test's pool.
    static let isInstalled = FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/aiosmtpd")

    private let folder = FileManager.default.temporaryDirectory.appending(path: "shao-mail-\(UUID().uuidString)")
    private let process: Process
    private let input = Pipe()

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        process = try Self.start("/usr/bin/python3", ["-c", Self.program, folder.path()], input)
    }

    func stop() {
        process.terminate()
        try? FileManager.default.removeItem(at: folder)
    }

    var port: Int? { text("port").flatMap { Int($0) } }
    /// to, subject, sender, text of each.
    var letters: [[String]] {
        (text("letters") ?? "").split(separator: "\n").compactMap { try? JSONDecoder().decode([String].self, from: Data($0.utf8)) }
    }

    private func text(_ name: String) -> String? { try? String(contentsOf: folder.appending(path: name), encoding: .utf8) }

    private static func start(_ path: String, _ arguments: [String], _ input: Pipe? = nil) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardInput = input ?? FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Ends with its standard input, so that it does not outlive the test.
    private static let program = """
        import sys, os, json, socket, email, email.policy
        from aiosmtpd.controller import Controller
        folder = sys.argv[1]
        class Handler:
            async def handle_DATA(self, server, session, envelope):
                m = email.message_from_bytes(envelope.content, policy=email.policy.default)
                with open(folder + '/letters', 'a') as f:
                    f.write(json.dumps([envelope.rcpt_tos[0], m['subject'], m['from'], m.get_body(('plain',)).get_content()]) + '\\n')
                return '250 ok'
        s = socket.socket(); s.bind(('127.0.0.1', 0)); port = s.getsockname()[1]; s.close()
        Controller(Handler(), hostname='127.0.0.1', port=port).start()
        with open(folder + '/port.new', 'w') as f: f.write(str(port))
        os.rename(folder + '/port.new', folder + '/port')
        sys.stdin.read()
        """
}

@Suite(.enabled(if: TemporaryDatabase.isAvailable && MailServer.isInstalled, "needs SHAO_TEST_POSTGRES and python3-aiosmtpd"))
struct `Letters to desks` {
    @Test func `a Chinese letter reaches a real mail server`() async throws {
        let server = try MailServer()
        defer { server.stop() }
        await eventually { server.port != nil }
        let sender = try MailSender(MailSender.Configuration(url: "smtp://127.0.0.1:\(try #require(server.port))"))
        let channel = EmailChannel(sender, from: try MailAddress("shao@street.example", name: "彩虹街道")) { 1_795_000_000 }
        try await World.with(recipients: #"{"310106019001": [{"channel": "email", "address": "desk@hq.example"}]}"#, mail: channel) {
            world in
            try await world.hear(Samples.opened())
            try await world.sending { await eventually { try await world.deliveries() == ["sms sent 1", "email sent 1"] } }
        }
        let letter = try #require(server.letters.first)
        #expect(server.letters.count == 1)
        #expect(letter[0] == "desk@hq.example" && letter[2] == "彩虹街道 <shao@street.example>")
        #expect(letter[1] == "新工单 \(Samples.plain.number)：路灯不亮")
        #expect(
            letter[3].contains("描述：灯不亮") && letter[3].contains("https://shao.example/community/\(Samples.ticket)")
                && !letter[3].contains("/s/"))
    }
}

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "needs SHAO_TEST_POSTGRES"))
struct `Letters that are cut off` {
    @Test(arguments: [(MailScript.Moment.afterDot, "email unknown 1 cut-off"), (.afterRecipient, "email queued 1 later")])
    func `what may have arrived is not sent again by itself, what surely did not waits`(moment: MailScript.Moment, state: String)
        async throws
    {
        let server = MailScript(until: moment)
        let channel = EmailChannel(try MailSender(.init(url: server.url)), from: try MailAddress("shao@street.example")) { 1_795_000_000 }
        try await World.with(recipients: #"{"310106019001": [{"channel": "email", "address": "desk@hq.example"}]}"#, mail: channel) {
            world in
            try await world.hear(Samples.opened())
            try await world.sending {
                await eventually { try await world.deliveries() == ["sms sent 1", state] }
                world.clock.advance(.seconds(30))
                await eventually { try await world.deliveries() == ["sms sent 1", state] }
            }
        }
        #expect(server.calls == 1)
    }
}
