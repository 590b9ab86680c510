import Synchronization
import TestKit
import Testing

@testable import HTTP

@Suite struct StreamTests {
    @Test func `100 idle event streams get every event, pings between, and their last chunk at the end`() async throws {
        let (opened, go) = (Signal(), Signal())
        var routes = Routes()
        routes.get("/events") { request in
            let last = Int(request.header("last-event-id") ?? "0") ?? 0
            return .events { events in
                opened.signal()
                await go.wait()
                try await events.send("one\ntwo", id: "\(last + 1)", event: "case")
                try await forever()
            }
        }
        try await TestServer.with(routes, configure: { $0.deadlines.ping = .milliseconds(40) }) { server async throws in
            var clients: [RawHTTP] = []
            for _ in 0..<100 {
                let client = try await server.connect()
                try await client.send("GET /events HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 41\r\n\r\n")
                clients.append(client)
            }
            await opened.wait(for: 100)
            for client in clients {
                let start = String(decoding: try await client.bytes(through: ": ping\n\n"), as: UTF8.self)
                #expect(start.contains("Content-Type: text/event-stream\r\n") && start.contains("X-Accel-Buffering: no\r\n"))
                #expect(start.contains("Cache-Control: no-store\r\n") && start.contains("retry: 3000\n\n"))
            }
            go.signal()
            for client in clients {
                let text = String(decoding: try await client.bytes(through: "data: two\n\n"), as: UTF8.self)
                #expect(text.hasSuffix("id: 42\nevent: case\ndata: one\ndata: two\n\n"))
            }
            await server.server.drain(notice: .zero, grace: .seconds(5))
            for client in clients { #expect(try await client.bytesToEnd().suffix(5).elementsEqual("0\r\n\r\n".utf8)) }
        }
    }

    @Test(arguments: [("a\r\nb\rc\nd", "data: a\ndata: b\ndata: c\ndata: d\n\n"), ("", "data: \n\n"), ("a\n", "data: a\ndata: \n\n")])
    func `an event's data is one line per line`(_ data: String, _ wire: String) throws {
        #expect(String(decoding: try EventStream.encoded(data, id: nil, event: nil), as: UTF8.self) == wire)
    }

    @Test(arguments: ["a\nb", "a\rb", "a\u{0}b"])
    func `an event's id and name are one line`(_ text: String) {
        #expect(throws: HTTPServerError.self) { try EventStream.encoded("x", id: text, event: nil) }
        #expect(throws: HTTPServerError.self) { try EventStream.encoded("x", id: nil, event: text) }
    }

    @Test func `a stream is written no faster than it is read`() async throws {
        let total = 64
        var routes = Routes()
        let progress = Progress()
        routes.get("/flood") { _ in
            .stream(type: "application/octet-stream") { writer in
                for _ in 0..<total {
                    try await writer.write([UInt8](repeating: 0, count: 1 << 20))
                    progress.count.withLock { $0 += 1 }
                }
            }
        }
        try await TestServer.with(routes) { server async throws in
            let client = try await RawHTTP.connect(port: server.port, receiveBuffer: 65_536)
            try await client.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
            await eventually { progress.count.withLock { $0 } > 0 }
            #expect(progress.count.withLock { $0 } < total / 2)
            _ = client
        }
    }

    @Test func `a stream that fails is visibly not whole`() async throws {
        var routes = Routes()
        routes.get("/fails") { _ in
            .stream(type: "text/plain") { writer in
                try await writer.write("half")
                throw Surprise(secret: "geheim")
            }
        }
        try await TestServer.with(routes) { server async throws in
            let client = try await server.connect()
            try await client.send("GET /fails HTTP/1.1\r\nHost: a\r\n\r\n")
            await #expect(throws: RawHTTP.Failure.cutShort) { try await client.response() }
            #expect(server.lines.all.contains { $0.contains("a streamed response failed") })
        }
    }

    @Test func `a client that leaves an event stream ends its task`() async throws {
        let (opened, ended) = (Signal(), Signal())
        var routes = Routes()
        routes.get("/events") { _ in
            .events { _ in
                opened.signal()
                defer { ended.signal() }
                try await forever()
            }
        }
        try await TestServer.with(routes) { server async throws in
            let client = try await server.connect()
            try await client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
            await opened.wait()
            client.reset()
            await ended.wait()
        }
        #expect(ended.count == 1)
    }

    private final class Progress: Sendable { let count = Mutex(0) }
}
