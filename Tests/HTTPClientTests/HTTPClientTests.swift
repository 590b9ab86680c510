import Foundation
import HTTP
import Synchronization
import TestKit
import Testing

func client(_ policy: AddressPolicy = .loopbackAllowedForTests) throws -> HTTPClient { try HTTPClient(policy) }

func code(_ body: () async throws -> Void) async -> HTTPClientError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? HTTPClientError)?.code
    }
}

@Suite struct `Requests and answers` {
    @Test func `a request arrives as written and its answer comes back`() async throws {
        let seen = Mutex("")
        let server = RawServer { request, peer in
            seen.withLock { $0 = request }
            peer.ok("{\"ok\":true}", "X-One: a\r\nx-two:  b \r\n")
            return true
        }
        var request = HTTPClient.Request.post("\(server.url)/v1/x?y=1", Array("工单".utf8))
        request.headers.append(("x-empty", ""))
        let answer = try await client().send(request)
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self) == "{\"ok\":true}")
        #expect(answer.header("X-ONE") == "a")
        let text = seen.withLock { $0 }
        #expect(text.hasPrefix("POST /v1/x?y=1 HTTP/1.1\r\n"))
        #expect(text.contains("content-type: application/json\r\n") && text.contains("x-empty:\r\n"))
        #expect(!text.lowercased().contains("expect:") && !text.lowercased().contains("accept-encoding"))
        #expect(text.hasSuffix("\r\n\r\n工单"))
    }

    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    func `every method keeps its name`(method: String) async throws {
        let server = RawServer { request, peer in
            peer.write("HTTP/1.1 200 OK\r\nx-method: \(request.prefix { $0 != " " })\r\ncontent-length: 0\r\n\r\n")
            return true
        }
        let answer = try await client().send(HTTPClient.Request(method, server.url))
        #expect(answer.header("x-method") == method)
        #expect(answer.body.isEmpty)
    }

    @Test func `a connection serves several requests`() async throws {
        let server = RawServer { _, peer in
            peer.ok("x")
            return true
        }
        let client = try client()
        for _ in 0..<20 { #expect(try await client.send(.get(server.url)).status == 200) }
        #expect(server.connectionCount == 1)
    }

    @Test func `many requests at once each get their own answer`() async throws {
        let server = RawServer { request, peer in
            peer.ok(String(request.dropFirst(5).prefix { $0 != " " }))
            return true
        }
        let client = try client()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask { try await client.send(.get("\(server.url)/\(number)")).body == Array("\(number)".utf8) }
            }
            for try await right in group { #expect(right) }
        }
    }

    @Test func `a redirect is an answer, not an order`() async throws {
        let server = RawServer { request, peer in
            peer.write("HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n")
            return true
        }
        let answer = try await client().send(.get(server.url))
        #expect(answer.status == 302)
        #expect(answer.header("location") == "/elsewhere")
    }

    @Test func `the headers of an interim answer are not the answer's`() async throws {
        let server = RawServer { _, peer in
            peer.write("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            return true
        }
        let answer = try await client().send(.get(server.url))
        #expect(answer.status == 200 && answer.header("link") == nil)
    }

    @Test(
        arguments: [
            ("120", 120), ("0", 0), ("99999999999999999999", 3_600), ("7200", 3_600), ("Sun, 06 Nov 1994 08:49:47 GMT", 10),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0), ("Thu, 01 Jan 2099 00:00:00 GMT", 3_600), ("soon", nil), ("-1", nil), ("", nil),
            ("1.5", nil),
            ("Sun, 06 Nov 94 08:49:47 GMT", nil), ("Sun, 06 Nov 1994 08:49:47 CET", nil),
        ] as [(String, Int?)])
    func `Retry-After is read in seconds and as a date, an hour at most`(text: String, seconds: Int?) async throws {
        let server = RawServer { _, peer in
            peer.write("HTTP/1.1 503 Busy\r\nretry-after: \(text)\r\ncontent-length: 0\r\n\r\n")
            return false
        }
        let answer = try await client().send(.get(server.url))
        #expect(answer.retryAfter(now: 784_111_777) == seconds.map { .seconds($0) })
    }
}

@Suite struct `What a client refuses or gives up` {
    @Test(arguments: [
        ("x", "a\r\nx-evil: 1"), ("x", "a\nb"), ("x", "a\0b"), ("x y", "a"), ("x:", "a"), ("", "a"), ("x\r\nhost: evil\r\nx", "a"),
        ("x", "\u{7f}"),
        ("哨", "a"),
    ])
    func `a header cannot smuggle another`(name: String, value: String) async throws {
        var request = HTTPClient.Request.get("http://127.0.0.1:1/")
        request.headers = [(name, value)]
        #expect(await code { _ = try await client().send(request) } == .badRequest)
    }

