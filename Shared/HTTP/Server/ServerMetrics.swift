import Telemetry

/// What one server counts. The loop's thread only.
final class ServerMetrics {
    /// One value for everything that matched no route: what people ask for must not make new series.
    static let unmatched = "unmatched"

    private struct Key: Hashable {
        let method: HTTPMethod?
        let route: String
        let statusClass: Int
    }

    private let registry: MetricsRegistry?
    private let server: String
    private let active: Gauge?
    private var durations: [Key: Histogram] = [:]

    init(_ registry: MetricsRegistry?, server: String) {
        self.registry = registry
        self.server = server
        active = registry?.gauge(
            "http_server_connections", "Connections open now.", labels: [("server", server)])
    }

    func connections(_ count: Int) { active?.set(Double(count)) }

    /// Status 0, an answer never begun because the client was gone, counts as class 0.
    func observe(_ method: HTTPMethod?, _ route: String, _ status: Int, _ elapsed: Duration) {
        guard let registry else { return }
        let key = Key(method: method, route: route, statusClass: status / 100)
        let known =
            durations[key]
            ?? registry.histogram(
                "http_server_request_duration_seconds", "From the end of a request's head to the end of its answer.",
                labels: [
                    ("server", server), ("method", method?.rawValue ?? "-"), ("route", route),
                    ("status", key.statusClass == 0 ? "gone" : "\(key.statusClass)xx"),
                ])
        durations[key] = known
        known.observe(elapsed)
    }
}
