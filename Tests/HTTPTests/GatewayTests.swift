import EventLoop
import Glibc
import HTTP
import TestKit
import Testing

/// Through Caddy, as in production: whatever it makes of hostile input must not put two requests out of step.
@Suite struct GatewayTests {
    private func withGateway(_ body: (TestServer, Int) async throws -> Void) async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let port = Self.freePort()
            let file = "\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/shao-caddy-\(getpid())-\(port)"
            let text = "{\n admin off\n auto_https off\n}\nhttp://:\(port) {\n bind 127.0.0.1\n reverse_proxy 127.0.0.1:\(server.port)\n}\n"
            let stream = fopen(file, "w")
            fputs(text, stream)
            fclose(stream)
            defer { unlink(file) }
            let caddy = try ChildProcess("caddy", ["run", "--adapter", "caddyfile", "--config", file])
            defer { caddy.end() }
            let deadline = ContinuousClock.now + .seconds(15)
            while (try? await RawHTTP.connect(port: port)) == nil, ContinuousClock.now < deadline {
                try await TestServer.loop.sleep(for: .milliseconds(20))
            }
            try await body(server, port)
        }
    }

    @Test(.enabled(if: ChildProcess.isInstalled("caddy"), "caddy is not installed"))
    func `the hostile table through the gateway leaves every later request in step`() async throws {
        try await withGateway { _, port async throws in
            for input in HostileTable.all {
                let client = try await RawHTTP.connect(port: port)
                try? await client.send(input.bytes)
                client.endSending()
                let statuses = await client.responsesUntilClosed().map(\.status).filter { $0 != 100 }
                #expect(statuses.count <= max(input.statuses.count + 1, 1), "\(input.name): \(statuses)")
                let marker = String(input.bytes.count) + "x"
                let next = try await RawHTTP.connect(port: port)
                try await next.send("GET /items/\(marker) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(try await next.response().text == marker, "\(input.name)")
            }
        }
    }

    @Test(.enabled(if: ChildProcess.isInstalled("caddy"), "caddy is not installed"))
    func `413 comes through the gateway while 12 MiB are sent`() async throws {
        try await withGateway { _, port async throws in
            for _ in 0..<8 {
                let client = try await RawHTTP.connect(port: port)
                try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(12 << 20)\r\n\r\n")
                try? await client.send([UInt8](repeating: 0x61, count: 12 << 20))
                let response = try await client.response()
                #expect(response.status == 413)
                #expect(response.member("code") == "body-too-large")
            }
        }
    }

    /// A port that was free a moment ago.
    private static func freePort() -> Int {
        let fd = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(fd) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(fd, $0, length)
                _ = getsockname(fd, $0, &length)
            }
        }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}
