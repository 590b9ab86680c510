import Contracts
import EventLog
import HTTP
import Pages
import Postgres
import ServiceKit

/// The desks of the street and of the communities, `/street` and `/community`: queues by time left, one case, and forms that
/// do what the JSON door does. Works without JavaScript.
struct WorkAtDesk: Sendable {
    let pool: PostgresPool
    let staff: StaffDirectory
    let site: Site
    let clock: any Timekeeper
    let city: City
    let command: CommandCase
    let view: CaseView
    let showing: CaseShowing

    private static let pageSize = 50

    func list(_ request: HTTPRequest, _ place: DeskPlace) async throws -> HTTPResponse {
        guard let session = DeskSession(request, staff, as: place.roles) else { return signIn(request, place) }
        return try await page(request, place, session, opened: nil)
    }

    func show(_ request: HTTPRequest, _ place: DeskPlace) async throws -> HTTPResponse {
        guard let session = DeskSession(request, staff, as: place.roles) else { return signIn(request, place) }
        let file = try await find(request, session)
        return try await page(request, place, session, opened: file)
    }

    /// A form of the opened case. What is wrong is shown on the same page, with status 409, 412 or 422.
    func act(_ request: HTTPRequest, _ place: DeskPlace) async throws -> HTTPResponse {
        guard let session = DeskSession(request, staff, as: place.roles) else { return signIn(request, place) }
        let form = try request.form()
        try session.check(form)
        let action = try request.pathParameter("action")
        let file = try await find(request, session)
        switch try DeskForm.read(action, form, today: clock.now()) {
        case .failure(let mistake):
            return try await page(request, place, session, opened: file, errors: mistake.errors, status: 422)
        case .success(let order):
            do {
                let version = try form.one("version") { Int($0) }
                let condition = VersionCondition(version.map(VersionCondition.tag) ?? "*")
                _ = try await command.perform(order, on: file.one.id, by: session.worker, if: condition)
                return .redirect("\(place.base)/\(file.one.id)")
            } catch let problem as Problem where [409, 412, 422].contains(problem.status) {
                let errors = FormErrors(["todo": Text(problem.title ?? "内容有误", problem.detail ?? problem.code)])
                let now = try await find(request, session)
                return try await page(request, place, session, opened: now, errors: errors, status: HTTPStatus(problem.status))
            }
        }
    }

    // MARK: Steps

    private func signIn(_ request: HTTPRequest, _ place: DeskPlace) -> HTTPResponse {
        .redirect(.signIn(next: request.method == .get ? request.path : place.base)).with("Cache-Control", "no-store")
    }

    private func find(_ request: HTTPRequest, _ session: DeskSession) async throws -> CaseFile {
        let id = try request.pathParameter("id") { CaseID($0) }
        guard let file = try await pool.query(CaseQueries.read(id), as: CaseFile.self).first, session.worker.sees(file.one) else {
            throw Problem.notFound("There is no such case, or it is not yours.")
        }
        return file
    }

    private func page(
        _ request: HTTPRequest, _ place: DeskPlace, _ session: DeskSession, opened: CaseFile?, errors: FormErrors = FormErrors(),
        status: HTTPStatus = .ok
    ) async throws -> HTTPResponse {
        let visit = try site.visit(request)
        let (unit, now) = (session.worker.unit, clock.now())
        let queue = try request.query("queue") { DeskQueue(rawValue: $0) } ?? place.queues.first ?? .all
        let after = try request.query("after") { QueuePlace($0) }
        let counts = try await pool.query(DeskQueries.counts(place.queues, at: unit, now: now), as: [Int64].self).first ?? []
        let found = try await pool.query(
            DeskQueries.page(queue, at: unit, now: now, after: after, limit: Self.pageSize + 1), as: CaseFile.self)
        let shown = found.prefix(Self.pageSize)
        var next: PagePath?
        if found.count > Self.pageSize, let last = shown.last {
            next = .desk(place.page, queue: queue.rawValue, after: QueuePlace(last.one).text)
        }
        var sheet: CaseSheet?
        if let opened {
            let words = try await pool.query(WordQueries.all(of: opened.one.id), as: CaseWord.self)
            sheet = showing.sheet(opened, words: words, actions: view.actions(opened.one, for: session.worker), csrf: session.csrf)
        }
        let desk = Desk(
            place: place, unitName: city.name(of: unit), staffName: session.worker.member.name, csrf: session.csrf,
            counts: Dictionary(zip(place.queues, counts.map { Int($0) }), uniquingKeysWith: { first, _ in first }), current: queue,
            entries: shown.map(showing.entry), sheet: sheet, next: next, errors: errors)
        return site.page(desk.html(for: visit), for: visit, status: status)
    }
}
