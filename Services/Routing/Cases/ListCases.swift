import Contracts
import HTTP
import JSON
import Postgres
import ServiceKit

/// `GET /v1/cases?state=&community=&limit=&cursor=&updated_since=`: what the unit may see, page by page.
///
/// Newest first; with `updated_since` in the order of change, so that a program that asks again misses nothing. The next page
/// is in `next` and in the `Link` header.
struct ListCases: Sendable {
    let pool: PostgresPool
    let staff: StaffDirectory
    let news: CaseNews
    let damaged: DamagedCases

    static let limits = 1...200
    private static let usual = 50

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let worker = try CaseWorker(request, staff, as: CaseWorker.reading)
        let filter = try CaseFilter(request)
        let limit = try request.query("limit") { text in Int(text).flatMap { Self.limits.contains($0) ? $0 : nil } } ?? Self.usual
        let found = try await pool.query(ListQueries.page(filter, for: worker.unit, limit: limit + 1), as: StoredCase.self)
        let page = damaged.sound(found.prefix(limit))
        var next: String?
        if found.count > limit, let last = page.last { next = filter.address(after: last.one, limit: limit) }
        let answer = HTTPResponse.json(CasePage(cases: page.map { news.snapshot($0.one, version: $0.one.version) }, next: next))
            .with("Cache-Control", "no-store")
        return next.map { answer.with("Link", "<\($0)>; rel=\"next\"") } ?? answer
    }
}

/// What is asked for, and from where on.
struct CaseFilter: Sendable {
    var states: [CaseState] = []
    var community: AreaCode?
    var updatedSince: Timestamp?
    var cursor: Cursor?

    /// The last row of the page before.
    struct Cursor: Sendable {
        let changedAt: Timestamp
        let ticket: CaseID

        init(changedAt: Timestamp, ticket: CaseID) {
            self.changedAt = changedAt
            self.ticket = ticket
        }
        init?(_ text: String) {
            let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2, let milliseconds = Int64(parts[0]), let ticket = CaseID(parts[1]) else { return nil }
            self.init(changedAt: Timestamp(milliseconds: milliseconds), ticket: ticket)
        }
        var text: String { "\(changedAt.milliseconds).\(ticket)" }
    }

    init(_ request: HTTPRequest) throws(Problem) {
        states =
            try request.query("state") { text in
                let states = text.split(separator: ",").map { CaseState(rawValue: String($0)) }
                return states.contains(nil) ? nil : states.compactMap(\.self)
            } ?? []
        community = try request.query("community") { AreaCode($0) }
        // A plus sign of an offset is a space in a query, unless it was encoded.
        updatedSince = try request.query("updated_since") { Timestamp($0.replacing(" ", with: "+")) }
        cursor = try request.query("cursor") { Cursor($0) }
    }

    func address(after last: Case, limit: Int) -> String {
        var parts = ["limit=\(limit)", "cursor=\(Cursor(changedAt: last.changedAt, ticket: last.id).text)"]
        if !states.isEmpty { parts.append("state=\(states.map(\.rawValue).joined(separator: ","))") }
        if let community { parts.append("community=\(community)") }
        if let updatedSince { parts.append("updated_since=\(updatedSince.description.replacing("+", with: "%2B"))") }
        return "/v1/cases?" + parts.joined(separator: "&")
    }
}

struct CasePage: JSONObjectEncodable {
    let cases: [CaseSnapshot]
    let next: String?

    func write(members o: inout JSONObjectWriter) {
        o.member("cases", cases)
        o.member("next", next)
    }
}
