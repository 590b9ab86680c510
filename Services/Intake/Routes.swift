import HTTP
import ServiceKit

/// What the world may ask of intake.
func routes(_ use: UseCases) -> Routes {
    var routes = Site.assets
    routes.streaming(.post, "/v1/tickets", limits: UploadedForm.limits, use.submit.post)
    routes.get("/v1/tickets/{id}", use.fetch.handle)
    routes.get("/q/{code}", use.plate.show)
    routes.streaming(.post, "/q/{code}", limits: UploadedForm.limits, use.plate.report)
    routes.get("/s/{token}", use.status.show)
    routes.get("/p/{token}", use.photo.handle)
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
    let plate: ReportAtPlate
    let status: ShowStatus
    let photo: ShowPhoto
    let contact: TellContact
}
