import Contracts
import EventLog
import EventLoop
import HTTP
import Postgres
import ServiceKit
import Telemetry

/// What the world may ask of routing.
func routes(_ use: UseCases) -> Routes {
    var routes = Routes()
    routes.get("/v1/cases", use.list.handle)
    routes.get("/v1/cases/{id}", use.fetch.show)
    routes.get("/v1/cases/{id}/deadlines", use.fetch.deadlines)
    for action in CaseActions.staff {
        routes.post("/v1/cases/{id}/\(action.name)") { try await use.command.handle($0, action) }
    }
    routes.get("/v1/departments", use.explain.departments)
    routes.get("/v1/catalogue/match", use.explain.match)
    routes.page(.signIn, use.signIn.show)
    routes.form(.signIn, use.signIn.enter)
    routes.page(.signOut, use.signIn.askToLeave)
    routes.form(.signOut, use.signIn.leave)
    for kind in DeskKind.allCases {
        routes.page(kind.page.list) { try await use.desk.list($0, kind) }
        routes.page(kind.page.one) { try await use.desk.show($0, kind) }
        routes.form(kind.page.action) { try await use.desk.act($0, kind) }
    }
    return routes
}

/// Routing's use cases, wired once.
struct UseCases: Sendable {
    let open: OpenCases
    let hear: ApplyResidentEvents
    let feedback: ApplyFeedback
    let fire: FireClocks
    let count: CountCases
    let keepCurrent: KeepCurrent
    let importCity: ImportCity
    let command: CommandCase
    let list: ListCases
    let fetch: FetchCase
    let explain: ExplainMatch
    let signIn: SignIn
    let desk: WorkAtDesk

    /// - Parameter pool: another database than the service's own, for tests.
    init(_ city: CurrentCity, _ service: Assembly, pool: PostgresPool? = nil) throws {
        let (clock, pool) = (service.clock, pool ?? service.postgres)
        let eventMapper = CaseEventMapper(city: city)
        let wake = Signal(on: service.loop)
        let links = try service.links
        let publicURL = try service.configuration.require("SHAO_PUBLIC_URL")
        let write = WriteCases(
            city: city, outbox: service.outbox, eventMapper: eventMapper,
            dispatchNews: DispatchEventMapper(city: city, links: links, publicURL: publicURL), clock: clock,
            called: service.metrics.counter("shao_dispatches_total", "Calls of departments."), wake: { wake.raise() })
        let execute = ExecuteCaseCommand(city: city, write: write, clock: clock)
        open = OpenCases(city: city, write: write, clock: clock, metrics: service.metrics)
        let damaged = DamagedCases(log: service.log.part("cases"), metrics: service.metrics)
        hear = ApplyResidentEvents(execute: execute, damaged: damaged, metrics: service.metrics)
        feedback = ApplyFeedback(execute: execute, damaged: damaged)
        fire = FireClocks(
            pool: pool, city: city, write: write, clock: clock, wake: wake, log: service.log.part("clocks"),
            metrics: service.metrics, damaged: damaged)
        count = CountCases(pool: pool, clock: clock, log: service.log.part("cases"), metrics: service.metrics)
        keepCurrent = KeepCurrent(pool: pool, city: city, clock: clock, log: service.log.part("city"), metrics: service.metrics)
        importCity = ImportCity(pool: pool, outbox: service.outbox, clock: clock)
        let view = CaseView(city: city, eventMapper: eventMapper) { links.photo($0, of: $1, until: PrivateLinks.endOfPage(clock.now())) }
        command = CommandCase(pool: pool, execute: execute, staff: service.staff, view: view, damaged: damaged)
        list = ListCases(pool: pool, staff: service.staff, eventMapper: eventMapper, damaged: damaged)
        fetch = FetchCase(cases: FindCase(pool: pool, damaged: damaged), staff: service.staff, city: city, view: view)
        explain = ExplainMatch(city: city, staff: service.staff, clock: clock)
        desk = WorkAtDesk(
            pool: pool, staff: service.staff, site: service.site, clock: clock, city: city, command: command, view: view,
            presentation: CasePresentation(city: city, photo: view.photo), damaged: damaged)
        signIn = SignIn(staff: service.staff, site: service.site, city: city, isSecure: publicURL.hasPrefix("https:"), desk: desk)
    }
}
