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

    public var status: Int
    /// Stable slug; the problem's `type` is `/problems/<code>`.
    public var code: String
    /// Nil: the status in words, Chinese or English as the client prefers.
    public var title: String?
    public var detail: String?
    public var errors: [Violation]
    /// Sent with the answer, e.g. `Retry-After`.
    public var headers: [HTTPResponse.Header] = []

    public init(_ status: Int, _ code: String, title: String? = nil, detail: String? = nil, errors: [Violation] = []) {
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

/// A problem on its way to a client, with what belongs to this one occurrence.
public struct ProblemReport: Sendable {
    public let problem: Problem
    /// In the client's language.
    public let title: String
    /// The path asked for; nil when the request never got that far.
    public let path: String?
    public let traceID: String
    /// Whether the client prefers Chinese to English.
    public let prefersChinese: Bool

    init(_ problem: Problem, path: String?, traceID: String, acceptLanguage: String?) {
        self.problem = problem
        self.path = path
        self.traceID = traceID
        prefersChinese = acceptLanguage.map(Self.prefersChinese) ?? false
        title = problem.title ?? Self.title(problem.status, chinese: prefersChinese)
    }

    /// As problem+json.
    func response() -> HTTPResponse {
        var response = HTTPResponse.bytes(
            document, type: "application/problem+json", status: HTTPStatus(problem.status))
        response.append("Cache-Control", "no-store")
        for header in problem.headers { response.append(header.name, header.value) }
        return response
    }

    /// The primary subtag with the highest quality wins; a tie goes to the one named first.
    static func prefersChinese(_ acceptLanguage: String) -> Bool {
        var best: (chinese: Bool, quality: Double) = (false, 0)
        for range in acceptLanguage.split(separator: ",").prefix(32) {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let tag = parts.first else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if tag.hasPrefix("zh"), weight > best.quality { best = (true, weight) }
            if tag.hasPrefix("en"), weight > best.quality { best = (false, weight) }
        }
        return best.chinese
    }

    private static func title(_ status: Int, chinese: Bool) -> String {
        guard chinese else { return HTTPStatus(status).reason }
        return switch status {
        case 400: "请求有误"
        case 401: "请先登录"
        case 403: "没有权限"
        case 404: "未找到"
        case 405: "不支持该操作"
        case 408: "请求超时"
        case 409: "与当前状态冲突"
        case 410: "已失效"
        case 412: "内容已被他人更新"
        case 413: "内容过大"
        case 415: "格式不受支持"
        case 422: "内容未通过校验"
        case 428: "缺少版本条件"
        case 429: "请求过于频繁"
        case 500: "系统内部错误"
        case 503: "服务暂不可用"
        case 504: "处理超时"
        default: status < 500 ? "请求有误" : "系统内部错误"
        }
    }
}
