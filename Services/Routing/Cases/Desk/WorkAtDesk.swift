import Actions
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
    let city: CurrentCity
    let command: CommandCase
    let view: CaseView
    let presentation: CasePresentation
    let damaged: DamagedCases

    private static let pageSize = 50

    func list(_ request: HTTPRequest, _ kind: DeskKind) async throws -> HTTPResponse {
        guard let session = DeskSession(request, staff, as: kind.roles) else { return signIn(request, kind) }
        guard let text = try request.query("number"), !text.allSatisfy(\.isWhitespace) else {
            return try await page(request, kind, session)
        }
        return try await find(text, request, kind, session)
    }

    /// The case of that number, open or over; nothing outside the unit's own area.
    private func find(_ text: String, _ request: HTTPRequest, _ kind: DeskKind, _ session: DeskSession) async throws -> HTTPResponse {
        if let number = TicketNumber(asTyped: text), let id = try await pool.query(CaseQueries.find(number), as: CaseID.self).first,
            try await pool.query(CaseQueries.isSeen(id, by: session.worker.unit), as: Bool.self).first == true
        {
            return .redirect(.deskCase(kind.page, id, queue: DeskQueue.all.rawValue))
        }
        let errors = FormErrors(["number": .noSuchCase])
        return try await page(request, kind, session, errors: errors, sought: String(text.prefix(200)))
    }

    func show(_ request: HTTPRequest, _ kind: DeskKind) async throws -> HTTPResponse {
        guard let session = DeskSession(request, staff, as: kind.roles) else { return signIn(request, kind) }
        let file = try await find(request, session)
        return try await page(request, kind, session, opened: file)
    }

    /// A form of the opened case. What is wrong is shown on the same page, with status 409, 412 or 422.
    func act(_ request: HTTPRequest, _ kind: DeskKind) async throws -> HTTPResponse {
        let form = try request.form()
        let action = try request.pathParameter("action")
        guard let session = DeskSession(request, staff, as: kind.roles) else { return try signIn(request, kind, action, form) }
        let file = try await find(request, session)
        let queue = try form.one("queue") { DeskQueue(rawValue: $0) }
        let typed = ActionForm.Typed(code: action, values: Dictionary(grouping: form.pairs, by: \.name).mapValues { $0.map(\.value) })
        guard let actionType = CaseActions.staff(named: action), actionType.isAtDesk else { throw Problem.notFound() }
        do throws(Problem) { try session.check(form) } catch {
            return try await refused(request, kind, session, queue, FormErrors(["todo": Self.words(error)]), typed, 403)
        }
        do {
            let sent = try actionType.init(ActionInput(form: form, for: actionType.fields))
            guard let version = try form.one("version", { Int($0) }) else {
                throw Problem(428, "if-match-missing", title: .openPageAgain, detail: "The form says no version of the case.")
            }
            let condition = VersionCondition(VersionCondition.tag(version))
            _ = try await command.perform(sent, on: file.serviceCase.id, by: session.worker, if: condition)
            return .redirect(.deskCase(kind.page, file.serviceCase.id, queue: queue?.rawValue, done: action))
        } catch let mistakes as FieldMistakes {
            let errors = FormErrors(mistakes, of: action)
            return try await page(request, kind, session, opened: file, queue: queue, errors: errors, typed: typed, status: 422)
        } catch let refusal as CaseRefusal {
            return try await refused(
                request, kind, session, queue, FormErrors(refusal, of: action), typed, refusal.field == nil ? 409 : 422)
        } catch let problem as Problem where problem.status == 412 {
            let errors = FormErrors(["todo": Self.words(problem)])
            return try await refused(request, kind, session, queue, errors, typed, 412)
        }
    }

    /// The page as the case stands now, with what was typed.
    private func refused(
        _ request: HTTPRequest, _ kind: DeskKind, _ session: DeskSession, _ queue: DeskQueue?, _ errors: FormErrors,
        _ typed: ActionForm.Typed, _ status: HTTPStatus
    ) async throws -> HTTPResponse {
        let file = try await find(request, session)
        return try await page(request, kind, session, opened: file, queue: queue, errors: errors, typed: typed, status: status)
    }

    /// The case as it stands now, with what was typed before the session ended; nil where this member of staff has no such case.
    func resume(_ carried: CarriedForm, _ member: StaffMember, _ token: String, _ request: HTTPRequest) async throws -> HTTPResponse? {
        guard let session = DeskSession(member, token, as: carried.kind.roles) else { return nil }
        let file: CaseFile
        do { file = try await find(carried.id, session) } catch let problem as Problem where problem.status == 404 { return nil }
        let errors = FormErrors(["todo": .notSentYet])
        return try await page(
            request, carried.kind, session, opened: file, queue: carried.queue, errors: errors, typed: carried.typed)
    }

    // MARK: Steps

    private func signIn(_ request: HTTPRequest, _ kind: DeskKind) -> HTTPResponse {
        .redirect(.signIn(next: request.path)).with("Cache-Control", "no-store")
    }

    /// Who must sign in before the form can be taken loses nothing of it.
    private func signIn(_ request: HTTPRequest, _ kind: DeskKind, _ action: String, _ form: Parameters) throws -> HTTPResponse {
        let id = try request.pathParameter("id") { CaseID($0) }
        guard let carried = CarriedForm(kind, id, action: action, form) else { throw Problem.notFound() }
        var visit = try site.visit(request)
        visit.path = PagePath.signIn().description
        let page = StaffSignInPage(next: carried.page.description, carried: carried)
        return site.page(page.html(for: visit), for: visit, status: 401).with("WWW-Authenticate", "Bearer")
    }

    private func find(_ request: HTTPRequest, _ session: DeskSession) async throws -> CaseFile {
        try await find(try request.pathParameter("id") { CaseID($0) }, session)
    }

    private func find(_ id: CaseID, _ session: DeskSession) async throws -> CaseFile {
        try await FindCase(pool: pool, damaged: damaged).find(id, for: session.worker)
    }

    private func page(
        _ request: HTTPRequest, _ kind: DeskKind, _ session: DeskSession, opened: CaseFile? = nil, queue asked: DeskQueue? = nil,
        errors: FormErrors = FormErrors(), typed: ActionForm.Typed? = nil, sought: String = "", status: HTTPStatus = .ok
    ) async throws -> HTTPResponse {
        var visit = try site.visit(request)
        // The address that a form goes to answers no GET.
        if request.method != .get {
            visit.path = (opened.map { PagePath.deskCase(kind.page, $0.serviceCase.id) } ?? .desk(kind.page)).description
        }
        let (unit, now) = (session.worker.unit, clock.now())
        let queue = try asked ?? request.query("queue") { DeskQueue(rawValue: $0) } ?? kind.queues.first ?? .all
        let after = try request.query("after") { QueuePosition($0) }
        let counts = try await pool.query(DeskQueries.counts(kind.queues, at: unit, now: now), as: [Int64].self).first ?? []
        let found = try await pool.readCases(
            listedBy: DeskQueries.page(queue, at: unit, now: now, after: after, limit: Self.pageSize + 1))
        let shown = found.prefix(Self.pageSize)
        var next: PagePath?
        if found.count > Self.pageSize, let last = shown.last,
            let end = try await pool.query(DeskQueries.place(of: last.ticket), as: QueuePosition.self).first
        {
            next = .desk(kind.page, queue: queue.rawValue, after: end.text)
        }
        var casePage: CasePage?
        if let opened {
            let words = damaged.sound(try await pool.query(NoteQueries.all(of: opened.serviceCase.id), as: CasePart<CaseNote>.self))
            let target = try await mergedInto(opened.serviceCase, session)
            casePage = presentation.casePage(
                opened, words: words, mergedInto: target, actions: view.actions(opened.serviceCase, for: session.worker), csrf: session.csrf
            )
            casePage?.typed = typed
        }
        let desk = Desk(
            kind: kind, unitName: city.now.name(of: unit), staffName: city.now.name(of: unit), csrf: session.csrf,
            counts: Dictionary(zip(kind.queues, counts.map { Int($0) }), uniquingKeysWith: { first, _ in first }), current: queue,
            entries: entries(shown), casePage: casePage, done: try done(request), soughtNumber: sought,
            isDistrict: unit.kind == .district,
            next: next, errors: errors)
        return site.page(desk.html(for: visit), for: visit, status: status)
    }

    private func mergedInto(_ serviceCase: ServiceCase, _ session: DeskSession) async throws -> ServiceCase? {
        guard let id = serviceCase.mergedInto else { return nil }
        guard let stored = try await pool.readCases(.ticket(id)).first else { return nil }
        return damaged.sound([stored]).first.map(\.serviceCase).flatMap { session.worker.sees($0) ? $0 : nil }
    }

    /// One that cannot be read keeps its line, so that nobody takes it for done.
    private func entries(_ found: some Sequence<StoredCase>) -> [Desk.Entry] {
        found.map { stored in damaged.sound([stored]).first.map(presentation.entry) ?? Desk.Entry(damaged: stored) }
    }

    private static func words(_ problem: Problem) -> Text {
        problem.title.map { Text($0.chinese, $0.english) } ?? Text("内容有误", problem.detail ?? problem.code)
    }

    /// What the address says was just done; a code of nothing is nothing.
    private func done(_ request: HTTPRequest) throws -> Text? {
        guard request.method == .get, let name = try request.query("done").flatMap({ CaseActions.staff(named: $0)?.title }) else {
            return nil
        }
        return Text("已完成：\(name.chinese)", "Done: \(name.english)")
    }
}

extension FormErrors {
    /// Beside the fields of an action, which the page scopes by the action's name.
    init(_ mistakes: FieldMistakes, of action: String) {
        self.init(mistakes, scope: "\(action)-")
    }

    init(_ refusal: CaseRefusal, of action: String) {
        self.init()
        add(refusal.field.map { "\(action)-\($0)" } ?? "todo", Text(refusal.chinese, refusal.english))
    }
}
