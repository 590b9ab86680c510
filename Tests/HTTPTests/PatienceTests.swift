import EventLoop
import HTTP
import TestKit
import Testing

/// Who drips, stalls, hangs up, sends too much or comes in too great numbers.
@Suite struct PatienceTests {
    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\nX: ", "x"),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n", "x"),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
    ])
    func `whoever drips is told 408 at the deadline`(_ start: String, _ drop: String) async throws {
        let configure = { (c: inout HTTPServerConfiguration) in
            // Long enough for the 408 to be read before the server stops listening to the drops.
            (c.deadlines.head, c.deadlines.body, c.deadlines.linger) = (.milliseconds(1500), .milliseconds(400), .seconds(30))
        }
        try await TestServer.with(sampleRoutes(), configure: configure) { server async throws in
            let client = try await server.connect()
            try? await client.send(start)
            let dripping = Task {
                // Each drop waits for a turn on the loop; sending fails once the server has closed.
                while !Task.isCancelled {
                    try await client.send(drop)
                    try await TestServer.loop.sleep(for: .milliseconds(20))
                }
            }
            defer { dripping.cancel() }
            let response = try await client.response()
            #expect(response.status == 408)
            #expect(response.member("code") == "request-timeout")
        }
    }

    @Test func `an idle connection is closed without a word`() async throws {
        try await TestServer.with(sampleRoutes(), configure: { $0.deadlines.idle = .milliseconds(200) }) { server async throws in
            let client = try await server.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 200)
            #expect(try await client.bytesToEnd().isEmpty)
        }
        try await TestServer.with(sampleRoutes(), configure: { $0.deadlines.head = .milliseconds(200) }) { server async throws in
            let silent = try await server.connect()
            #expect(try await silent.bytesToEnd().isEmpty)
        }
    }

    @Test func `a slow handler costs its client no body time`() async throws {
        var routes = Routes()
        routes.streaming(.post, "/slow", limits: .upload) { _, body in
            guard let first = try await body.read() else { return .noContent }
            try await TestServer.loop.sleep(for: .milliseconds(3300))
            return .text("\(first.count + (try await body.collect()).count)")
        }
        try await TestServer.with(routes, configure: { $0.deadlines.body = .seconds(3) }) { server async throws in
            let client = try await server.connect()
            try await client.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
            try await client.send([UInt8](repeating: 1, count: 1_000_000))
            #expect(try await client.response().text == "1000000")
        }
    }

    @Test func `a client that never reads is reset`() async throws {
        try await TestServer.with(sampleRoutes(), configure: { $0.deadlines.write = .milliseconds(200) }) { server async throws in
            let client = try await RawHTTP.connect(port: server.port, receiveBuffer: 4096)
            try await client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            await eventually { server.lines.all.contains { $0.contains("/large") } }
            await #expect(throws: RawHTTP.Failure.reset) { try await client.bytesToEnd() }
        }
    }

    @Test func `a large answer arrives whole, though read slowly`() async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let client = try await RawHTTP.connect(port: server.port, receiveBuffer: 16_384)
            try await client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().body.count == 8 << 20)
        }
    }

    @Test func `413 is seen while the client still sends 12 MiB`() async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            for _ in 0..<8 {
                let client = try await server.connect()
                try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(12 << 20)\r\n\r\n")
                try await client.send([UInt8](repeating: 0x61, count: 12 << 20))
                let response = try await client.response()
                #expect(response.status == 413)
                #expect(response.header("Connection") == "close")
                #expect(response.member("detail")?.contains("65536") == true)
            }
        }
    }

    @Test func `100-continue comes before the body, and not when it will be refused`() async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let client = try await server.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.response().status == 100)
            try await client.send("hi")
            #expect(try await client.response().text == "hi")
            try await client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.response().status == 413)
        }
    }

    @Test func `200 hang-ups cancel 200 handlers`() async throws {
        let (started, cancelled) = (Signal(), Signal())
        var routes = Routes()
        routes.get("/wait") { _ in
            started.signal()
            do { try await forever() } catch {
                cancelled.signal()
                throw error
            }
            return .noContent
        }
        try await TestServer.with(routes) { server async throws in
            var clients: [RawHTTP] = []
            for _ in 0..<200 {
                let client = try await server.connect()
                try await client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
                clients.append(client)
            }
            await started.wait(for: 200)
            // Half closed the one, reset the other.
            for (index, client) in clients.enumerated() { if index.isMultiple(of: 2) { client.endSending() } else { client.reset() } }
            await cancelled.wait(for: 200)
            #expect(cancelled.count == 200)
            let told = try await clients[0].response()
            #expect(told.status == 503 && told.member("code") == "cancelled")
        }
    }

    @Test func `a handler that ends with an error of its own because its client hung up has not failed`() async throws {
        struct Torn: Error {}
        let started = Signal()
        var routes = Routes()
        routes.get("/wait") { _ in
            started.signal()
            do { try await forever() } catch { throw Torn() }
            return .noContent
        }
        try await TestServer.with(routes) { server async throws in
            let client = try await server.connect()
            try await client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            await started.wait(for: 1)
            client.endSending()
            let told = try await client.response()
            #expect(told.status == 503 && told.member("code") == "cancelled")
        }
    }

    @Test func `an error that passes is 503, any other 500`() async throws {
        struct Passing: Error {}
        struct Lasting: Error {}
        var routes = Routes()
        routes.get("/passing") { _ in throw Passing() }
        routes.get("/lasting") { _ in throw Lasting() }
        let configure: (inout HTTPServerConfiguration) -> Void = { $0.passing = { $0 is Passing ? .unavailable() : nil } }
        try await TestServer.with(routes, configure: configure) { server async throws in
            let client = try await server.connect()
            for (path, status) in [("/passing", 503), ("/lasting", 500)] {
                try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.response().status == status)
            }
        }
    }

    @Test func `a half-closed client still gets what is answered at once`() async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let client = try await server.connect()
            try await client.send(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 50))
            client.endSending()
            #expect(try await client.responsesToEnd().count == 50)
        }
    }

    @Test func `connections over the limit wait until there is a place`() async throws {
        try await TestServer.with(sampleRoutes(), configure: { $0.maxConnections = 2 }) { server async throws in
            var held = [try await server.connect(), try await server.connect()]
            for client in held {
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.response().status == 200)
            }
            let third = try await server.connect()
            try await third.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            held.removeFirst()
            #expect(try await third.response().text == "home")
        }
    }

    @Test func `pipelined requests are answered in step, whatever their bodies`() async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let client = try await server.connect()
            var sent = ""
            for n in 0..<300 {
                let body = String(repeating: "x", count: n * 7 % 500)
                sent +=
                    n.isMultiple(of: 3)
                    ? "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + (body.isEmpty ? "" : "\(String(body.count, radix: 16))\r\n\(body)\r\n") + "0\r\n\r\n"
                    : "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n\(body)"
            }
            try await client.send(sent)
            for n in 0..<300 { #expect(try await client.response().body.count == n * 7 % 500) }
        }
    }

    @Test func `an upload that is not read closes the connection after the answer`() async throws {
        var routes = Routes()
        routes.streaming(.post, "/skip", limits: .upload) { _, _ in .text("no, thanks") }
        try await TestServer.with(routes) { server async throws in
            let client = try await server.connect()
            try await client.send("POST /skip HTTP/1.1\r\nHost: a\r\nContent-Length: \(1 << 20)\r\n\r\n")
            try await client.send([UInt8](repeating: 0x47, count: 1 << 20))
            let response = try await client.response()
            #expect(response.text == "no, thanks")
            #expect(response.header("Connection") == "close")
            #expect(try await client.bytesToEnd().isEmpty)
        }
    }
}

/// Until `condition` holds, at most ten seconds: a turn on a loop between two looks.
func eventually(_ condition: () -> Bool) async {
    let deadline = ContinuousClock.now + .seconds(10)
    while !condition(), ContinuousClock.now < deadline { try? await TestServer.loop.sleep(for: .milliseconds(5)) }
    #expect(condition())
}
