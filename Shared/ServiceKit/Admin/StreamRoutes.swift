import EventLog
import HTTP

/// `/internal/stream`, `/internal/heads`: a service's own streams, for consumers that Kafka leaves alone.
struct StreamRoutes {
    let streams: StreamStore
    let access: ServiceGuard

    var routes: Routes {
        var routes = Routes()
        let (streams, access) = (self.streams, self.access)
        routes.get("/internal/stream") { request in
            try access.check(request)
            return try await Self.stream(request, streams)
        }
        routes.get("/internal/heads") { request in
            try access.check(request)
            // A consumer of before asks for one topic at a time.
            let topics = try request.query("topics")?.split(separator: ",").map(String.init) ?? [try request.required("topic")]
            return .json(HeadsPage(heads: try await streams.heads(of: topics)))
        }
        return routes
    }

    private static func stream(_ request: HTTPRequest, _ streams: StreamStore) async throws -> HTTPResponse {
        let topic = try request.required("topic")
        guard let part = try request.query("part", { Int32($0) }), part >= 0 else { throw Problem.query("part") }
        guard let from = try request.query("from", { Int64($0) }), from > 0 else { throw Problem.query("from") }
        let limit = max(1, try request.query("limit", { Int($0) }) ?? 500)
        let isFramed = request.header("accept") == StreamFrames.mediaType
        let records = try await streams.records(
            StreamPartition(topic: topic, part: part), from: from, limit: min(limit, isFramed ? 5000 : 1000))
        if isFramed { return .bytes(StreamFrames.write(records), type: StreamFrames.mediaType) }
        return .json(StreamPage(records: records))
    }
}

extension HTTPRequest {
    /// A query parameter that must be there and not be empty.
    func required(_ name: String) throws(Problem) -> String {
        guard let text = try query(name), !text.isEmpty else { throw .query(name) }
        return text
    }
}

extension Problem {
    static func query(_ name: String) -> Problem {
        Problem(400, "bad-query", detail: "\(name) is missing or not valid")
    }
}
