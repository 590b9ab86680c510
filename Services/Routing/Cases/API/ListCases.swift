import Contracts
import EventLog
import HTTP
import JSON
import Postgres
import ServiceKit

/// `GET /v1/cases`: what the unit may see, page by page.
///
/// `?state=&community=&limit=&cursor=`: newest first; the next page is in `next` and in the `Link` header. `?after=&limit=`: what
/// changed since an earlier answer, by the numbers that the event log gave to the changes when they were committed, so that nothing is
/// missed; `after` of the answer is where to go on. `after=now` answers the present place, `after=0` begins with the first change.
struct ListCases: Sendable {
    let pool: PostgresPool
    let staff: StaffDirectory
    let eventMapper: CaseEventMapper
    let damaged: DamagedCases

    static let limits = 1...200
    private static let usual = 50

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let worker = try CaseWorker(request, staff, as: CaseWorker.reading)
        let limit = try request.query("limit") { text in Int(text).flatMap { Self.limits.contains($0) ? $0 : nil } } ?? Self.usual
        let filter = try CaseFilter(request)
        if let after = try request.query("after") { return try await changes(after, filter, limit, worker) }
        let found = try await pool.readCases(listedBy: ListQueries.page(filter, for: worker.unit, limit: limit + 1))
        let page = found.prefix(limit)
        var next: String?
        if found.count > limit, let last = page.last { next = filter.address(after: last.ticket, limit: limit) }
        return answer(Array(page), next: next, after: nil)
    }

    /// Several changes of one case are one line: the case as it stands now.
    private func changes(_ text: String, _ filter: CaseFilter, _ limit: Int, _ worker: CaseWorker) async throws -> HTTPResponse {
        guard filter.isEmpty else {
            throw Problem(
                400, "after-alone", title: .init("after 不能与筛选条件同时使用", "“after” goes with “limit” only"),
                detail: "after goes with limit only.")
        }
        let changes = TopicChanges(pool: pool, topic: Topics.cases)
        let place: TopicPosition
        if text == "now" {
            return answer([], next: nil, after: try await changes.now())
        } else if let known = TopicPosition(text) {
            place = known
        } else {
            throw Problem(
                400, "bad-after", title: .init("after 无法识别", "“after” is not understood"),
                detail: "after is what an earlier answer gave, 0 or now.")
        }
        guard let page = try await changes.page(after: place, limit: limit) else {
            throw Problem(
                410, "after-expired", title: .init("after 已失效，请重新读取全部工单", "“after” has expired: read the whole list again"),
                detail: "The log no longer holds what follows that place. Ask for after=now, read the whole list, and go on from there.")
        }
        let ids = page.subjects.compactMap { CaseID($0) }
        let found = try await pool.readCases(listedBy: ListQueries.seen(ids, by: worker.unit))
        return answer(found, next: page.isLast ? nil : "/v1/cases?after=\(page.place)&limit=\(limit)", after: page.place)
    }

    private func answer(_ found: [StoredCase], next: String?, after: TopicPosition?) -> HTTPResponse {
        let sound = damaged.sound(found)
        let page = CaseListPage(
            cases: sound.map { eventMapper.snapshot($0.serviceCase, version: $0.serviceCase.version) },
            damaged: found.filter { if case .failure = $0.content { true } else { false } }.map(\.ticket), next: next,
            after: after?.description)
        let answer = HTTPResponse.json(page).with("Cache-Control", "no-store")
        return next.map { answer.with("Link", "<\($0)>; rel=\"next\"") } ?? answer
    }
}

/// What is asked for, and from where on.
struct CaseFilter: Sendable {
    var states: [CaseState] = []
    var community: AreaCode?
    /// The last case of the page before.
    var cursor: CaseID?
    var isEmpty: Bool { states.isEmpty && community == nil && cursor == nil }

    init(_ request: HTTPRequest) throws(Problem) {
        states =
            try request.query("state") { text in
                let states = text.split(separator: ",").map { CaseState(rawValue: String($0)) }
                return states.contains(nil) ? nil : states.compactMap(\.self)
            } ?? []
        community = try request.query("community") { AreaCode($0) }
        cursor = try request.query("cursor") { CaseID($0) }
    }

    func address(after last: CaseID, limit: Int) -> String {
        var parts = ["limit=\(limit)", "cursor=\(last)"]
        if !states.isEmpty { parts.append("state=\(states.map(\.rawValue).joined(separator: ","))") }
        if let community { parts.append("community=\(community)") }
        return "/v1/cases?" + parts.joined(separator: "&")
    }
}

struct CaseListPage: JSONObjectEncodable {
    let cases: [CaseSnapshot]
    /// Cases of the page that cannot be read.
    let damaged: [CaseID]
    let next: String?
    let after: String?

    func write(members o: inout JSONObjectWriter) {
        o.member("cases", cases)
        if !damaged.isEmpty { o.member("damaged", damaged) }
        o.member("next", next)
        o.member("after", after)
    }
}