    @Test(arguments: [
        "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "127.0.0.1/", "", "http://", "http://user:word@127.0.0.1/",
        "http://127.0.0.1/ HTTP/1.1\r\nx: y", "http://127.0.0.1/哨", "javascript:1", "dict://127.0.0.1:11211/",
    ])
    func `a URL of another kind is refused`(url: String) async throws {
        let code = await code { _ = try await client().send(.get(url)) }
        #expect(code == .badRequest || (url.contains("user") && code != nil))
    }

    @Test(arguments: ["get", "GE T", "", "GET\r\n"])
    func `a method is a word in capitals`(method: String) async throws {
        #expect(await code { _ = try await client().send(HTTPClient.Request(method, "http://127.0.0.1:1/")) } == .badRequest)
    }

    @Test(arguments: [true, false])
    func `a body over the limit is cut off, announced or not`(announced: Bool) async throws {
        let server = RawServer { _, peer in
            if announced {
                peer.write("HTTP/1.1 200 OK\r\ncontent-length: 20000\r\n\r\n")
                peer.write([UInt8](repeating: 0x61, count: 20_000))
            } else {
                peer.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                while peer.write("400\r\n" + String(repeating: "a", count: 1024) + "\r\n") {}
            }
            return false
        }
        var request = HTTPClient.Request.get(server.url)
        request.largestAnswer = 10_000
        #expect(await code { _ = try await client().send(request) } == .tooLarge)
    }

    @Test func `a flood of headers ends`() async throws {
        let server = RawServer { _, peer in
            peer.write("HTTP/1.1 200 OK\r\n")
            while peer.write("x: " + String(repeating: "a", count: 1000) + "\r\n") {}
            return false
        }
        #expect(await code { _ = try await client().send(.get(server.url)) } == .tooLarge)
    }

    @Test func `a compressed body is handed over as it is`() async throws {
        let server = RawServer { _, peer in
            peer.ok("not gzip at all", "content-encoding: gzip\r\n")
            return false
        }
        #expect(try await client().send(.get(server.url)).body == Array("not gzip at all".utf8))
    }

    @Test func `a silent server is given up after the time-out`() async throws {
        let server = RawServer { _, peer in
            peer.waitForClose()
            return false
        }
        var request = HTTPClient.Request.get(server.url)
        request.timeout = .milliseconds(50)
        #expect(await code { _ = try await client().send(request) } == .timeout)
    }

    @Test func `a cancelled request ends at once and hangs up`() async throws {
        let (arrived, arrival) = AsyncStream.makeStream(of: Bool.self)
        let (closed, closing) = AsyncStream.makeStream(of: Bool.self)
        let server = RawServer { _, peer in
            arrival.yield(true)
            peer.waitForClose()
            closing.yield(true)
            return false
        }
        let client = try client()
        let task = Task { try await client.send(.get(server.url)) }
        for await _ in arrived { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        for await _ in closed { break }
    }

    @Test func `a request cancelled before it starts is never sent`() async throws {
        let client = try client()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send(.get("http://127.0.0.1:1/"))
        }
        await #expect(throws: CancellationError.self) { _ = try await task.value }
    }

    @Test func `a body that breaks off is an error that may be tried again`() async throws {
        let server = RawServer { _, peer in
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this")
            return false
        }
        do {
            _ = try await client().send(.get(server.url))
            Issue.record("taken")
        } catch let error as HTTPClientError {
            #expect(error.code == .cut && error.isRetriable)
        }
    }

    @Test func `nobody listening is told as such`() async throws {
        let server = RawServer { _, _ in false }
        let url = server.url
        _ = consume server
        #expect(
            await code { _ = try await client().send(.get(url.replacingOccurrences(of: "127.0.0.1", with: "127.0.0.2"))) } == .notConnected)
    }

    @Test func `an address refused is not worth a second try`() async throws {
        do {
            _ = try await client(.publicOnly).send(.get("http://127.0.0.1:1/"))
        } catch let error as HTTPClientError {
            #expect(error.code == .addressRefused && !error.isRetriable)
        }
    }

    @Test func `a closed client refuses and ends what is under way`() async throws {
        let (arrived, arrival) = AsyncStream.makeStream(of: Bool.self)
        let server = RawServer { _, peer in
            arrival.yield(true)
            peer.waitForClose()
            return false
        }
        let client = try client()
        let task = Task { try await client.send(.get(server.url)) }
        for await _ in arrived { break }
        client.close()
        #expect(await code { _ = try await task.value } == .closed)
        #expect(await code { _ = try await client.send(.get(server.url)) } == .closed)
    }
}
