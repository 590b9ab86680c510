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
        routes.get("/readyz") { request in await Self.ready(health, verbose: try request.query("verbose") != nil) }
        routes.get("/metrics") { _ in
            .bytes(metrics.render(), type: "text/plain; version=0.0.4")
        }
        routes.get("/internal/stream") { request in
            try access.check(request)
            return try await Self.stream(request, streams)
        }
        routes.get("/internal/heads") { request in
            try access.check(request)
            guard let topics = try request.query("topics") else { throw Self.missing("topics") }
            return .json(HeadsBody(heads: try await streams.heads(of: topics.split(separator: ",").map(String.init))))
        }
        return routes
    }

    private static func ready(_ health: Health, verbose: Bool) async -> HTTPResponse {
        let report = await health.report()
        let isReady = report.allSatisfy { $0.trouble == nil }
        let lines = report.map { name, trouble in trouble.map { "[-]\(name) \($0)\n" } ?? "[+]\(name) ok\n" }
            + health.remarks().map { "[!]\($0.name) \($0.remark)\n" }
        return .text(
            verbose ? lines.joined() + (isReady ? "ready\n" : "not ready\n") : (isReady ? "ready\n" : "not ready\n"),
            status: isReady ? .ok : .serviceUnavailable)
    }

    private static func stream(_ request: HTTPRequest, _ streams: StreamStore) async throws -> HTTPResponse {
        guard let topic = try request.query("topic") else { throw missing("topic") }
        guard let part = try request.query("part", { Int32($0) }), part >= 0 else { throw missing("part") }
        guard let from = try request.query("from", { Int64($0) }), from > 0 else { throw missing("from") }
        let limit = min(1000, max(1, try request.query("limit", { Int($0) }) ?? 500))
        return .json(
            StreamBody(
                records: try await streams.records(StreamPartition(topic: topic, part: part), from: from, limit: limit)))
    }

    private static func missing(_ name: String) -> Problem {
        Problem(400, "bad-query", detail: "\(name) is missing or not valid")
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
            throw Problem(401, "service-token-required", detail: "For the other services only.")
        }
    }
}
