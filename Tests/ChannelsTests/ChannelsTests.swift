import Crypto
import Foundation
import HTTP
import Synchronization
import TestKit
import Testing

@testable import Channels

private let secretText = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"

private func webhook(
    _ url: String, rule: SuccessRule = .status, policy: AddressPolicy = .loopbackAllowedForTests,
    now: @escaping @Sendable () -> Int64 = { 1_795_230_000 }
) throws -> WebhookChannel {
    var endpoint = WebhookEndpoint(url: url, secrets: [try WebhookSecret(secretText)])
    endpoint.successRule = rule
    return WebhookChannel(endpoint, client: try HTTPClient(policy), now: now)
}

private func message(_ body: String = "{\"工单\":1}") -> ChannelMessage {
    var message = ChannelMessage(id: "01912345-6789-7abc-8def-0123456789ab", recipient: "")
    message.body = Array(body.utf8)
    return message
}

@Suite struct `Webhooks` {
    @Test(arguments: [
        (200, "", DeliveryOutcome.sent), (204, "", .sent), (202, "", .sent), (410, "", .refused(reason: .gone)),
        (429, "retry-after: 7\r\n", .retryLater(after: .seconds(7))), (503, "retry-after: 999999\r\n", .retryLater(after: .seconds(3_600))),
        (500, "", .retryLater(after: nil)), (400, "", .retryLater(after: nil)), (422, "", .retryLater(after: nil)),
        (404, "", .outage(Outage(.endpoint, status: 404, mayConcernMessage: true))),
        (405, "", .outage(Outage(.endpoint, status: 405, mayConcernMessage: true))),
        (302, "location: /x\r\n", .outage(Outage(.endpoint, status: 302, mayConcernMessage: true))),
        (401, "", .outage(Outage(.login, status: 401, mayConcernMessage: true))),
        (403, "", .outage(Outage(.login, status: 403, mayConcernMessage: true))),
        (407, "", .outage(Outage(.login, status: 407, mayConcernMessage: true))),
    ])
    func `the answer's status decides`(status: Int, headers: String, outcome: DeliveryOutcome) async throws {
        let server = RawServer { _, peer in
            peer.write("HTTP/1.1 \(status) X\r\n\(headers)\(status == 204 ? "" : "content-length: 0\r\n")\r\n")
            return false
        }
        #expect(try await webhook(server.url).deliver(message()) == outcome)
    }

