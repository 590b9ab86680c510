import Testing

/// One input of the hostile table: what is sent, and the statuses of what comes back (100 left out).
struct HostileInput: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let statuses: [Int]
    let code: String?

    init(_ name: String, _ text: String, _ statuses: Int..., code: String? = nil) {
        self.init(name, bytes: Array(text.utf8), statuses, code)
    }

    init(_ name: String, bytes: [UInt8], _ statuses: [Int], _ code: String? = nil) {
        self.name = name
        self.bytes = bytes
        self.statuses = statuses
        self.code = code
    }

    var testDescription: String { name }
}

private let ok = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
private func get(_ fields: String) -> String { "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n" }
private func post(_ fields: String, _ body: String = "") -> String { "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(body)" }
private func chunked(_ body: String) -> String { post("Transfer-Encoding: chunked\r\n", body) }
private func target(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n" }
private func run(_ count: Int, _ character: Character = "x") -> String { String(repeating: character, count: count) }

enum HostileTable {
    static let all = lines + fields + hosts + framings + chunks + targets + sizes + served

    static let lines: [HostileInput] = [
        HostileInput("bare LF everywhere", "GET / HTTP/1.1\nHost: a\n\n", 400, code: "bad-request-line"),
        HostileInput("bare LF after a field", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
        HostileInput("bare LF ends the head", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400),
        HostileInput("bare CR in a value", get("X: a\rb\r\n"), 400, code: "bad-header"),
        HostileInput("bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        HostileInput("CR CR LF", get("X: a\r\r\n"), 400),
        HostileInput("HTTP/0.9", "GET /\r\n\r\n", 400),
        HostileInput("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
        HostileInput("HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        HostileInput("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        HostileInput("lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400),
        HostileInput("version with three digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400),
        HostileInput("version with a sign", "GET / HTTP/+1.1\r\nHost: a\r\n\r\n", 400),
        HostileInput("garbage", "\u{1}\u{2}\u{3}\r\n", 400),
        HostileInput("a TLS hello", bytes: [0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0x0D, 0x0A], [400]),
        HostileInput("unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        HostileInput("lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        HostileInput("CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        HostileInput("TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        HostileInput("control byte in the method", "G\u{1}T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        HostileInput("no method", " / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        HostileInput("two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        HostileInput("tab instead of blank", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        HostileInput("blank after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
        HostileInput("two empty lines first", "\r\n\r\n" + ok, 400),
        HostileInput("a bare LF first", "\n" + ok, 400),
    ]

    static let fields: [HostileInput] = [
        HostileInput("folded field", get("X: a\r\n b\r\n"), 400, code: "bad-header"),
        HostileInput("folded with a tab", get("X: a\r\n\tb\r\n"), 400),
        HostileInput("folded Content-Length", post("Content-Length: 5\r\n 0\r\n", "hello"), 400),
        HostileInput("fold before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
        HostileInput("blank before the colon", get("X : a\r\n"), 400),
        HostileInput("blank before Content-Length's colon", post("Content-Length : 5\r\n", "hello"), 400),
        HostileInput("no colon", get("X a\r\n"), 400),
        HostileInput("empty name", get(": a\r\n"), 400),
        HostileInput("NUL in a name", get("X\u{0}Y: a\r\n"), 400),
        HostileInput("NUL in a value", get("X: a\u{0}b\r\n"), 400),
        HostileInput("DEL in a value", get("X: a\u{7F}b\r\n"), 400),
        HostileInput("control byte in a value", get("X: a\u{8}b\r\n"), 400),
        HostileInput("bytes above 0x7F in a name", get("Xé: a\r\n"), 400),
        HostileInput("parentheses in a name", get("X(y): a\r\n"), 400),
        HostileInput("unknown Expect", post("Content-Length: 1\r\nExpect: tea\r\n", "a"), 417),
        HostileInput("Expect twice", post("Content-Length: 1\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n", "a"), 417),
    ]

    static let hosts: [HostileInput] = [
        HostileInput("no Host", "GET / HTTP/1.1\r\n\r\n", 400, code: "bad-host"),
        HostileInput("two Hosts", get("Host: a\r\n"), 400, code: "bad-host"),
        HostileInput("two Hosts, other case", get("HOST: b\r\n"), 400),
        HostileInput("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
        HostileInput("Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        HostileInput("Host with user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
        HostileInput("Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
        HostileInput("Host with a bad port", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400),
        HostileInput("Host with only a port", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n", 400),
        HostileInput("Host with an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400),
        HostileInput("HTTP/1.0 with two Hosts", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    ]

    static let framings: [HostileInput] = [
        HostileInput("Content-Length twice, equal", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400, code: "bad-framing"),
        HostileInput("Content-Length twice, different", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), 400),
        HostileInput("Content-Length list", post("Content-Length: 5, 5\r\n", "hello"), 400),
        HostileInput("Content-Length with a plus", post("Content-Length: +5\r\n", "hello"), 400),
        HostileInput("Content-Length with a minus", post("Content-Length: -1\r\n", "hello"), 400),
        HostileInput("Content-Length hexadecimal", post("Content-Length: 0x5\r\n", "hello"), 400),
        HostileInput("Content-Length empty", post("Content-Length:\r\n", "hello"), 400),
        HostileInput("Content-Length with a blank inside", post("Content-Length: 1 1\r\n", "hello"), 400),
        HostileInput("Content-Length of 19 digits", post("Content-Length: 1000000000000000000\r\n"), 400),
        HostileInput("Content-Length of 2^64", post("Content-Length: 18446744073709551616\r\n"), 400),
        HostileInput("Content-Length of 18 digits", post("Content-Length: 999999999999999999\r\n"), 413),
        HostileInput("both framings", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400),
        HostileInput("both framings, other order", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400),
        HostileInput("Transfer-Encoding twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400),
        HostileInput("Transfer-Encoding on 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        HostileInput("gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501),
        HostileInput("chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501),
        HostileInput("xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501),
        HostileInput("identity", post("Transfer-Encoding: identity\r\n", ""), 501),
        HostileInput("empty Transfer-Encoding", post("Transfer-Encoding:\r\n", "0\r\n\r\n"), 501),
        HostileInput("vertical tab before chunked", post("Transfer-Encoding: \u{B}chunked\r\n", "0\r\n\r\n"), 400),
    ]

    static let chunks: [HostileInput] = [
        HostileInput("chunk size of 16 digits", chunked("0000000000000005\r\nhello\r\n0\r\n\r\n"), 400, code: "bad-chunk"),
        HostileInput("huge chunk size", chunked("fffffffffffffff\r\n"), 400, code: "body-cut-short"),
        HostileInput("blank before a chunk size", chunked(" 5\r\nhello\r\n0\r\n\r\n"), 400),
        HostileInput("blank after a chunk size", chunked("5 \r\nhello\r\n0\r\n\r\n"), 400),
        HostileInput("chunk size with 0x", chunked("0x5\r\nhello\r\n0\r\n\r\n"), 400),
        HostileInput("negative chunk size", chunked("-5\r\nhello\r\n0\r\n\r\n"), 400),
        HostileInput("no chunk size", chunked("\r\nhello\r\n0\r\n\r\n"), 400),
        HostileInput("bare LF after a chunk size", chunked("5\nhello\r\n0\r\n\r\n"), 400),
        HostileInput("bare LF after a chunk", chunked("5\r\nhello\n0\r\n\r\n"), 400),
        HostileInput("no CR LF after a chunk", chunked("5\r\nhello0\r\n\r\n"), 400),
        HostileInput("CR without LF after a chunk", chunked("5\r\nhello\rX0\r\n\r\n"), 400),
        HostileInput("bare LF in an extension", chunked("5;a=b\nhello\r\n0\r\n\r\n"), 400),
        HostileInput("NUL in an extension", chunked("5;a=\u{0}\r\nhello\r\n0\r\n\r\n"), 400),
        HostileInput("extensions above 4 KiB", chunked("5;\(run(5000))\r\nhello\r\n0\r\n\r\n"), 400),
        HostileInput("many extensions above 4 KiB", chunked(String(repeating: "1;\(run(100))\r\nx\r\n", count: 50) + "0\r\n\r\n"), 400),
        HostileInput("trailers above 4 KiB", chunked("0\r\n" + String(repeating: "X: \(run(100))\r\n", count: 50) + "\r\n"), 431),
        HostileInput("malformed trailer", chunked("0\r\nX : a\r\n\r\n"), 400),
        HostileInput("folded trailer", chunked("0\r\nX: a\r\n b\r\n\r\n"), 400),
        HostileInput("bare LF ends the trailers", chunked("0\r\n\n"), 400),
        HostileInput("body cut short", post("Content-Length: 9\r\n", "hello"), 400, code: "body-cut-short"),
        HostileInput("chunks cut short", chunked("5\r\nhel"), 400, code: "body-cut-short"),
    ]

    static let targets: [HostileInput] = [
        HostileInput("bytes above 0x7F in the target", target("/é"), 400, code: "bad-target"),
        HostileInput("fragment in the target", target("/#a"), 400),
        HostileInput("NUL in the target", target("/a\u{0}b"), 400),
        HostileInput("DEL in the target", target("/a\u{7F}b"), 400),
        HostileInput("bad escape", target("/items/%zz"), 400),
        HostileInput("escape cut short", target("/items/%4"), 400),
        HostileInput("escaped NUL", target("/items/%00"), 400),
        HostileInput("escaped line end in the path", target("/items/a%0d%0ab"), 400),
        HostileInput("escaped bytes that are no UTF-8", target("/items/%ff"), 400),
        HostileInput("overlong UTF-8", target("/items/%c0%af"), 400),
        HostileInput("surrogate in UTF-8", target("/items/%ed%a0%80"), 400),
        HostileInput("bad escape in the query", target("/query?a=%zz"), 400),
        HostileInput("no UTF-8 in the query", target("/query?a=%ff"), 400),
        HostileInput("dot segment", target("/items/../x"), 400),
        HostileInput("escaped dot segment", target("/items/%2e%2E/x"), 400),
        HostileInput("authority differs from Host", target("http://b/"), 400),
        HostileInput("absolute-form without Host", "GET http://a/ HTTP/1.0\r\n\r\n", 400),
        HostileInput("another scheme", target("ftp://a/"), 400),
        HostileInput("authority-form", target("a:80"), 400),
        HostileInput("relative target", target("x/y"), 400),
        HostileInput("* with GET", target("*"), 400),
        HostileInput("*x with OPTIONS", "OPTIONS *x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ]

    static let sizes: [HostileInput] = [
        HostileInput("target above 8 KiB", target("/" + run(8192)), 414),
        HostileInput("endless request line", run(9000), 414),
        HostileInput("field above 16 KiB", get("X: \(run(16_400))\r\n"), 431),
        HostileInput("head above 16 KiB", get(String(repeating: "X: \(run(1000))\r\n", count: 17)), 431),
        HostileInput("endless field", "GET / HTTP/1.1\r\nHost: a\r\nX: \(run(17_000))", 431),
        HostileInput("101 fields", get(String(repeating: "X: a\r\n", count: 100)), 431),
        HostileInput(
            "over the route's limit", "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world", 413,
            code: "body-too-large"),
        HostileInput(
            "chunks over the route's limit",
            "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n", 413),
        HostileInput(
            "over the limit, with 100-continue", "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n",
            413),
        HostileInput("201 parameters", target("/query?" + String(repeating: "a=b&", count: 201)), 400),
    ]

    static let served: [HostileInput] = [
        HostileInput("plain", ok, 200),
        HostileInput("one empty line first", "\r\n" + ok, 200),
        HostileInput("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n" + ok, 200),
        HostileInput("100 fields", get(String(repeating: "X: a\r\n", count: 99)), 200),
        HostileInput("target of 8 KiB", target("/query?" + run(8192 - 7)), 200),
        HostileInput("bytes above 0x7F in a value", get("X: é\r\n"), 200),
        HostileInput("no value, blanks around a value", get("X:\r\nY:  a \t\r\n"), 200),
        HostileInput("pipelining", ok + post("Content-Length: 2\r\n", "hi") + ok, 200, 200, 200),
        HostileInput("GET with body", get("Content-Length: 3\r\n") + "abc" + ok, 200, 200),
        HostileInput("a request inside a body", post("Content-Length: \(ok.utf8.count)\r\n", ok) + ok, 200, 200),
        HostileInput("Upgrade is ignored", get("Connection: Upgrade\r\nUpgrade: h2c\r\n") + ok, 200, 200),
        HostileInput("Connection: close ends it", get("Connection: keep-alive, Close\r\n") + ok, 200),
        HostileInput("chunked", chunked("5\r\nhello\r\n0\r\n\r\n") + ok, 200, 200),
        HostileInput("chunked in capitals", post("TRANSFER-ENCODING: CHUNKED\r\n", "5\r\nhello\r\n0\r\n\r\n"), 200),
        HostileInput("chunk extension", chunked("5;a=\"b\";c\r\nhello\r\n0;d\r\n\r\n") + ok, 200, 200),
        HostileInput("trailers", chunked("0\r\nX: a\r\n\r\n") + ok, 200, 200),
        HostileInput("100-continue", post("Content-Length: 2\r\nExpect: 100-continue\r\n", "hi") + ok, 200, 200),
        HostileInput("absolute-form equal to Host", target("http://A/query?x=1") + ok, 200, 200),
        HostileInput("absolute-form without a path", target("http://a"), 200),
        HostileInput("IPv6 Host with port", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200),
        HostileInput("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" + ok, 204, 200),
        HostileInput("OPTIONS of a path", "OPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\n" + ok, 204, 200),
        HostileInput("unknown path", target("/nowhere") + ok, 404, 200),
        HostileInput("wrong method", "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n" + ok, 405, 200),
        HostileInput("refused after an answer", ok + "GET / HTTP/1.1\r\n\r\n" + ok, 200, 400),
        HostileInput("head cut short", "GET / HTTP/1.1\r\nHost", bytes: [], []),
    ]
}

extension HostileInput {
    init(_ name: String, _ text: String, bytes: [UInt8], _ statuses: [Int]) {
        self.init(name, bytes: Array(text.utf8) + bytes, statuses, nil)
    }
}
