import Crypto
public import HTTP
import Telemetry

/// The admin port: `/livez` (the process only), `/readyz` (dependencies; `?verbose`), `/metrics`, and behind the services'
/// token `/internal/…`: streams and audits for the other services, parking for operators. Never reachable from outside.
struct AdminRoutes {
    let health: Health
    let metrics: MetricsRegistry

    var routes: Routes {
        var routes = Routes()
        let (health, metrics) = (self.health, self.metrics)
        routes.get("/livez") { _ in .text("ok\n") }
        routes.get(Self.readiness) { request in await Self.ready(health, verbose: try request.query("verbose") != nil) }
        routes.get("/metrics") { _ in
            Self.note(await health.report(), metrics)
            return .bytes(metrics.render(), type: "text/plain; version=0.0.4")
        }
        return routes
    }

    static let readiness = "/readyz"

    /// Readiness on the service's own port: the gateway asks each replica at the very address to which it would send a request.
    /// No reasons there, and the gateway itself passes nobody's question on.
    var forGateway: Routes {
        var routes = Routes()
        let health = health
        routes.get(Self.readiness) { _ in await Self.ready(health, verbose: false) }
        return routes
    }

    /// Whoever reads the metrics learns what `/readyz` would say at that moment, and by which check.
    private static func note(_ report: [(name: String, trouble: String?)], _ metrics: MetricsRegistry) {
        metrics.gauge("shao_ready", "1 when `/readyz` says ready, else 0.").set(report.allSatisfy { $0.trouble == nil } ? 1 : 0)
        for (name, trouble) in report where name != Health.stopping {
            metrics.gauge("shao_check_ready", "1 when this check of `/readyz` passes, else 0.", labels: [("check", name)])
                .set(trouble == nil ? 1 : 0)
        }
    }

    private static func ready(_ health: Health, verbose: Bool) async -> HTTPResponse {
        let report = await health.report()
        let isReady = report.allSatisfy { $0.trouble == nil }
        let lines =
            report.map { name, trouble in trouble.map { "[-]\(name) \($0)\n" } ?? "[+]\(name) ok\n" }
            + health.facts().map { "[+]\($0.name) \($0.fact)\n" } + health.remarks().map { "[!]\($0.name) \($0.remark)\n" }
        return .text(
            verbose ? lines.joined() + (isReady ? "ready\n" : "not ready\n") : (isReady ? "ready\n" : "not ready\n"),
            status: isReady ? .ok : .serviceUnavailable)
    }
}

/// Lets only the other services in.
public struct ServiceGuard: Sendable {
    private let token: [UInt8]
    init(token: String) { self.token = Array("Bearer \(token)".utf8) }

    /// Throws 401 unless the request carries the services' token.
    public func check(_ request: HTTPRequest) throws(Problem) {
        guard let header = request.header("authorization"), constantTimeEqual(Array(header.utf8), token) else {
            throw Problem(401, "service-token-required", detail: "For the other services only.")
        }
    }
}
