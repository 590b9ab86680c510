import Contracts
import EventLog
import HTTP
import ServiceKit

/// `GET /analytics?from=&to=`: the overview as a page.
struct ShowOverview: Sendable {
    let reader: RateReader
    let access: ReadAccess
    let site: Site
    let clock: any Timekeeper
    let streetName: String

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let scope = try access.scope(request)
        try request.allowOnly(["from", "to", "lang", "big"])
        let now = clock.now()
        let visit = try site.visit(request)
        let overview = try await reader.overview(Breakdown.allCases, DayRange(request, at: now), scope, now: now)
        let title = Self.title(scope, overview, streetName: streetName)
        return site.page(OverviewPage(overview, title: title, now: now).html(for: visit), for: visit)
    }

    /// A community reads its own name above its own figures.
    private static func title(_ scope: Scope, _ overview: RateOverview, streetName: String) -> String {
        guard case .community(let area) = scope else { return streetName }
        let own = overview.table.lines[.community]?.first { $0.code == area.description }
        return own?.name ?? area.description
    }
}
