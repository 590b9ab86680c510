import EventLoop
import Telemetry
import TestKit
import Testing

@testable import HTTP

/// Bodies that together are more than the machine has, and more at a time than one client needs.
@Suite struct BodyAdmissionTests {
    private func begin(_ server: TestServer, bytes: Int, of length: Int, from client: String = "10.1.1.1") async throws -> RawHTTP {
        let connection = try await server.connect()
        try await connection.send("POST /upload HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \(client)\r\nContent-Length: \(length)\r\n\r\n")
        try? await connection.send([UInt8](repeating: 0x61, count: bytes))
        return connection
    }

    private func routes() -> Routes {
        var routes = Routes()
        routes.streaming(.post, "/upload", limits: .upload) { _, body in .text("\(try await body.collect().count)") }
        return routes
    }

    private func held(_ server: TestServer) -> String {
        String(decoding: server.metrics.render(), as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("http_server_body_bytes") }.map { String($0.split(separator: " ")[1]) } ?? ""
    }

    @Test func `when bodies hold all the memory the next is 503 before it is read, and the others are served`() async throws {
        try await TestServer.with(routes(), configure: { $0.bodyMemory = 1 << 20 }) { server async throws in
            var waiting: [RawHTTP] = []
            for _ in 0..<3 { waiting.append(try await begin(server, bytes: 280_000, of: 300_000)) }
            await eventually(within: .seconds(20), "the bodies are there") { held(server) == "840000.0" }
            // The memory left is less than this head says.
            let refused = try await begin(server, bytes: 0, of: 300_000)
            let answer = try await refused.response()
            #expect(answer.status == 503 && answer.member("code") == "out-of-memory")
            #expect(answer.header("Retry-After") == "2")
            // Photos leave room for forms.
            let form = try await begin(server, bytes: 100, of: 100)
            #expect(try await form.response().text == "100")
            for connection in waiting {
                try await connection.send([UInt8](repeating: 0x61, count: 20_000))
                #expect(try await connection.response().text == "300000")
            }
            await eventually(within: .seconds(20), "all is given back") { held(server) == "0.0" }
            let again = try await begin(server, bytes: 300_000, of: 300_000)
            #expect(try await again.response().text == "300000")
        }
    }

    @Test func `bodies that do not say their length end when the memory does, and the server lives`() async throws {
        try await TestServer.with(routes(), configure: { $0.bodyMemory = 1 << 20 }) { server async throws in
            var clients: [RawHTTP] = []
            for _ in 0..<8 {
                let client = try await server.connect()
                try await client.send("POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n30000\r\n")
                try? await client.send([UInt8](repeating: 0x61, count: 0x30000))
                try? await client.send("\r\n0\r\n\r\n")
                clients.append(client)
            }
            for client in clients {
                let answer = try await client.response()
                #expect(answer.status == 200 || answer.member("code") == "out-of-memory")
            }
            await eventually(within: .seconds(20), "all is given back") { held(server) == "0.0" }
        }
    }

    @Test func `one client's slow bodies are 429 beyond its number, another's are taken`() async throws {
        try await TestServer.with(routes(), configure: { $0.bodiesPerClient = 3 }) { server async throws in
            var slow: [RawHTTP] = []
            for place in 0..<3 {
                slow.append(try await begin(server, bytes: 10, of: 20))
                await eventually(within: .seconds(20), "it is being read") { held(server) == "\((place + 1) * 10).0" }
            }
            let answer = try await begin(server, bytes: 20, of: 20).response()
            #expect(answer.status == 429 && answer.member("code") == "too-many-bodies" && answer.header("Retry-After") == "2")
            #expect(try await begin(server, bytes: 20, of: 20, from: "10.1.1.2").response().status == 200)
            try await slow[0].send([UInt8](repeating: 0x61, count: 10))
            #expect(try await slow[0].response().status == 200)
            #expect(try await begin(server, bytes: 20, of: 20).response().status == 200)
        }
    }

    @Test(arguments: [
        (["9.9.9.9, 203.0.113.7"], "127.0.0.1", 1, "203.0.113.7"),
        // Several lines are one list.
        (["9.9.9.9", "203.0.113.7"], "10.0.0.4", 1, "203.0.113.7"),
        (["2001:db8::7"], "fd00::1", 1, "2001:db8::7"),
        (["9.9.9.9, 203.0.113.7, 10.0.0.9"], "::ffff:127.0.0.1", 2, "203.0.113.7"),
        // Only a gateway of ours is believed.
        (["203.0.113.7"], "198.51.100.1", 1, "198.51.100.1"), (["203.0.113.7"], "2001:db8::1", 1, "2001:db8::1"),
        (["203.0.113.7"], "unknown", 1, "unknown"),
        // A shorter list did not pass all of them.
        (["203.0.113.7"], "127.0.0.1", 2, "127.0.0.1"), ([], "127.0.0.1", 1, "127.0.0.1"),
        (["203.0.113.7, "], "127.0.0.1", 1, "127.0.0.1"), (["203.0.113.7:80"], "127.0.0.1", 1, "127.0.0.1"),
        (["203.0.113.7"], "127.0.0.1", 0, "127.0.0.1"),
    ])
    func `the client is what our own proxies say`(_ lines: [String], _ peer: String, _ hops: Int, _ client: String) {
        #expect(ForwardedFor.client(lines.map { Array($0.utf8)[...] }, peer: peer, hops: hops) == client)
    }
}
