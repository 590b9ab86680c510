public import Contracts
import EventLog
public import HTTP
public import Pages

/// What all pages of this deployment share: its name, its address, its head lines.
public struct Site: Sendable {
    private let host: String
    private let publicURL: String
    private let name: String
    private let clock: any Timekeeper

    init(publicURL: String, name: String, clock: any Timekeeper) {
        host = String(publicURL.drop { $0 != "/" }.drop { $0 == "/" })
        self.publicURL = publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL
        self.name = name
        self.clock = clock
    }

    /// Who reads the page: language and size from the query, cookies and `Accept-Language`.
    public func visit(_ request: HTTPRequest) throws(Problem) -> Visit {
        Visit(
            path: request.path, host: host, siteName: name, now: clock.now().milliseconds,
            acceptLanguage: request.header("accept-language"), cookie: request.header("cookie"),
            lang: try request.query("lang"), big: try request.query("big"))
    }

    /// A page with the head lines that keep it safe and private.
    public func page(_ html: HTML, for visit: Visit, status: HTTPStatus = .ok) -> HTTPResponse {
        var answer = HTTPResponse.html(html.bytes, status: status)
        answer.set("content-security-policy", ContentSecurityPolicy.header)
        answer.set("x-content-type-options", "nosniff")
        answer.set("referrer-policy", "same-origin")
        answer.set("cache-control", "no-store")
        for cookie in visit.newCookies { answer.append("set-cookie", cookie) }
        return answer
    }

    /// The whole address of a path of ours, as residents may copy it.
    public func address(_ path: PagePath) -> String { publicURL + path.description }

    /// A problem as a page, for browsers.
    public func problem(_ report: ProblemReport) -> HTTPResponse {
        let visit = Visit(
            path: report.path ?? "/", host: host, siteName: name, now: clock.now().milliseconds,
            language: report.prefersChinese ? .chinese : .english)
        let words = ProblemPage(
            status: report.problem.status, code: report.problem.code, title: report.title, traceID: report.traceID)
        var answer = page(words.html(for: visit), for: visit, status: HTTPStatus(report.problem.status))
        for header in report.problem.headers { answer.append(header.name, header.value) }
        return answer
    }

    /// Stylesheet, script and mark, by names that change with their content.
    public static var assets: Routes {
        var routes = Routes()
        for asset in Asset.all {
            routes.get(asset.path) { _ in
                .bytes(asset.bytes, type: asset.contentType).with("cache-control", Asset.cacheControl)
                    .with("x-content-type-options", "nosniff")
            }
        }
        return routes.asPages()
    }
}
