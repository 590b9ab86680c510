import Contracts
import HTTP
import ServiceKit

/// What the world may ask of voting.
func routes(_ use: UseCases) -> Routes {
    var routes = Routes()
    routes.page(.evaluation, use.link.show)
    routes.form(.evaluation, limits: EvaluateByLink.limits, use.link.file)
    routes.post("/v1/evaluations", use.post.handle)
    routes.get("/v1/evaluations/{ticket}", use.list.handle)
    return routes
}

/// Voting's use cases, wired once.
struct UseCases: Sendable {
    let link: EvaluateByLink
    let post: PostEvaluation
    let list: ListEvaluations
}