    @Test func `every attempt is signed anew over the bytes sent, under the same id`() async throws {
        let requests = Mutex([String]())
        let server = RawServer { request, peer in
            requests.withLock { $0.append(request) }
            peer.ok("")
            return true
        }
        let clock = Mutex(Int64(1_795_230_000))
        let channel = try webhook(server.url) { clock.withLock { $0 } }
        #expect(await channel.deliver(message()) == .sent)
        clock.withLock { $0 += 300 }
        #expect(await channel.deliver(message()) == .sent)
        let seen = requests.withLock { $0 }
        #expect(seen.count == 2)
        for (request, time) in zip(seen, ["1795230000", "1795230300"]) {
            #expect(
                request.contains("webhook-id: 01912345-6789-7abc-8def-0123456789ab\r\n")
                    && request.contains("webhook-timestamp: \(time)\r\n"))
            let header = request.components(separatedBy: "webhook-signature: ").last?.components(separatedBy: "\r\n").first ?? ""
            let body = Array((request.components(separatedBy: "\r\n\r\n").last ?? "").utf8)
            #expect(body == message().body)
            #expect(
                WebhookSignature.isValid(
                    header: header, id: message().id, timestamp: time, body: body, secrets: [try WebhookSecret(secretText)],
                    now: Int64(time) ?? 0))
        }
    }

    @Test(arguments: [
        ("{\"success\":true}", DeliveryOutcome.sent), ("{\"success\":false,\"code\":500}", .retryLater(after: nil)),
        ("", .retryLater(after: nil)),
        ("{\"success\":\"true\"}", .retryLater(after: nil)), ("{\"success\":false,\"success\":true}", .retryLater(after: nil)),
        ("<html>ok</html>", .retryLater(after: nil)),
    ])
    func `where the rule asks for it, 200 alone is not delivered`(body: String, outcome: DeliveryOutcome) async throws {
        let server = RawServer { _, peer in
            peer.ok(body)
            return false
        }
        let rule = try #require(SuccessRule("$.success==true"))
        #expect(try await webhook(server.url, rule: rule).deliver(message()) == outcome)
    }

    @Test func `an inner address, a dead one, none and one without TLS are outages, no matter of the message`() async throws {
        for (url, policy, outage) in [
            ("http://127.0.0.1:1/", AddressPolicy.publicOnly, Outage(.addressNotAllowed)),
            ("http://127.0.0.1:1/", .loopbackAllowedForTests, Outage(.unreachable)),
            ("http://nowhere.invalid/", .loopbackAllowedForTests, Outage(.unresolved)),
        ] { #expect(try await webhook(url, policy: policy).deliver(message()) == .outage(outage), "\(url)") }
        let plain = RawServer(connections: { peer in
            peer.write("220 no TLS here\r\n")
            peer.waitForClose()
        })
        let encrypted = plain.url.replacingOccurrences(of: "http:", with: "https:")
        #expect(try await webhook(encrypted).deliver(message()) == .outage(Outage(.tls)))
        #expect(try await webhook("file:///etc/passwd").deliver(message()) == .refused(reason: .badAddress))
    }

    @Test func `a cancelled attempt is unknown`() async throws {
        let (arrived, arrival) = AsyncStream.makeStream(of: Bool.self)
        let server = RawServer { _, peer in
            arrival.yield(true)
            peer.waitForClose()
            return false
        }
        let channel = try webhook(server.url)
        let task = Task { await channel.deliver(message()) }
        for await _ in arrived { break }
        task.cancel()
        #expect(await task.value == .unknown)
    }

    @Test(.enabled(if: Receiver.isFound, "no ../shared/checks/webhook.mjs or no node"))
    func `an independent receiver verifies what we sign`() async throws {
        let receiver = try Receiver(secret: secretText)
        let channel = try webhook("http://127.0.0.1:\(receiver.port)/") { Int64(Date().timeIntervalSince1970) }
        var outcome = await channel.deliver(message())
        while outcome == .outage(Outage(.unreachable)), receiver.isRunning { outcome = await channel.deliver(message()) }
        #expect(outcome == .sent)
        #expect(receiver.exitCode() == 0)
    }
}

@Suite struct `Success rules` {
    @Test(arguments: [
        ("status", 204, "", true), ("status", 500, "", false), ("$.code in [0,200,10000]", 200, "{\"code\":200}", true),
        ("$.code in [0,200,10000]", 200, "{\"code\":1}", false), ("$.code in [0,200,10000]", 500, "{\"code\":200}", false),
        ("$.data.code==\"OK\"", 200, "{\"data\":{\"code\":\"OK\"}}", true), ("$.data.code == \"OK\"", 200, "{\"data\":[]}", false),
    ])
    func `a rule is met by what it names`(rule: String, status: Int, body: String, met: Bool) throws {
        #expect(try #require(SuccessRule(rule)).isMet(status: status, body: Array(body.utf8)) == met)
    }

    @Test(arguments: [
        "", "$", "$.", "$.a", "$.a==", "$.a in 1", "$.a in []", "a==1", "$..a==1", "$.a=={}", "$.a==[1]", "$.a==1 2", "Status",
    ])
    func `a rule that is none is refused`(text: String) {
        #expect(SuccessRule(text) == nil)
    }
}

