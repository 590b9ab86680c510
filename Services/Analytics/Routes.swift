import Contracts
import HTTP
import ServiceKit

/// What the world may ask of analytics.
func routes(_ use: UseCases) -> Routes {
    var routes = Site.assets
    routes.page(.overview, use.overview.handle)
    routes.get("/v1/rates", use.rates.lines)
    routes.get("/v1/rates/overview", use.rates.overview)
    routes.get(PagePath.Template.rateFile.rawValue, use.export.handle)
    return routes
}

/// Analytics' use cases, wired once.
struct UseCases: Sendable {
    let rates: ShowRates
    let export: ExportRates
    let overview: ShowOverview
}
