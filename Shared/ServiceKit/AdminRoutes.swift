import Contracts
import Crypto
import EventLog
public import HTTP
import JSON
import Telemetry

/// The admin port: `/livez` (the process only), `/readyz` (dependencies; `?verbose`), `/metrics`, and the streams for the
/// other services. Never reachable from outside.
struct AdminRoutes {
    let health: Health
    let metrics: MetricsRegistry
    let streams: StreamStore
    let token: String

    var routes: Routes {
        var routes = Routes()
        let (health, metrics, streams, access) = (self.health, self.metrics, self.streams, ServiceGuard(token: token))
        routes.get("/livez") { _ in .text("ok\n") }
        routes.get("/readyz") { request in await Self.ready(health, verbose: request.query("verbose") != nil) }
        routes.get("/metrics") { _ in
            HTTPResponse(status: 200, headers: [("content-type", "text/plain; version=0.0.4")], body: .bytes(metrics.render()))
        }
        routes.get("/internal/stream") { request in
            try access.check(request)
            return try await Self.stream(request, streams)
        }
        routes.get("/internal/heads") { request in
            try access.check(request)
            guard let topic = request.query("topic") else { throw Self.missing("topic") }
            return .json(HeadsBody(heads: try await streams.heads(topic: topic)))
        }
        return routes
    }

    private static func ready(_ health: Health, verbose: Bool) async -> HTTPResponse {
        let report = await health.report()
        let isReady = report.allSatisfy { $0.trouble == nil }
        let lines = report.map { $0.trouble.map { trouble in "[-]\($0) \(trouble)\n" } ?? "[+]\($0.name) ok\n" }
        return .text(
            verbose ? lines.joined() + (isReady ? "ready\n" : "not ready\n") : (isReady ? "ready\n" : "not ready\n"),
            status: isReady ? 200 : 503)
    }

    private static func stream(_ request: HTTPRequest, _ streams: StreamStore) async throws -> HTTPResponse {
        guard let topic = request.query("topic") else { throw missing("topic") }
        guard let part = request.query("part").flatMap({ Int32($0) }), part >= 0 else { throw missing("part") }
        guard let from = request.query("from").flatMap({ Int64($0) }), from > 0 else { throw missing("from") }
        let limit = min(1000, max(1, request.query("limit").flatMap { Int($0) } ?? 500))
        return .json(
            StreamBody(
                records: try await streams.records(StreamPartition(topic: topic, part: part), from: from, limit: limit)))
    }

    private static func missing(_ name: String) -> Problem {
        Problem(status: 400, code: "bad-query", title: "Bad query", detail: "\(name) is missing or not valid")
    }
}

private struct StreamBody: JSONEncodable {
    let records: [StreamRecord]
    func write(to json: inout JSONWriter) { json.object { $0.member("records", records) } }
}

private struct HeadsBody: JSONEncodable {
    let heads: [StreamHead]
    func write(to json: inout JSONWriter) { json.object { $0.member("heads", heads) } }
}

/// Lets only the other services in.
public struct ServiceGuard: Sendable {
    private let token: [UInt8]
    init(token: String) { self.token = Array("Bearer \(token)".utf8) }

    /// Throws 401 unless the request carries the services' token.
    public func check(_ request: HTTPRequest) throws(Problem) {
        guard let header = request.header("authorization"), constantTimeEqual(Array(header.utf8), token) else {
            throw Problem(status: 401, code: "service-token-required", title: "Services only")
        }
    }
}
