import EventLoop
import HTTP
import Synchronization
import Telemetry
import TestKit

/// Log lines of one server, kept.
final class Lines: LogSink {
    private let kept = Mutex<[String]>([])
    func write(_ line: [UInt8]) { kept.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
    var all: [String] { kept.withLock { $0 } }
}

/// Waits for something to happen without a clock: whoever comes first, `signal` or `wait`.
final class Signal: Sendable {
    private struct State {
        var count = 0
        var waiting: [(Int, CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    func signal() {
        let ready = state.withLock { state in
            state.count += 1
            let ready = state.waiting.filter { $0.0 <= state.count }
            state.waiting.removeAll { $0.0 <= state.count }
            return ready
        }
        for (_, continuation) in ready { continuation.resume() }
    }

    func wait(for count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.count < count { state.waiting.append((count, continuation)) }
                return state.count >= count
            }
            if isThere { continuation.resume() }
        }
    }

    var count: Int { state.withLock { $0.count } }
}

/// A server on a free port with its own log and metrics.
final class TestServer: Sendable {
    static let loop: EventLoop = {
        do { return try EventLoop(name: "http-tests") } catch { fatalError("no event loop: \(error)") }
    }()

    let server: HTTPServer
    let port: Int
    let lines: Lines
    let metrics: MetricsRegistry

    private init(_ server: HTTPServer, _ port: Int, _ lines: Lines, _ metrics: MetricsRegistry) {
        self.server = server
        self.port = port
        self.lines = lines
        self.metrics = metrics
    }

    static func start(_ routes: Routes, configure: (inout HTTPServerConfiguration) -> Void = { _ in }) async throws -> TestServer {
        var configuration = HTTPServerConfiguration(name: "test", port: 0)
        configure(&configuration)
        let lines = Lines()
        let metrics = MetricsRegistry()
        let server = try HTTPServer(
            configuration, routes: routes, on: loop, log: Log("test", level: .info, sink: lines), metrics: metrics)
        return TestServer(server, try await server.start(), lines, metrics)
    }

    /// Runs `body` against a server and ends it afterwards.
    static func with(
        _ routes: Routes, configure: (inout HTTPServerConfiguration) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let server = try await start(routes, configure: configure)
        do {
            try await body(server)
        } catch {
            await server.server.drain(notice: .zero, grace: .zero)
            throw error
        }
        await server.server.drain(notice: .zero, grace: .zero)
    }

    func connect() async throws -> RawHTTP { try await RawHTTP.connect(port: port) }

    /// The answer to a GET with these field lines.
    func get(_ path: String, _ fields: String = "") async throws -> RawResponse? {
        try await exchange("GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n").first
    }

    /// One connection, one request, every response until the server closes.
    func exchange(_ request: String) async throws -> [RawResponse] {
        let client = try await connect()
        try? await client.send(request)
        client.endSending()
        return try await client.responsesToEnd()
    }
}

/// The routes most tests ask.
func sampleRoutes() -> Routes {
    var routes = Routes()
    routes.get("/") { _ in .text("home") }
    routes.post("/") { request in .text("\(request.body.count)") }
    routes.get("/items/{id}") { request in .text(try request.pathParameter("id")) }
    routes.get("/items/mine") { _ in .text("mine!") }
    routes.post("/echo") { request in .bytes(request.body, type: "application/octet-stream") }
    routes.post("/small", limits: RouteLimits(body: 10)) { request in .text("\(request.body.count)") }
    routes.get("/query") { request in
        .text(request.queryParameters.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "|"))
    }
    routes.get("/stream") { _ in
        .stream(type: "text/plain") { writer in
            for n in 0..<3 { try await writer.write("piece \(n)\n") }
        }
    }
    routes.get("/large") { _ in .bytes([UInt8](repeating: 0x61, count: 8 << 20), type: "text/plain") }
    routes.get("/problem") { _ in throw Problem.conflict("taken", "somebody was faster").with("Retry-After", "3") }
    routes.get("/broken") { _ in throw Surprise(secret: "geheim") }
    routes.get("/injected") { _ in HTTPResponse(headers: ["X-Note": "a\r\nSet-Cookie: b"]) }
    return routes
}

struct Surprise: Error { let secret: String }

/// Suspends until the task is cancelled.
func forever() async throws {
    let (never, source) = AsyncStream.makeStream(of: Void.self)
    for await _ in never {}
    source.finish()
    throw CancellationError()
}
