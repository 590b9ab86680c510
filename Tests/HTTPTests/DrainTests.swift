import EventLoop
import Glibc
import HTTP
import Synchronization
import Telemetry
import TestKit
import Testing

@Suite struct DrainTests {
    private final class Tally: Sendable {
        let answered = Atomic<Int>(0)
        let failures = Mutex<[String]>([])
    }

    /// Asks `first` until it says it closes, then turns to `second`, as a gateway with two upstreams does.
    private func ask(_ first: TestServer, then second: TestServer, until stop: Signal, _ tally: Tally) async {
        var server = first
        while stop.count == 0 {
            do {
                let client = try await server.connect()
                while stop.count == 0 {
                    try await client.send("POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
                    let response = try await client.response()
                    guard response.status == 200 else { throw RawHTTP.Failure.malformed("\(response.status)") }
                    tally.answered.add(1, ordering: .relaxed)
                    if response.header("Connection") == "close" {
                        server = second
                        break
                    }
                }
            } catch {
                tally.failures.withLock { $0.append("\(error)") }
                server = second
            }
        }
    }

    @Test func `a drain under load fails no request`() async throws {
        var routes = Routes()
        routes.post("/work") { request in
            try await TestServer.loop.sleep(for: .milliseconds(3))
            return .text("\(request.body.count)")
        }
        let (first, second) = (try await TestServer.start(routes), try await TestServer.start(routes))
        let (tally, stop) = (Tally(), Signal())
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 { group.addTask { await ask(first, then: second, until: stop, tally) } }
            await eventually { tally.answered.load(ordering: .relaxed) > 200 }
            await first.server.drain(notice: .milliseconds(200), grace: .seconds(5))
            #expect(first.server.isDraining)
            let then = tally.answered.load(ordering: .relaxed)
            await eventually { tally.answered.load(ordering: .relaxed) > then + 100 }
            stop.signal()
        }
        await second.server.drain(notice: .zero, grace: .seconds(5))
        #expect(tally.failures.withLock { $0 } == [])
        await #expect(throws: RawHTTP.Failure.self) { try await first.connect() }
    }

    @Test func `a request under way is finished in the grace, and cut after it`() async throws {
        let (started, release) = (Signal(), Signal())
        var routes = Routes()
        routes.get("/slow") { _ in
            started.signal()
            await release.wait()
            return .text("done")
        }
        routes.get("/never") { _ in
            started.signal()
            try await forever()
            return .noContent
        }
        let server = try await TestServer.start(routes)
        let (slow, never, idle) = (try await server.connect(), try await server.connect(), try await server.connect())
        try await slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        try await never.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
        await started.wait(for: 2)
        async let drained: Void = server.server.drain(notice: .zero, grace: .seconds(2))
        await eventually { server.server.isDraining }
        release.signal()
        let response = try await slow.response()
        #expect(response.text == "done")
        #expect(response.header("Connection") == "close")
        await drained
        #expect((try? await never.bytesToEnd())?.isEmpty ?? true)
        #expect((try? await idle.bytesToEnd())?.isEmpty ?? true)
    }

    @Test func `a handler that ignores cancellation is reported, and does not hold the drain`() async throws {
        let (started, release) = (Signal(), Signal())
        var routes = Routes()
        routes.get("/deaf") { _ in
            started.signal()
            await release.wait()
            return .noContent
        }
        let server = try await TestServer.start(routes)
        let client = try await server.connect()
        try await client.send("GET /deaf HTTP/1.1\r\nHost: a\r\n\r\n")
        await started.wait()
        await server.server.drain(notice: .zero, grace: .zero)
        #expect(server.lines.all.contains { $0.contains("handlers ignore cancellation") })
        release.signal()
    }

    @Test func `no descriptor left: accepting rests, then goes on`() async {
        await #expect(processExitsWith: .success) {
            let loop = try EventLoop(name: "emfile")
            var routes = Routes()
            routes.get("/") { _ in .noContent }
            let server = try HTTPServer(
                HTTPServerConfiguration(name: "emfile", host: "127.0.0.1", port: 0), routes: routes, on: loop,
                log: Log("emfile", level: .error))
            let port = try await server.start()
            let client = try await RawHTTP.connect(port: port, on: loop)
            var limit = rlimit(rlim_cur: 64, rlim_max: 64)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            var hoard: [CInt] = []
            while true {
                let fd = dup(0)
                if fd < 0 { break }
                hoard.append(fd)
            }
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.response()
            // One for the client's end, none for the server's.
            close(hoard.removeLast())
            let waiting = try await RawHTTP.connect(port: port, on: loop)
            try await waiting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await loop.sleep(for: .milliseconds(250))
            for fd in hoard { close(fd) }
            exit(try await waiting.response().status == 204 ? 0 : 1)
        }
    }
}
