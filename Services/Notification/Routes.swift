import HTTP

/// What the world may ask of notification.
func routes(_ use: UseCases) -> Routes {
    var routes = Routes()
    routes.get("/v1/deliveries", use.show.list)
    routes.get("/v1/deliveries/{id}", use.show.one)
    routes.post("/v1/deliveries/{id}/\(Retry.name)", use.retry.post)
    return routes
}

/// Notification's use cases, wired once.
struct UseCases: Sendable {
    let show: ShowDeliveries
    let retry: RetryDelivery
}
