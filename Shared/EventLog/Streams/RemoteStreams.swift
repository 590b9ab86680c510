public import HTTP
import JSON

/// The streams of several owners over HTTP, each topic at its owner's private address. An owner has 2 s for its heads, 5 s for a
/// page, and 20 s for one of more than 1000 records.
public struct RemoteStreams: StreamSource, HistoryJudge {
    private let client: HTTPClient
    private let owners: [String: String]
    private let token: String

    /// - Parameters:
    ///   - owners: topic → the owner's private address, e.g. `http://127.0.0.1:9101`.
    ///   - token: the services' shared bearer token.
    public init(client: HTTPClient, owners: [String: String], token: String) {
        self.client = client
        self.owners = owners
        self.token = token
    }

    public func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord] {
        let query = "stream?topic=\(partition.topic)&part=\(partition.part)&from=\(seq)&limit=\(limit)"
        var request = HTTPClient.Request.get(try url(partition.topic, query))
        request.headers = [("accept", StreamFrames.mediaType)]
        return try await fetch(request, within: .seconds(limit > 1000 ? 20 : 5)) { answer in
            // An owner of an older version answers JSON.
            answer.header("content-type") == StreamFrames.mediaType
                ? try StreamFrames.read(answer.body, partition) : try JSONReader.decode(StreamPage.self, from: answer.body).records
        }
    }

    public func heads(of topics: [String]) async throws -> [StreamHead] {
        var heads: [StreamHead] = []
        for topics in Dictionary(grouping: topics, by: { owners[$0] ?? "" }).values {
            guard let first = topics.first else { continue }
            // An owner of before knows `topic` only, and answers for that one.
            let url = try url(first, "heads?topic=\(first)&topics=\(topics.joined(separator: ","))")
            heads += try await fetch(HeadsPage.self, .get(url), within: .seconds(2)).heads
        }
        return heads
    }

    public func judge(_ question: AuditQuestion) async throws -> [AuditVerdict] {
        guard let first = question.cursors.first else { return [] }
        let url = try url(first.partition.topic, "audit")
        return try await fetch(AuditAnswer.self, .post(url, question.json), within: .seconds(5)).verdicts
    }

    private func url(_ topic: String, _ path: String) throws(EventLogError) -> String {
        guard let owner = owners[topic] else { throw EventLogError(.unreachable, "no owner is known for \(topic)") }
        return "\(owner)/internal/\(path)"
    }

    private func fetch<Page: JSONDecodable>(
        _ type: Page.Type, _ request: HTTPClient.Request, within limit: Duration
    ) async throws -> Page {
        try await fetch(request, within: limit) { try JSONReader.decode(type, from: $0.body) }
    }

    /// Whatever goes wrong here may be right the next time: the event is not at fault.
    private func fetch<Page>(
        _ request: HTTPClient.Request, within limit: Duration, _ read: (HTTPClient.Response) throws -> Page
    ) async throws -> Page {
        var request = request
        request.headers.append(("authorization", "Bearer \(token)"))
        request.timeout = limit
        request.largestAnswer = 64 << 20
        let answer = try await client.send(request)
        guard answer.status == 200 else { throw EventLogError(.unreachable, "\(request.url) answered \(answer.status)") }
        do {
            return try read(answer)
        } catch {
            throw EventLogError(.unreachable, "\(request.url) answered what is no page: \(error)")
        }
    }
}
