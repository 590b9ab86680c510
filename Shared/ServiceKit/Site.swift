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

    /// A problem as a page, for browsers; it leads back to the ticket or the plate at which it arose.
    /// - Parameter links: with which a ticket is known by its address; nil where the service has none.
    func problem(_ report: ProblemReport, _ links: PrivateLinks?) -> HTTPResponse {
        let back = Self.back(from: report, links)
        // The switches for language and size lead where a GET is answered: a form's own address is none.
        let visit = Visit(
            path: back?.page.description ?? report.path ?? "/", host: host, siteName: name, now: clock.now().milliseconds,
            acceptLanguage: report.acceptLanguage, cookie: report.cookie, lang: report.query("lang"), big: report.query("big"))
        let words = ProblemPage(
            status: report.problem.status, code: report.problem.code, title: report.title(inEnglish: visit.language == .english),
            traceID: report.traceID, back: back.map { Link(visit($0.words), to: $0.page) })
        var answer = page(words.html(for: visit), for: visit, status: HTTPStatus(report.problem.status))
        for header in report.problem.headers { answer.append(header.name, header.value) }
        return answer
    }

    /// From an address under a private link of ours to the ticket, whatever became of the link's own page; from a plate's form to it;
    /// from where staff work to the case whose form it was, or else to the desk, the figures, the sign-in.
    private static func back(from report: ProblemReport, _ links: PrivateLinks?) -> (words: Text, page: PagePath)? {
        let pieces = (report.path ?? "").split(separator: "/").map(String.init)
        if let place = pieces.first, let back = staffPage(place, pieces.dropFirst(), isGone: report.problem.status == 404) { return back }
        guard pieces.count >= 2 else { return nil }
        if let ticket = links?.ticket(atPage: pieces[0], pieces[1]) { return (.toTicket, ticket) }
        guard pieces.count == 2, pieces[0] == "q", report.problem.status != 404, let plate = PlateCode(pieces[1]) else { return nil }
        return (.toPlate, .plate(code: plate.description))
    }

    /// - Parameter isGone: there is no such case for who asks.
    private static func staffPage(_ place: String, _ rest: ArraySlice<String>, isGone: Bool) -> (words: Text, page: PagePath)? {
        switch "/" + place {
        case PagePath.Template.overview.rawValue: return (.toFigures, .overview())
        case PagePath.Template.signIn.rawValue, PagePath.Template.signOut.rawValue: return (.toSignIn, .signIn())
        default: break
        }
        guard let desk = PagePath.Desk.allCases.first(where: { $0.list.rawValue == "/" + place }) else { return nil }
        // Of two pieces the first is the case and the second the form: the case's own page did open.
        if rest.count == 2, !isGone, let id = rest.first.flatMap({ CaseID($0) }) { return (.toCase, .deskCase(desk, id)) }
        return (.toDesk, .desk(desk))
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
