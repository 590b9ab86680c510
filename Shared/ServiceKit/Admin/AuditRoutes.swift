import EventLog
import HTTP
import JSON

/// `/internal/cursors`, `/internal/audit`, `/internal/audit/deep`: proofs that histories are equal, dense and in order.
struct AuditRoutes {
    let name: String
    let history: HistoryStore
    let access: ServiceGuard

    var routes: Routes {
        var routes = Routes()
        let (name, history, access) = (self.name, self.history, self.access)
        routes.get("/internal/cursors") { request in
            try access.check(request)
            return .json(AuditQuestion(consumer: name, cursors: try await history.cursors()))
        }
        routes.post("/internal/audit", limits: Self.limits) { request in
            try access.check(request)
            let question = try request.json(AuditQuestion.self)
            return .json(AuditAnswer(verdicts: try await history.judge(question)))
        }
        routes.get("/internal/audit/deep") { request in
            try access.check(request)
            return .json(try await history.deep())
        }
        return routes
    }

    /// Cursors of all consumers at once: some thousand.
    private static let limits = RouteLimits(body: 1 << 20)
}
