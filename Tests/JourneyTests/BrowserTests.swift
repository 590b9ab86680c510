import Contracts
import Crypto
import EventLoop
import Foundation
import Glibc
import HTTP
import JSON
import TestKit
import Testing

/// A resident's phone before the real system: a browser, the gateway, five services and a broker.
@Suite(
    .serialized, .enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)),
    .enabled(if: Phone.isHere, "needs chromium, node, caddy and ../shared/checks"),
    .enabled(if: ServiceProcess.isBuilt("photoworker"), "photoworker is not built"))
struct BrowserTests {
    @Test func `three taps on a phone make a ticket, and its page tells the whole story`() async throws {
        try await JourneyStreet.run(.embedded) { street in
            let gateway = try await LocalGateway.start(street)
            do { try await play(street, gateway) } catch { Issue.record("\(error)") }
            gateway.stop()
        }
    }

    @Test func `a page left open shows how its report stands, and files a new one once that is over`() async throws {
        let shots = FileManager.default.temporaryDirectory.appending(path: "shao-left-open-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: shots, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: shots) }
        try await JourneyStreet.run(.embedded) { street in
            let gateway = try await LocalGateway.start(street)
            do { try await leaveOpen(street, gateway, shots.path()) } catch { Issue.record("\(error)") }
            gateway.stop()
        }
    }

    private func leaveOpen(_ street: JourneyStreet, _ gateway: LocalGateway, _ shots: String) async throws {
        let first = try receipt(try await Phone.run("lose", gateway.address, JourneyStreet.lamp, shots: shots))
        try await street.resident(first, sees: .reported)
        // At once it is the same report; when that is over it is another one.
        #expect(try receipt(try await Phone.run("again", gateway.address, JourneyStreet.lamp, shots: shots)).ticket == first.ticket)
        #expect(try await street.act("decline", first.ticket, as: "community", ["reason": ["不在本社区"]]) == 303)
        try await street.resident(first, sees: .declined)
        let second = try receipt(try await Phone.run("again", gateway.address, JourneyStreet.lamp, shots: shots))
        #expect(second.ticket != first.ticket)
        try await street.resident(second, sees: .reported)
    }

    /// The ticket of the address that a script printed last.
    private func receipt(_ said: String) throws -> JourneyStreet.Receipt {
        let token = try #require(said.split(separator: "\n").last { $0.hasPrefix("/s/") }?.dropFirst(3).prefix { $0 != "?" }, "\(said)")
        let ticket = try #require(Base64.url.decode(String(token)).flatMap { TicketID(bytes: $0.prefix(16)) })
        return JourneyStreet.Receipt(ticket: ticket, token: String(token))
    }

    private func play(_ street: JourneyStreet, _ gateway: LocalGateway) async throws {
        let sent = try await Phone.run("report", gateway.address, JourneyStreet.lamp)
        let receipt = try receipt(sent)
        let (ticket, token) = (receipt.ticket, receipt.token)
        try await street.resident(receipt, sees: .reported)
        func step(_ queue: String, _ code: String, _ answers: [(name: String, value: String)] = []) -> DeskScript.Step {
            DeskScript.Step(
                token: JourneyStreet.token("community"), base: "/community", ticket: "\(ticket)", queue: queue, code: code, answers: answers
            )
        }
        try await Phone.atDesk(
            gateway.address,
            [
                step("reported", "accept"), step("filed", "answer", [("ending", "solved"), ("text", "已到现场，把线收好了。")]),
                step("verify", "verify", [("accepted", "yes")]),
            ])
        try await street.resident(receipt, sees: .closed)
        await eventually(within: .seconds(30), "the evaluation is open") {
            let page = try await street.services.send("GET", "/s/\(token)", to: "intake")
            return String(decoding: page.body, as: UTF8.self).contains("href=\"/e/")
        }
        _ = try await Phone.run("evaluate", gateway.address, "/s/\(token)")
        try await street.resident(receipt, sees: .evaluated)
        _ = try await Phone.run("look", gateway.address, "/s/\(token)")
    }
}

/// Caddy with the deployment's own file, before the services of a test.
struct LocalGateway: Sendable {
    let address: String
    private let process: Process
    private let storage: URL

    static func start(_ street: JourneyStreet) async throws -> LocalGateway {
        let port = try FreePort.next()
        let storage = FileManager.default.temporaryDirectory.appending(path: "shao-gateway-\(UUID().uuidString)")
        var environment = [
            "PATH": "/usr/bin:/bin", "HOME": storage.path(), "GATEWAY_ADDRESS": ":\(port)", "GATEWAY_STORAGE": storage.path(),
        ]
        for service in street.services.all {
            environment["\(service.name.uppercased())_UPSTREAMS"] = "127.0.0.1:\(service.port)"
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/caddy")
        process.arguments = ["run", "--config", Phone.root.appending(path: "deploy/caddy/Caddyfile").path(), "--adapter", "caddyfile"]
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let gateway = LocalGateway(address: "http://127.0.0.1:\(port)", process: process, storage: storage)
        let client = try HTTPClient(.unrestricted)
        await eventually(within: .seconds(20), "the gateway shows the plate's page") {
            (try? await client.send(.get("\(gateway.address)/q/\(JourneyStreet.lamp)")))?.status == 200
        }
        return gateway
    }

    func stop() {
        // Not terminate(): a child started from a thread of the pool inherits its mask, which holds SIGTERM back.
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(at: storage)
    }
}

/// A browser as small as a phone, driven by the checking tools beside the checkout.
enum Phone {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
    private static let checks = root.appending(path: "../shared/checks").standardizedFileURL

    static var isHere: Bool {
        let files = ["/usr/bin/chromium", "/usr/bin/caddy", checks.appending(path: "node_modules/playwright-core").path()]
        let search = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return search.contains { FileManager.default.isExecutableFile(atPath: "\($0)/node") }
            && files.allSatisfy { FileManager.default.fileExists(atPath: $0) }
    }

    /// Plays an act of the script; what it printed. Pictures go to SHAO_TEST_SHOTS, else away with the rest.
    static func run(_ act: String, _ address: String, _ path: String, shots kept: String? = nil) async throws -> String {
        try await run(PhoneScript.text) { [checks.path(), act, address, path, kept ?? $0] }
    }

    /// Plays forms of desks, one after the other.
    static func atDesk(_ address: String, _ steps: [DeskScript.Step]) async throws {
        let plan = String(decoding: steps.json, as: UTF8.self)
        _ = try await run(DeskScript.text) { [checks.path(), address, $0, plan] }
    }

    private static func run(_ text: String, _ arguments: (_ shots: String) -> [String]) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "shao-phone-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = folder.appending(path: "phone.mjs")
        try Data(text.utf8).write(to: script)
        let file = folder.appending(path: "output")
        try Data().write(to: file)
        let output = try FileHandle(forWritingTo: file)
        let process = Process()
        // Whatever a page waits for, the scripts' own deadlines end it before this one.
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        let shots = ProcessInfo.processInfo.environment["SHAO_TEST_SHOTS"] ?? folder.path()
        process.arguments = ["--signal=KILL", "180", "node", script.path()] + arguments(shots)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { done.resume(throwing: error) }
        }
        let said = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        try #require(status == 0, "\(said)")
        return said
    }
}
