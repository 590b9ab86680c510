import Contracts
import EventLog
import EventLoop
import HTTP
import ServiceKit
import Telemetry

/// What the world may ask of routing.
func routes(_ use: UseCases) -> Routes {
    var routes = Routes()
    routes.get("/v1/cases", use.list.handle)
    routes.get("/v1/cases/{id}", use.fetch.show)
    routes.get("/v1/cases/{id}/deadlines", use.fetch.deadlines)
    for action in CaseOrder.Action.allCases {
        routes.post("/v1/cases/{id}/\(action.rawValue)") { try await use.command.handle($0, action) }
    }
    routes.get("/v1/departments", use.explain.departments)
    routes.get("/v1/catalogue/match", use.explain.match)
    return routes
}

/// Routing's use cases, wired once.
struct UseCases: Sendable {
    let open: OpenCases
    let hear: HearResident
    let feedback: TakeFeedback
    let fire: FireClocks
    let publish: PublishDirectory
    let command: CommandCase
    let list: ListCases
    let fetch: FetchCase
    let explain: ExplainMatch

    init(_ city: City, _ service: borrowing Assembly) throws {
        let (ids, clock, pool) = (service.ids, service.clock, service.postgres)
        let news = CaseNews(city: city)
        let wake = Signal(on: service.loop)
        let write = WriteCases(
            city: city, outbox: service.outbox, news: news,
            dispatchNews: DispatchNews(
                city: city, links: try service.links, publicURL: try service.configuration.require("SHAO_PUBLIC_URL")))
        let carryOut = CarryOut(city: city, write: write, clock: clock)
        open = OpenCases(city: city, write: write, clock: clock, newDispatch: { ids.next() }, metrics: service.metrics)
        hear = HearResident(carryOut: carryOut, metrics: service.metrics)
        feedback = TakeFeedback(carryOut: carryOut)
        fire = FireClocks(
            pool: pool, city: city, write: write, clock: clock, wake: wake, log: service.log.part("clocks"),
            metrics: service.metrics)
        publish = PublishDirectory(
            city: city, pool: pool, outbox: service.outbox, clock: clock, log: service.log.part("directory"), loop: service.loop)
        let view = CaseView(city: city, news: news, links: try service.links)
        command = CommandCase(pool: pool, carryOut: carryOut, staff: service.staff, view: view, ids: ids)
        list = ListCases(pool: pool, staff: service.staff, news: news)
        fetch = FetchCase(pool: pool, staff: service.staff, city: city, view: view)
        explain = ExplainMatch(city: city, staff: service.staff, clock: clock)
    }
}
