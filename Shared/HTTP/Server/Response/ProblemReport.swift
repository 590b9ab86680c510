/// A problem on its way to a client, with what belongs to this one occurrence.
public struct ProblemReport: Sendable {
    public let problem: Problem
    /// The path asked for; nil when the request never got that far.
    public let path: String?
    public let traceID: String
    /// As sent, for pages, which also keep what was chosen on an earlier one.
    public let acceptLanguage: String?
    public let cookie: String?
    /// What could be read of the query.
    private let query: Parameters

    init(_ problem: Problem, _ head: RequestHead?, traceID: String) {
        self.problem = problem
        self.traceID = traceID
        let target = head.map(\.target).flatMap { $0.first == 0x2A ? nil : $0 }
        path = target?.prefix { $0 != 0x3F }.repairedText
        query = target.flatMap { try? Target($0) }?.query ?? Parameters(legible: [])
        acceptLanguage = head?.values(of: "accept-language").first?.repairedText
        cookie = head?.values(of: "cookie").first?.repairedText
    }

    /// The first value of a parameter of the query.
    public func query(_ name: String) -> String? { query.all(name).first }

    /// What is the matter, in Chinese or in English.
    public func title(inEnglish: Bool) -> String {
        if let title = problem.title { return inEnglish ? title.english : title.chinese }
        return inEnglish ? HTTPStatus(problem.status).reason : Self.chinese(problem.status)
    }

    /// As problem+json.
    func response() -> HTTPResponse {
        var response = HTTPResponse.bytes(
            document, type: "application/problem+json", status: HTTPStatus(problem.status))
        response.append("Cache-Control", "no-store")
        for header in problem.headers { response.append(header.name, header.value) }
        return response
    }

    /// The title of the JSON: Chinese, unless the client prefers English.
    var title: String { title(inEnglish: Self.prefersEnglish(acceptLanguage ?? "")) }

    /// The primary subtag with the highest quality wins; a tie goes to the one named first, and Chinese where neither is named.
    static func prefersEnglish(_ acceptLanguage: String) -> Bool {
        var best: (english: Bool, quality: Double) = (false, 0)
        for range in acceptLanguage.split(separator: ",").prefix(32) {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let tag = parts.first?.split(separator: "-").first else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if tag == "zh", weight > best.quality { best = (false, weight) }
            if tag == "en", weight > best.quality { best = (true, weight) }
        }
        return best.english
    }

    private static func chinese(_ status: Int) -> String {
        switch status {
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
        case 414: "地址过长"
        case 415: "格式不受支持"
        case 422: "内容未通过校验"
        case 428: "缺少版本条件"
        case 429: "请求过于频繁"
        case 431: "请求头过大"
        case 500: "系统内部错误"
        case 501: "不支持该功能"
        case 503: "服务暂不可用"
        case 504: "处理超时"
        case 505: "不支持该 HTTP 版本"
        default: status < 500 ? "请求有误" : "系统内部错误"
        }
    }
}
