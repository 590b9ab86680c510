/// Why the server itself will not serve what it was sent. Ends the connection; answered as a `Problem`.
struct Refusal: Error, Hashable {
    let status: Int
    /// Stable slug of the problem.
    let code: String
    let detail: String

    init(_ status: Int, _ code: String, _ detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }

    static func requestLine(_ detail: String) -> Refusal { Refusal(400, "bad-request-line", detail) }
    static func field(_ detail: String) -> Refusal { Refusal(400, "bad-header", detail) }
    static func host(_ detail: String) -> Refusal { Refusal(400, "bad-host", detail) }
    static func target(_ detail: String) -> Refusal { Refusal(400, "bad-target", detail) }
    static func framing(_ detail: String) -> Refusal { Refusal(400, "bad-framing", detail) }
    static func chunk(_ detail: String) -> Refusal { Refusal(400, "bad-chunk", detail) }

    static let lineEnd = Refusal.requestLine("a line does not end in CR LF")
    static let targetTooLong = Refusal(414, "target-too-long", "the request target is longer than 8192 bytes")
    static let headTooLarge = Refusal(431, "head-too-large", "the request head is larger than 16384 bytes or 100 fields")
    static let trailersTooLarge = Refusal(431, "trailers-too-large", "the trailers are larger than 4096 bytes")
    static let coding = Refusal(501, "coding-not-implemented", "the only transfer coding is chunked")
    static let method = Refusal(501, "method-not-implemented", "the method is not known here")
    static let version = Refusal(505, "version-not-supported", "the version is neither HTTP/1.1 nor HTTP/1.0")
    static let expectation = Refusal(417, "expectation-failed", "the only expectation met is 100-continue")
    static let headTimeout = Refusal(408, "request-timeout", "the request head did not arrive in time")
    static let bodyTimeout = Refusal(408, "request-timeout", "the request body did not arrive in time")
    static let bodyCutShort = Refusal(400, "body-cut-short", "the connection ended before the body did")

    static let tooManyBodies = Refusal(429, "too-many-bodies", "too many bodies are on their way from this client")
    static let outOfMemory = Refusal(503, "out-of-memory", "the memory for bodies is used up")

    static func bodyTooLarge(limit: Int) -> Refusal {
        Refusal(413, "body-too-large", "the body is larger than the \(limit) bytes this route takes")
    }
}
