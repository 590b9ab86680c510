import Foundation
import HTTP
import TestKit
import Testing

@Suite struct `Streams` {
    @Test func `a stream gives its head first and its body as it comes`() async throws {
        let gate = DispatchSemaphore(value: 0)
        let server = RawServer { _, peer in
            peer.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n")
            gate.wait()
            peer.write("data: 2\n\n")
            return false
        }
        let (head, body) = try await client().stream(.get(server.url))
        #expect(head.status == 200 && head.header("content-type") == "text/event-stream")
        var text = ""
        for try await bytes in body {
            text += String(decoding: bytes, as: UTF8.self)
            if text == "data: 1\n\n" { gate.signal() }
        }
        #expect(text == "data: 1\n\ndata: 2\n\n")
    }

    @Test func `a slow reader loses nothing`() async throws {
        let total = 4 << 20
        let server = RawServer { _, peer in
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: \(total)\r\n\r\n")
            for part in 0..<64 { peer.write([UInt8](repeating: UInt8(part), count: total / 64)) }
            return false
        }
        let (_, body) = try await client().stream(.get(server.url), highWater: 16_384)
        var count = 0
        var right = true
        for try await bytes in body {
            for byte in bytes {
                right = right && byte == UInt8(count / (total / 64))
                count += 1
            }
            await Task.yield()
        }
        #expect(count == total && right)
    }

    @Test func `dropping a stream hangs up`() async throws {
        let (closed, closing) = AsyncStream.makeStream(of: Bool.self)
        let server = RawServer { _, peer in
            peer.write("HTTP/1.1 200 OK\r\n\r\nfirst")
            peer.waitForClose()
            closing.yield(true)
            return false
        }
        let client = try client()
        do {
            let (_, body) = try await client.stream(.get(server.url))
            for try await _ in body { break }
        }
        for await _ in closed { break }
    }

    @Test func `a reader that is cancelled while waiting ends`() async throws {
        let server = RawServer { _, peer in
            peer.write("HTTP/1.1 200 OK\r\n\r\n")
            peer.waitForClose()
            return false
        }
        let (_, body) = try await client().stream(.get(server.url))
        let task = Task { try await body.next() }
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
    }

    @Test func `a stream that breaks off says so`() async throws {
        let server = RawServer { _, peer in
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this")
            return false
        }
        let (_, body) = try await client().stream(.get(server.url))
        #expect(await code { for try await _ in body {} } == .cut)
    }
}
