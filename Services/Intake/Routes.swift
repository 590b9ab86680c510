import Contracts
import HTTP
import ServiceKit

/// What the world may ask of intake.
func routes(_ use: UseCases) -> Routes {
    var routes = Site.assets
    routes.get("/v1/tickets/{id}", use.fetch.handle)
    routes.post("/v1/tickets/{id}/\(Withdraw.name)", use.withdraw.handle)
    routes.get("/v1/plates/{code}", use.describe.handle)
    routes.page(.start, use.start.show)
    routes.page(.plate, use.plate.show)
    routes.page(.status, use.status.show)
    routes.form(.withdrawal, use.withdraw.fromPage)
    routes.form(.review, use.review.fromPage)
    routes.page(.photo, use.photo.handle)
    routes.page(.problem, use.start.problem)
    routes.add(contentsOf: reports(use).guarded(by: use.submit.limits.admit(request:)))
    return routes
}

/// Where anybody may report: each within a share.
private func reports(_ use: UseCases) -> Routes {
    var routes = Routes()
    routes.streaming(.post, "/v1/tickets", limits: UploadedForm.limits, use.submit.post)
    routes.upload(.plate, limits: ReportAtPlate.limits, use.plate.report)
    return routes
}

/// What only the other services may ask.
func internalRoutes(_ use: UseCases) -> Routes {
    var routes = Routes()
    routes.get("/internal/contacts/{ticket}", use.contact.handle)
    return routes
}

/// Intake's use cases, wired once.
struct UseCases: Sendable {
    let submit: SubmitTicket
    let fetch: FetchTicket
    let withdraw: WithdrawTicket
    let start: ShowStart
    let describe: DescribePlate
    let plate: ReportAtPlate
    let status: ShowStatus
    let review: ReviewTicket
    let photo: ShowPhoto
    let contact: TellContact

    init(_ service: Assembly, commit: GroupCommit, photos: PhotoWorkerPool) throws {
        let (pool, links, site, clock) = (service.postgres, try service.links, service.site, service.clock)
        let plates = PlateBook(pool: pool)
        submit = SubmitTicket(
            plates: plates, numbers: TicketNumbers(pool: pool, on: service.loop), commit: commit, photos: photos,
            megapixels: try service.rateLimiter("megapixels", "SHAO_PHOTO_MEGAPIXELS"), outbox: service.outbox, links: links,
            staff: service.staff, clock: clock, ids: service.ids, limits: try ReportLimits(service))
        fetch = FetchTicket(pool: pool, links: links, staff: service.staff)
        withdraw = WithdrawTicket(pool: pool, outbox: service.outbox, links: links, clock: clock)
        start = ShowStart(plates: plates, links: links, site: site)
        describe = DescribePlate(plates: plates)
        plate = ReportAtPlate(
            submit: submit, plates: plates, recent: RecentReports(pool: pool, clock: clock), site: site, ids: service.ids)
        status = ShowStatus(pool: pool, plates: plates, links: links, site: site, clock: clock)
        review = ReviewTicket(pool: pool, outbox: service.outbox, links: links, clock: clock, status: status)
        photo = ShowPhoto(pool: pool, links: links, clock: clock)
        contact = TellContact(pool: pool, access: service.serviceGuard, clock: clock)
    }
}