@Suite struct `Other channels` {
    /// How numbers are read is the business of `TelephoneNumber`; here, what comes of it.
    @Test func `the gateway gets mobile numbers written one way; a landline gets no message, and those abroad where they may`() async throws
    {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("shao-\(UUID().uuidString).jsonl").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = FileChannel(path: path) { 1_795_230_000 }
        func deliver(_ number: String, abroad: Bool = false) async -> DeliveryOutcome {
            await SMSChannel(over: file, abroad: abroad).deliver(ChannelMessage(id: "d1", recipient: number, text: "您的工单已办结"))
        }
        for number in ["13912345678", "139 1234-5678", "8613912345678", "+8613912345678", "１３９１２３４５６７８"] {
            #expect(await deliver(number) == .sent)
        }
        #expect(await deliver("+447700900123", abroad: true) == .sent)
        for number in ["021-62345678", "021-62345678转801", "4008208820", "+447700900123"] {
            #expect(await deliver(number) == .refused(reason: .noTextMessages), "\(number)")
        }
        for number in ["12345", "12912345678", "139123456780", "0000000000", "1391234567a", ""] {
            #expect(await deliver(number) == .refused(reason: .badAddress), "\(number)")
        }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count { $0.contains("\"recipient\":\"+8613912345678\"") } == 5 && lines.count == 6)
    }

    @Test func `messages without a gateway end in a file of their owner`() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("shao-\(UUID().uuidString).jsonl").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = FileChannel(path: path) { 1_795_230_000 }
        var message = ChannelMessage(id: "d1", recipient: "13912345678", text: "您的工单\n已办结")
        #expect(await SMSChannel(over: file).deliver(message) == .sent)
        message.recipient = "oABCD-1234_efgh5678ijkl"
        #expect(await WeChatChannel(over: file).deliver(message) == .sent)
        #expect(await SMSChannel(over: file).deliver(message) == .refused(reason: .badAddress))
        message.recipient = "x y"
        #expect(await WeChatChannel(over: file).deliver(message) == .refused(reason: .badAddress))
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2 && lines[0].contains("\"recipient\":\"+8613912345678\"") && lines[0].contains("已办结"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(await FileChannel(path: "/nonexistent/x") { 0 }.deliver(message) == .outage(Outage(.storage)))
    }

    @Test func `a letter to a bad address is refused, and so is one that cannot be written`() async throws {
        let sender = try MailSender(.init(url: "smtp://127.0.0.1:1"))
        let channel = EmailChannel(sender, from: try MailAddress("shao@street.example")) { 1_795_230_000 }
        #expect(await channel.deliver(ChannelMessage(id: "d1", recipient: "a@b>\r\nx")) == .refused(reason: .badAddress))
        #expect(await channel.deliver(ChannelMessage(id: "d1", recipient: "a@b.cn", subject: "x\ny")) == .refused(reason: .badMessage))
    }
}

/// The receiver of another library, in a process of its own.
private final class Receiver: Sendable {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "../../../shared/checks/webhook.mjs"
    )
    .standardized.path
    private static let node = ["/usr/bin/node", "/usr/local/bin/node"].first { FileManager.default.isExecutableFile(atPath: $0) }
    static let isFound = node != nil && FileManager.default.fileExists(atPath: script)

    let port: UInt16
    private let process = Process()
    var isRunning: Bool { process.isRunning }

    init(secret: String) throws {
        // A port that was free a moment ago: the script takes its number as an argument.
        port = RawServer { _, _ in false }.port
        process.executableURL = URL(fileURLWithPath: Self.node ?? "node")
        process.arguments = [Self.script, "\(port)", secret, "1", "20"]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    func exitCode() -> CInt {
        process.waitUntilExit()
        return process.terminationStatus
    }
}

@Suite struct `What a receiver's answer says` {
    @Test func `a byte order mark and words in another encoding do not turn success into failure`() throws {
        let rule = try #require(SuccessRule("$.success==true"))
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let success = Array(#"{"success":true}"#.utf8)
        #expect(rule.isMet(status: 200, body: success))
        #expect(rule.isMet(status: 200, body: mark + success))
        #expect(rule.isMet(status: 200, body: mark + Array("\r\n ".utf8) + success + Array("\n".utf8)))
        // 成功 in GBK.
        #expect(rule.isMet(status: 200, body: Array(#"{"success":true,"msg":""#.utf8) + [0xB3, 0xC9, 0xB9, 0xA6] + Array(#""}"#.utf8)))
        for body in [mark, mark + mark + success, mark + Array(#"{"success":false}"#.utf8), [0xFF, 0xFE] + success, [0xFF], []] {
            #expect(!rule.isMet(status: 200, body: body))
        }
        #expect(!rule.isMet(status: 500, body: mark + success))
    }
}
