import Foundation
import TestKit
import Testing

@testable import HTTP

private func letter(text: String = "您好", to: String = "desk@hq.example") throws -> MailMessage {
    MailMessage(
        from: try MailAddress("shao@street.example", name: "彩虹街道"), to: try MailAddress(to), subject: "工单", text: text, id: "0191",
        date: 1_795_259_045)
}

private func sender(_ server: MailDialogueServer, user: String? = nil, path: String = "", hello: String? = nil) throws -> MailSender {
    var configuration = MailSender.Configuration(url: server.url + path)
    configuration.user = user
    configuration.hello = hello
    return try MailSender(configuration)
}

@Suite struct `Conversations with a mail server` {
    @Test(arguments: [
        (MailDialogueServer.Step.greeting, MailPhase.greeting), (.hello, .hello), (.login, .login), (.sender, .sender),
        (.recipient, .recipient), (.data, .data), (.letter, .letter),
    ])
    func `a refusal is known by the command that it answers`(step: MailDialogueServer.Step, phase: MailPhase) async throws {
        for (answer, status, detail) in [
            ("554 no", 554, nil), ("450-4.3.2 not\r\n450 4.3.2 now", 450, MailReply.Detail(4, 3, 2)),
            ("553 no (#5.7.1)", 553, .init(5, 7, 1)),
        ] as [(String, Int, MailReply.Detail?)] {
            let server = MailDialogueServer([step: answer])
            guard case .declined(let reply) = try await sender(server, user: "shao").send(try letter()) else {
                Issue.record("\(step) is taken")
                continue
            }
            #expect(reply.phase == phase && reply.status == status && reply.detail == detail, "\(step) \(answer): \(reply)")
            #expect(server.letters.isEmpty)
        }
    }

    @Test(arguments: [MailDialogueServer.Idle.says421, .hangsUp])
    func `a connection that was closed while idle is no failure: the letter goes over a new one at once`(idle: MailDialogueServer.Idle)
        async throws
    {
        let server = MailDialogueServer(idle: idle)
        let sender = try sender(server)
        for _ in 0..<3 { #expect(try await sender.send(try letter()) == .accepted) }
        #expect(server.letters.count == 3 && server.connections == 3)
    }

    @Test func `421 on a new connection is the server's word, and it is asked once`() async throws {
        let server = MailDialogueServer([.sender: "421 4.3.2 closing"])
        guard case .declined(let reply) = try await sender(server).send(try letter()) else { return #expect(Bool(false), "taken") }
        #expect(reply.status == 421 && server.connections == 1)
    }

    @Test(
        arguments: [
            ("", nil, "street.example"), ("/", nil, "street.example"), ("/relay.example", nil, "relay.example"),
            ("", "mx.town.example", "mx.town.example"),
        ] as [(String, String?, String)])
    func `we greet with a name that has a dot, whatever this host is called`(path: String, hello: String?, name: String) async throws {
        let server = MailDialogueServer()
        #expect(try await sender(server, path: path, hello: hello).send(try letter()) == .accepted)
        #expect(server.hellos == [name])
    }

    @Test func `line breaks, dots and long lines arrive as they were written`() async throws {
        let server = MailDialogueServer()
        let long = String(repeating: "长", count: 2_000) + String(repeating: "x", count: 2_000)
        let lines = ["一", "", ".", "..二", long, "三 ", ""]
        for end in ["\n", "\r\n", "\r"] {
            #expect(try await sender(server).send(try letter(text: lines.joined(separator: end))) == .accepted)
        }
        for letter in server.letters {
            let text = String(decoding: letter.bytes, as: UTF8.self)
            #expect(letter.bytes.allSatisfy { $0 < 0x80 } && text.components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 90 })
            let halves = text.components(separatedBy: "\r\n\r\n")
            let body = halves.last?.components(separatedBy: "\r\n--").first ?? ""
            let decoded = Data(base64Encoded: body.filter { !$0.isNewline }).map { String(decoding: $0, as: UTF8.self) }
            #expect(decoded == lines.joined(separator: "\r\n"))
        }
        #expect(server.letters.count == 3)
    }
}

@Suite struct `Words of mail servers` {
    @Test(
        arguments: [
            ("550 5.7.1 Relaying denied", 550, MailReply.Detail(5, 7, 1)), ("550 relay not permitted", 550, nil),
            ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", 553, .init(5, 7, 1)),
            ("550 5.1.1 <a@b.cn>: no such user", 550, .init(5, 1, 1)), ("550 10.0.0.1 is listed", 550, nil), ("550", 550, nil),
            ("450 5.1.1 other level", 450, nil), ("550 5.7.54 SMTP; Unable to relay", 550, .init(5, 7, 54)),
            ("554 5.7.1: no", 554, .init(5, 7, 1)),
        ] as [(String, Int, MailReply.Detail?)])
    func `the number and the enhanced code are read`(line: String, status: Int, detail: MailReply.Detail?) throws {
        let reply = try #require(MailReply(.recipient, lines: [line]))
        #expect(reply.status == status && reply.detail == detail)
    }

    @Test(arguments: ["", "hello", "99", "999 x", "-50 x"])
    func `what is no reply is none`(line: String) { #expect(MailReply(.recipient, lines: [line]) == nil) }

    @Test func `a password that looks like a command is none, and the farewell is no answer`() {
        var dialogue = MailDialogue()
        dialogue.received(Array("220 hi\r\n".utf8))
        dialogue.sent(Array("AUTH LOGIN\r\n".utf8))
        dialogue.received(Array("334 VXNlcm5hbWU6\r\n".utf8))
        dialogue.sent(Array("DATA\r\n".utf8))
        dialogue.received(Array("535 5.7.8 no\r\n".utf8))
        #expect(dialogue.phase == .login && dialogue.reply?.status == 535 && !dialogue.isOnUsedConnection)
        dialogue.sent(Array("QUIT\r\n".utf8))
        dialogue.received(Array("221 bye\r\n".utf8))
        #expect(dialogue.reply?.status == 535)
    }
}
