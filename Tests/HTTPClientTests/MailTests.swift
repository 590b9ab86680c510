import Foundation
import Testing

@testable import HTTP

private func letter(to: String = "zhang@example.org", subject: String = "工单已办结 🎉") throws -> MailMessage {
    var message = MailMessage(
        from: try MailAddress("shao@street.example", name: "彩虹街道"), to: try MailAddress(to, name: "张三"), subject: subject,
        text: "您好,\n路灯已修好。\n", id: "01912345-6789", date: 1_795_259_045)
    message.html = "<p>路灯已修好。</p>"
    message.attachments = [.init(name: "修复照片 1.jpg", type: "image/jpeg", bytes: [UInt8](repeating: 0xd8, count: 100_000))]
    return message
}

@Suite(.enabled(if: MailServer.python != nil, "no Python with aiosmtpd (Debian: python3-aiosmtpd)"))
struct `Letters to a real mail server` {
    @Test func `a Chinese letter with an attachment arrives whole`() async throws {
        let server = try MailServer()
        let sender = try MailSender(.init(url: "smtp://127.0.0.1:\(server.port)"))
        let subject = String(repeating: "关于彩虹路口路灯不亮一事的办理结果🏮", count: 6)
        #expect(try await sender.send(try letter(subject: subject)) == .accepted)
        for await got in server.letters {
            #expect(got.from == "shao@street.example" && got.to == "zhang@example.org")
            #expect(got.subject == subject)
            #expect(got.sender == "彩虹街道 <shao@street.example>")
            #expect(got.messageID == "<01912345-6789@street.example>")
            #expect(got.date == "Sat, 21 Nov 2026 19:04:05 +0800")
            #expect(got.text.split(whereSeparator: \.isNewline) == ["您好,", "路灯已修好。"])
            #expect(got.html?.contains("路灯已修好") == true)
            #expect(got.attachments.map(\.name) == ["修复照片 1.jpg"] && got.attachments.map(\.count) == [100_000])
            #expect(got.defects == 0 && got.longestLine <= 100 && !got.eightBit)
            break
        }
    }

    @Test func `a plain letter needs no other parts`() async throws {
        let server = try MailServer()
        let sender = try MailSender(.init(url: "smtp://127.0.0.1:\(server.port)"))
        var message = try letter(subject: "Plain words")
        message.html = nil
        message.attachments = []
        #expect(try await sender.send(message) == .accepted)
        for await got in server.letters {
            #expect(got.subject == "Plain words" && got.html == nil && got.attachments.isEmpty && got.text.hasPrefix("您好"))
            break
        }
    }

    @Test(arguments: [
        ("later@example.org", "s", 451, MailPhase.recipient), ("never@example.org", "s", 550, .recipient),
        ("a@example.org", "full", 452, .letter), ("a@example.org", "spam", 554, .letter),
    ])
    func `the server's word is told, and what it was said about`(to: String, subject: String, status: Int, phase: MailPhase) async throws {
        let server = try MailServer()
        let sender = try MailSender(.init(url: "smtp://127.0.0.1:\(server.port)"))
        guard case .declined(let reply) = try await sender.send(try letter(to: to, subject: subject)) else {
            return #expect(Bool(false), "it was taken")
        }
        #expect(reply.status == status && reply.phase == phase)
    }

    @Test func `a password never leaves without TLS`() async throws {
        let server = try MailServer()
        var configuration = MailSender.Configuration(url: "smtp://127.0.0.1:\(server.port)")
        configuration.user = "shao"
        configuration.password = "word"
        let sender = try MailSender(configuration)
        await #expect { _ = try await sender.send(try letter()) } throws: { ($0 as? HTTPClientError)?.code == .tls }
    }

    @Test func `a mail server that is not there is an error`() async throws {
        let sender = try MailSender(.init(url: "smtp://127.0.0.2:1"))
        await #expect { _ = try await sender.send(try letter()) } throws: { ($0 as? HTTPClientError)?.code == .notConnected }
    }
}

@Suite struct `What a letter refuses` {
    @Test(arguments: [
        "a@b>\r\nRCPT TO:<evil@x", "a b@c", "a@b c", "<a@b>", "a@b@c", "@b", "a@", "a", "", "a@b\n", "a@-b", "a@b..c", "a@b.", "哨@b", "a@哨",
        "a\"@b",
        "a,b@c", "a@[127.0.0.1]",
    ])
    func `an address that could break out of its place`(text: String) {
        #expect(throws: HTTPClientError.self) { try MailAddress(text) }
    }

    @Test(arguments: ["zhang@example.org", "first.last+tag@sub.example.com", "a@b", "o'neil@x-y.cn"])
    func `an ordinary address passes`(text: String) throws {
        #expect(try MailAddress(text).address == text)
    }

    @Test func `line breaks in names, subjects and ids are refused`() throws {
        #expect(throws: HTTPClientError.self) { try MailAddress("a@b", name: "x\r\nBcc: c@d") }
        let configuration = MailSender.Configuration(url: "smtp://127.0.0.1:25")
        #expect(throws: HTTPClientError.self) { try MailPlan(letter(subject: "x\r\nBcc: c@d"), configuration) }
        var message = try letter()
        message.id = "a>\r\nx: <"
        #expect(throws: HTTPClientError.self) { try MailPlan(message, configuration) }
        message = try letter()
        message.attachments = [.init(name: "a", type: "text/plain\r\nx: y", bytes: [])]
        #expect(throws: HTTPClientError.self) { try MailPlan(message, configuration) }
    }

    @Test(arguments: ["http://127.0.0.1/", "smtp://a b", "", "file:///x"])
    func `a server of another kind`(url: String) {
        #expect(throws: HTTPClientError.self) { try MailSender(.init(url: url)) }
    }

    @Test func `no encoded word is longer than 75 letters`() {
        for text in ["哨", String(repeating: "街道🏮", count: 40), String(repeating: "a", count: 500), "=?UTF-8?B?eA==?=", "a, <b>"] {
            let words = MailText.word(text).components(separatedBy: "\r\n ")
            #expect("Subject: ".utf8.count + words[0].utf8.count <= 76)
            #expect(words.allSatisfy { $0.utf8.count <= 75 && $0.hasPrefix("=?UTF-8?B?") })
        }
        #expect(MailText.word("Plain words 12") == "Plain words 12")
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 08:00:00 +0800"), (951_782_400, "Tue, 29 Feb 2000 08:00:00 +0800"),
        (1_798_732_799, "Thu, 31 Dec 2026 23:59:59 +0800"),
    ])
    func `dates are written by the calendar`(seconds: Int64, text: String) {
        #expect(CivilTime.mailDate(seconds) == text)
    }
}
