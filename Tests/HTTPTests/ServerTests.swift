import HTTP
import JSON
import Telemetry
import TestKit
import Testing

@Suite struct ServerTests {
    @Test func `answers carry length, date, trace and what the handler set`() async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let response = try #require(try await server.get("/"))
            #expect(response.status == 200)
            #expect(response.text == "home")
            #expect(response.header("Content-Length") == "4")
            #expect(response.header("Content-Type") == "text/plain; charset=utf-8")
            #expect(response.header("Date")?.hasSuffix(" GMT") == true)
            #expect(TraceContext(traceparent: response.header("traceparent") ?? "") != nil)
        }
    }

    @Test func `the trace of the request goes on in the handler, the answer and the log`() async throws {
        var routes = Routes()
        routes.get("/trace") { request in
            .text("\(TraceContext.current?.traceIDText ?? "-") \(TraceContext.current == request.trace)")
        }
        try await TestServer.with(routes) { server async throws in
            let trace = "0af7651916cd43dd8448eb211c80319c"
            let response = try #require(
                try await server.exchange("GET /trace HTTP/1.1\r\nHost: a\r\ntraceparent: 00-\(trace)-b7ad6b7169203331-01\r\n\r\n").first)
            #expect(response.text == "\(trace) true")
            #expect(response.header("traceparent")?.hasPrefix("00-\(trace)-") == true)
            #expect(response.header("traceparent")?.contains("b7ad6b7169203331") == false)
            #expect(server.lines.all.contains { $0.contains("\"trace\":\"\(trace)\"") })
        }
    }

    @Test func `HEAD answers the head of GET, also of a stream, and stays in step`() async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let client = try await server.connect()
            try await client.send(
                "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let first = try await client.response(toHead: true)
            #expect(first.header("Content-Length") == "4")
            #expect(try await client.response(toHead: true).status == 200)
            #expect(try await client.response().text == "home")
        }
    }

    @Test func `a stream is chunked for 1.1 and ends with the connection for 1.0`() async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let new = try #require(try await server.get("/stream"))
            #expect(new.header("Transfer-Encoding") == "chunked")
            #expect(new.text == "piece 0\npiece 1\npiece 2\n")
            let old = try #require(try await server.exchange("GET /stream HTTP/1.0\r\n\r\n").first)
            #expect(old.header("Transfer-Encoding") == nil)
            #expect(old.text == new.text)
        }
    }

    @Test func `a thrown problem is answered, any other error is not told`() async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let problem = try #require(try await server.get("/problem"))
            #expect(problem.status == 409)
            #expect(problem.header("Retry-After") == "3")
            #expect(problem.member("type") == "/problems/taken")
            #expect(problem.member("detail") == "somebody was faster")
            #expect(problem.member("instance") == "/problem")
            let broken = try #require(try await server.get("/broken"))
            #expect(broken.status == 500)
            #expect(broken.member("code") == "internal")
            #expect(!broken.text.contains("geheim") && !broken.text.contains("Surprise"))
            #expect(server.lines.all.contains { $0.contains("Surprise") && $0.contains(broken.member("trace_id") ?? "?") })
            #expect(!server.lines.all.contains { $0.contains("geheim") })
        }
    }

    @Test(arguments: [
        ("zh-CN,en;q=0.8", "与当前状态冲突"), ("en,zh;q=0.9", "Conflict"), ("fr", "与当前状态冲突"), ("zh;q=0, en;q=0.1", "Conflict"),
        (nil, "与当前状态冲突"), ("*", "与当前状态冲突"), ("en;q=0", "与当前状态冲突"), ("enm", "与当前状态冲突"),
    ])
    func `a problem's title speaks the client's language, Chinese where it names none of ours`(_ language: String?, _ title: String)
        async throws
    {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let response = try await server.exchange(
                "GET /problem HTTP/1.1\r\nHost: a\r\n\(language.map { "Accept-Language: \($0)\r\n" } ?? "")\r\n")
            #expect(response.first?.member("title") == title)
        }
    }

    @Test func `a problem is a page for browsers where the service has one`() async throws {
        let configure = { (c: inout HTTPServerConfiguration) in
            c.problemPage = { report in .html("<h1>\(report.problem.status)</h1>", status: HTTPStatus(report.problem.status)) }
        }
        try await TestServer.with(sampleRoutes(), configure: configure) { server async throws in
            let page = try await server.exchange("GET /no HTTP/1.1\r\nHost: a\r\nAccept: text/html,*/*\r\n\r\n").first
            #expect(page?.status == 404 && page?.text == "<h1>404</h1>")
            let json = try await server.exchange("GET /no HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n").first
            #expect(json?.header("content-type") == "application/problem+json")
        }
    }

    @Test func `a header value with a line end never reaches the wire`() async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let response = try #require(try await server.get("/injected"))
            #expect(response.status == 500)
            #expect(response.header("Set-Cookie") == nil)
        }
    }

    @Test func `405 names what is allowed, and OPTIONS too`() async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let refused = try await server.exchange("PUT /items/1 HTTP/1.1\r\nHost: a\r\n\r\n").first
            #expect(refused?.status == 405)
            #expect(refused?.header("Allow") == "GET, HEAD, OPTIONS")
            let options = try await server.exchange("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n").first
            #expect(options?.header("Allow") == "GET, HEAD, POST, OPTIONS")
        }
    }

    @Test(arguments: [
        ("/items/7", "7"), ("/items/a%2Fb", "a/b"), ("/items/%E5%93%A8", "哨"), ("/items/mine", "mine!"), ("/items/a+b", "a+b"),
    ])
    func `a path parameter is one decoded segment`(_ path: String, _ value: String) async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let response = try await server.get(path)
            #expect(response?.text == value)
        }
    }

    @Test(arguments: ["/items/", "/items", "/items/1/", "/items/1/2", "//items/1", "/Items/1"])
    func `a path that is no template is not found`(_ path: String) async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let response = try await server.get(path)
            #expect(response?.status == 404)
        }
    }

    @Test(arguments: [("a=1&b=2&a=3", "a=1|b=2|a=3"), ("a", "a="), ("a=b=c", "a=b=c"), ("a=x+y%2B", "a=x y+"), ("&&a=1&", "a=1"), ("", "")])
    func `a query is a list of decoded pairs`(_ query: String, _ value: String) async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let response = try await server.get("/query?\(query)")
            #expect(response?.text == value)
        }
    }

    @Test func `typed parameters refuse what they cannot be`() async throws {
        var routes = Routes()
        routes.get("/n/{n}") { request in
            let n = try request.pathParameter("n", { Int($0) })
            let limit = try request.query("limit", { Int($0).flatMap { (1...200).contains($0) ? $0 : nil } }) ?? 50
            return .text("\(n) \(limit)")
        }
        try await TestServer.with(routes) { server async throws in
            func ask(_ path: String) async throws -> RawResponse? { try await server.get(path) }
            #expect(try await ask("/n/5")?.text == "5 50")
            #expect(try await ask("/n/5?limit=7")?.text == "5 7")
            #expect(try await ask("/n/five")?.status == 404)
            #expect(try await ask("/n/5?limit=0")?.member("code") == "bad-parameters")
            #expect(try await ask("/n/5?limit=1&limit=2")?.member("code") == "duplicate-parameter")
        }
    }

    @Test func `forms and JSON are read strictly`() async throws {
        var routes = Routes()
        routes.post("/form") { request in .text(try request.form().all("text").joined(separator: "|")) }
        routes.post("/json") { request in .json(try request.json([Int64].self)) }
        try await TestServer.with(routes) { server async throws in
            func post(_ path: String, _ type: String, _ body: String) async throws -> RawResponse? {
                try await server.exchange(
                    "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                ).first
            }
            #expect(try await post("/form", "application/x-www-form-urlencoded; charset=utf-8", "text=%E5%93%A8&text=a+b")?.text == "哨|a b")
            #expect(try await post("/form", "application/x-www-form-urlencoded", "text=%ff")?.status == 400)
            #expect(try await post("/form", "text/plain", "text=a")?.status == 415)
            #expect(try await post("/json", "application/json", "[1,2]")?.text == "[1,2]")
            #expect(try await post("/json", "application/json", "[1,2")?.member("code") == "bad-json")
            #expect(try await post("/json", "application/json", "[1,\"x\"]")?.member("pointer") == "#/1")
            #expect(try await post("/json", "text/plain", "[1]")?.status == 415)
        }
    }

    @Test func `metrics know templates and classes, the log no query and no body`() async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            _ = try await server.exchange("GET /items/secretid HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await server.exchange("GET /query?phone=13800000000 HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await server.exchange("GET /some/where HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await server.exchange("rubbish\r\n\r\n")
            let text = String(decoding: server.metrics.render(), as: UTF8.self)
            #expect(
                text.contains(
                    "http_server_request_duration_seconds_count{server=\"test\",method=\"GET\",route=\"/items/{id}\",status=\"2xx\"} 1"))
            #expect(text.contains("method=\"GET\",route=\"unmatched\",status=\"4xx\"} 1"))
            #expect(text.contains("method=\"-\",route=\"unmatched\",status=\"4xx\"} 1"))
            let lines = server.lines.all
            #expect(lines.count { $0.contains("\"message\":\"request\"") } == 4)
            #expect(!lines.contains { $0.contains("13800000000") || $0.contains("secretid") || $0.contains("where") })
        }
    }

    @Test func `a guard refuses before the body is read`() async throws {
        var inner = Routes()
        inner.post("/inner", limits: .upload) { _ in .text("in") }
        let routes = inner.guarded { request in
            if request.header("authorization") == nil { throw Problem.unauthorized() }
        }
        try await TestServer.with(routes) { server async throws in
            let client = try await server.connect()
            try await client.send("POST /inner HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n")
            let refused = try await client.response()
            #expect(refused.status == 401)
            #expect(refused.header("Connection") == "close")
        }
    }

    @Test func `the client's address is what the gateway says last`() async throws {
        var routes = Routes()
        routes.get("/who") { request in .text(request.remoteAddress) }
        try await TestServer.with(routes) { server async throws in
            func ask(_ field: String) async throws -> String? { try await server.get("/who", field)?.text }
            #expect(try await ask("") == "127.0.0.1")
            #expect(try await ask("X-Forwarded-For: 9.9.9.9, 10.1.2.3\r\n") == "10.1.2.3")
            #expect(try await ask("X-Forwarded-For: 2001:db8::1\r\n") == "2001:db8::1")
            #expect(try await ask("X-Forwarded-For: nonsense\r\n") == "127.0.0.1")
        }
        try await TestServer.with(routes, configure: { $0.forwardedHops = 0 }) { server async throws in
            let response = try await server.get("/who", "X-Forwarded-For: 10.1.2.3\r\n")
            #expect(response?.text == "127.0.0.1")
        }
    }

    @Test func `localhost is both loopbacks on one port`() async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            let client: RawHTTP
            do { client = try await RawHTTP.connect(port: server.port, ipv6: true) } catch {
                try Test.cancel("no IPv6 loopback here")
            }
            try await client.send("GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n")
            #expect(try await client.response().text == "home")
        }
    }

    @Test(arguments: ["/a/{x}/{x}", "a", "/a{b}", "/a?b"])
    func `a malformed template is refused when the server is made`(_ template: String) async throws {
        var routes = Routes()
        routes.get(template) { _ in .noContent }
        await #expect(throws: HTTPServerError.self) { try await TestServer.start(routes) }
    }

    @Test func `the same route twice is refused, and the table prints itself`() async throws {
        var routes = Routes()
        routes.get("/a/{x}") { _ in .noContent }
        #expect(routes.describe() == ["GET /a/{x}"])
        routes.get("/a/{y}") { _ in .noContent }
        await #expect(throws: HTTPServerError.self) { try await TestServer.start(routes) }
    }
}
