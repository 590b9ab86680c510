import EventLog
import EventLoop
import HTTP
import Postgres
import ServiceKit
import Synchronization
import TestKit
import Testing

/// Answers one path of the gateway's, slowly enough to be asked while it leaves.
private enum Desk: ServiceMain {
    static let name = "routing"
    static let settings: [ConfigurationKey] = []
    static let migrations: [Migration] = []
    static let tables: [TableRights] = []
    static func assemble(_ service: inout Assembly) async throws {
        var routes = Routes()
        let loop = service.loop
        routes.get("/v1/cases") { _ in
            try await loop.sleep(for: .milliseconds(20))
            return .text("[]")
        }
        routes.post("/v1/cases") { request in .text("\(request.body.count)") }
        try service.http(routes)
    }
}

/// Eight clients that ask one after the other, and what they were answered.
private final class Load: Sendable {
    private let statuses = Mutex<[Int: Int]>([:])
    private let hasEnded = Atomic(false)
    var answered: [Int: Int] { statuses.withLock { $0 } }

    func run(_ client: HTTPClient, _ path: String) async {
        while !hasEnded.load(ordering: .relaxed) {
            let status = (try? await client.send(.get(path)))?.status ?? 0
            statuses.withLock { $0[status, default: 0] += 1 }
        }
    }

    func end() { hasEnded.store(true, ordering: .relaxed) }
}

/// Through the deployment's own Caddyfile.
@Suite(
    .serialized, .enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)),
    .enabled(if: Gateway.isInstalled, "caddy is not installed"))
struct GatewayTests {
    private static func run(_ body: @Sendable (ServiceHarness) async throws -> Void) async throws {
        let settings = ["": ["SHAO_DRAIN_NOTICE_MS": "2500", "SHAO_PUBLIC_URL": "http://127.0.0.1:8080"]]
        try await ServiceHarness.run([Desk.self], kafka: "127.0.0.1:9", settings: settings, body)
    }

    @Test func `one of two replicas on a host leaves under load, and no request fails`() async throws {
        try await Self.run { staying in
            let address = Mutex(0)
            let isRunning = Signal(on: .shared)
            let mayLeave = Signal(on: .shared)
            let leaving = Task {
                try await Self.run { replica in
                    address.withLock { $0 = Int(replica("routing").port) }
                    isRunning.raise()
                    try await mayLeave.wait()
                }
            }
            defer { leaving.cancel() }
            try await isRunning.wait()
            let other = address.withLock { $0 }
            let gateway = try Gateway(["routing": "127.0.0.1:\(staying("routing").port) 127.0.0.1:\(other)"])
            defer { gateway.stop() }
            let client = try HTTPClient(.unrestricted)
            let path = "http://127.0.0.1:\(gateway.port)/v1/cases"
            await eventually(within: .seconds(20), "the gateway answers") { (try? await client.send(.get(path)))?.status == 200 }
            let load = Load()
            let clients = (0..<8).map { _ in Task { await load.run(client, path) } }
            defer { load.end() }
            await eventually(within: .seconds(20), "requests flow") { (load.answered[200] ?? 0) > 100 }
            mayLeave.raise()
            try await leaving.value
            let before = load.answered[200] ?? 0
            await eventually(within: .seconds(20), "the other serves alone") { (load.answered[200] ?? 0) > before + 100 }
            load.end()
            for task in clients { await task.value }
            #expect(load.answered.keys.sorted() == [200], "\(load.answered)")
        }
    }

    @Test func `a client's broken body is its own fault at the gateway too`() async throws {
        try await Self.run { desk in
            let gateway = try Gateway(["routing": "127.0.0.1:\(desk("routing").port)"])
            defer { gateway.stop() }
            let client = try HTTPClient(.unrestricted)
            await eventually(within: .seconds(20), "the gateway answers") {
                (try? await client.send(.get("http://127.0.0.1:\(gateway.port)/v1/cases")))?.status == 200
            }
            let head = "POST /v1/cases HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
            for (name, rest, ends) in [
                ("cut short", "Content-Length: 30\r\n\r\nabc", true),
                ("no chunk size", "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n", false),
                ("a chunk cut short", "Transfer-Encoding: chunked\r\n\r\n5\r\nabc", true),
                ("a chunk too long", "Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n", false),
                ("a chunk size without end", "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc", false),
            ] {
                let broken = try await RawHTTP.connect(port: gateway.port)
                try await broken.send(head + rest)
                if ends { broken.endSending() }
                let answer = try await broken.response()
                #expect(answer.status == 400 && answer.member("code") == "bad-framing", "\(name): \(answer.status) \(answer.text)")
            }
            // Nobody is there: that is ours, and a browser gets a page.
            let down = try await RawHTTP.connect(port: gateway.port)
            try await down.send("GET /analytics HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n")
            let page = try await down.response()
            #expect(page.status == 503 && page.header("content-type")?.hasPrefix("text/html") == true)
            #expect(page.text.contains("服务暂时不可用") && page.header("retry-after") == "5")
            for path in ["/readyz", "/metrics", "/internal/stream"] {
                let inside = try await client.send(.get("http://127.0.0.1:\(gateway.port)\(path)"))
                #expect(inside.status == 404, "\(path)")
            }
        }
    }
}
