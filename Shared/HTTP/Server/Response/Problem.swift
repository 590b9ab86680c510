/// An error answered as RFC 9457 problem+json. Throw it from a handler; it is the only error whose text reaches a client.
public struct Problem: Error, Sendable, Hashable {
    /// One place of the input that is wrong.
    public struct Violation: Sendable, Hashable {
        /// A JSON pointer (`#/lat`), a query parameter (`?limit`) or a form field's name.
        public let pointer: String
        public let detail: String?
        /// Stable slug.
        public let code: String

        public init(pointer: String, code: String, detail: String? = nil) {
            self.pointer = pointer
            self.code = code
            self.detail = detail
        }
    }

    /// A title in both languages.
    public struct Title: Sendable, Hashable {
        public let chinese: String
        public let english: String

        public init(_ chinese: String, _ english: String) { (self.chinese, self.english) = (chinese, english) }
    }

    public var status: Int
    /// Stable slug; the problem's `type` is `/problems/<code>`.
    public var code: String
    /// What is the matter, for people; nil: the status in words. Told in Chinese, in English to who prefers that.
    public var title: Title?
    /// What is the matter, for programmers: English.
    public var detail: String?
    public var errors: [Violation]
    /// Sent with the answer, e.g. `Retry-After`.
    public var headers: [HTTPResponse.Header] = []

    public init(_ status: Int, _ code: String, title: Title? = nil, detail: String? = nil, errors: [Violation] = []) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = errors
    }

    /// The same problem with a header.
    public func with(_ name: String, _ value: String) -> Problem {
        var copy = self
        copy.headers.append(HTTPResponse.Header(name: name, value: value))
        return copy
    }

    public static func notFound(_ detail: String? = nil) -> Problem { Problem(404, "not-found", detail: detail) }
    public static func unauthorized(_ detail: String? = nil) -> Problem { Problem(401, "unauthorized", detail: detail) }
    public static func forbidden(_ detail: String? = nil) -> Problem { Problem(403, "forbidden", detail: detail) }
    public static func conflict(_ code: String, _ detail: String? = nil) -> Problem { Problem(409, code, detail: detail) }
    /// 422 with the places that are wrong.
    public static func invalid(_ errors: [Violation]) -> Problem { Problem(422, "invalid", errors: errors) }
    /// 503; `seconds` until another try is worth it.
    public static func unavailable(_ code: String = "unavailable", retryAfter seconds: Int = 1) -> Problem {
        Problem(503, code).with("Retry-After", String(max(1, seconds)))
    }
    static func unsupportedMediaType(_ wanted: String) -> Problem {
        Problem(415, "unsupported-media-type", detail: "this route takes \(wanted)")
    }

    init(_ refusal: Refusal) {
        self.init(refusal.status, refusal.code, detail: refusal.detail)
        if status == 429 || status == 503 { self = with("Retry-After", "2") }
    }
}
