import EventLoop
import HTTP
import TestKit
import Testing

/// What people's apps add to an address must not stand between them and a page.
@Suite struct PageQueryTests {
    private static func table() -> Routes {
        var pages = Routes()
        let answer: HTTPHandler = { request in
            let number = try request.query("n") { Int($0) }
            return .text("\(try request.query("lang") ?? "-") \(number ?? 0) \(request.queryParameters.pairs.count)")
        }
        pages.get("/page", answer)
        var routes = pages.asPages()
        routes.get("/v1/api", answer)
        return routes
    }

    @Test(arguments: [
        ("", "- 0 0"), ("?from=singlemessage&isappinstalled=0", "- 0 2"), ("?x=100%", "- 0 1"), ("?lang=zh&lang=en", "zh 0 2"),
        ("?%=%zz", "- 0 1"),
        ("?lang=%FF", "\u{FFFD} 0 1"), ("?lang=a%00b", "ab 0 1"), ("?n=7&n=x", "- 7 2"), ("?n=x", "- 0 1"), ("?&&=&", "- 0 1"),
        ("?" + String(repeating: "a=1&", count: 300), "- 0 200"),
    ]) func `a page takes what it knows and ignores the rest`(query: String, answer: String) async throws {
        try await HTTPServer.serving(Self.table()) { port in
            let page = try await RawHTTP.exchange(port: port, "GET /page\(query)")
            #expect(page.status == 200 && page.text == answer)
        }
    }

    @Test(arguments: ["?x=100%", "?lang=zh&lang=en", "?n=x", "?lang=%FF", "?a=%00", "?" + String(repeating: "a=1&", count: 300)])
    func `an interface refuses it`(query: String) async throws {
        try await HTTPServer.serving(Self.table()) { port in
            let answer = try await RawHTTP.exchange(port: port, "GET /v1/api\(query)")
            #expect(answer.status == 400)
        }
    }

    @Test(arguments: [
        ("", ""), ("a\r\nb", "a\nb"), ("a\rb", "a\nb"), ("a\nb", "a\nb"), ("\r\n\r\n", "\n\n"), ("\r\r\n\n", "\n\n\n"), ("灯\r\n😀", "灯\n😀"),
    ]) func `a line break is one character`(text: String, plain: String) {
        #expect(Array(text.withPlainLineBreaks.unicodeScalars) == Array(plain.unicodeScalars))
    }
}
