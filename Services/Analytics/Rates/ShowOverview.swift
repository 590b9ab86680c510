import Contracts
import EventLog
import HTTP
import Pages
import ServiceKit

/// `GET /analytics?from=&to=`: the overview as a page.
struct ShowOverview: Sendable {
    let reader: RateReader
    let access: ReadAccess
    let site: Site
    let clock: any Timekeeper
    let streetName: String

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let (member, scope): (StaffMember, Scope)
        do { (member, scope) = try access.reader(request) } catch {
            guard error.status == 401 else { throw error }
            return try signIn(request)
        }
        let now = clock.now()
        let visit = try site.visit(request)
        let asked = Result { () throws(Problem) in try DayRange(request, at: now) }
        let days = (try? asked.get()) ?? DayRange.standard(at: now)
        let overview = try await reader.overview(Breakdown.allCases, days, scope, now: now)
        let title = Self.title(scope, overview, streetName: streetName) ?? visit(.thisCommunity)
        var page = OverviewPage(overview, title: title, street: (access.street.description, streetName), now: now, visit: visit)
        page.desk = member.role == .community ? .community : .street
        page.signOut = StaffDirectory.cookieToken(of: request).map {
            SignOut(member.role == .district ? member.name : title, proof: StaffDirectory.formProof(of: $0))
        }
        if case .failure = asked { page.errors = FormErrors(["from": .daysWrong]) }
        return site.page(page.html(for: visit), for: visit, status: page.errors.isEmpty ? .ok : 400)
    }

    /// Where staff sign in, and from there back to the same days.
    private func signIn(_ request: HTTPRequest) throws(Problem) -> HTTPResponse {
        let (from, to) = (try request.query("from") { ChineseDay($0) }, try request.query("to") { ChineseDay($0) })
        let page = PagePath.overview(from: from?.description, to: to?.description)
        return .redirect(.signIn(next: page.description)).with("cache-control", "no-store")
    }

    /// A community reads its own name above its own figures.
    private static func title(_ scope: Scope, _ overview: RateOverview, streetName: String) -> String? {
        guard case .community(let area) = scope else { return streetName }
        let own = overview.table.lines[.community]?.first { $0.code == area.description }
        return own?.name
    }
}
