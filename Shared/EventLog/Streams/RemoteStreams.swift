public import HTTP
import JSON

/// The streams of several owners over HTTP, each topic at its owner's private address.
public struct RemoteStreams: StreamSource {
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
        return try await fetch(StreamPage.self, try owner(of: partition.topic), query, within: .seconds(5)).records
    }

    public func heads(of topics: [String]) async throws -> [StreamHead] {
        var heads: [StreamHead] = []
        for (owner, topics) in Dictionary(grouping: topics, by: { owners[$0] ?? "" }) {
            guard !owner.isEmpty else { throw EventLogError(.unreachable, "no owner is known for \(topics.joined(separator: ", "))") }
            heads += try await fetch(HeadsPage.self, owner, "heads?topics=\(topics.joined(separator: ","))", within: .seconds(2)).heads
        }
        return heads
    }

    private func owner(of topic: String) throws(EventLogError) -> String {
        guard let owner = owners[topic] else { throw EventLogError(.unreachable, "no owner is known for \(topic)") }
        return owner
    }

    /// Whatever goes wrong here may be right the next time: the event is not at fault.
    private func fetch<Page: JSONDecodable>(_: Page.Type, _ owner: String, _ path: String, within limit: Duration) async throws -> Page {
        var request = HTTPClient.Request.get("\(owner)/internal/\(path)")
        request.headers = [("authorization", "Bearer \(token)")]
        request.timeout = limit
        request.largestAnswer = 64 << 20
        let answer = try await client.send(request)
        guard answer.status == 200 else { throw EventLogError(.unreachable, "\(owner) answered \(answer.status)") }
        do {
            return try JSONReader.decode(Page.self, from: answer.body)
        } catch {
            throw EventLogError(.unreachable, "\(owner) answered what is no page: \(error)")
        }
    }
}

/// `GET /internal/stream`: records with their payloads in base64 (dead letters need not be JSON).
struct StreamPage: JSONDecodable, JSONEncodable {
    var records: [StreamRecord]
    init(records: [StreamRecord]) { self.records = records }

    init(json reader: inout JSONReader) throws(JSONError) {
        var records: [StreamRecord] = []
        try reader.object { members throws(JSONError) in records = try members.required("records") }
        self.records = records
    }

    func write(to json: inout JSONWriter) {
        json.object { $0.member("records", records) }
    }
}

struct HeadsPage: JSONDecodable, JSONEncodable {
    var heads: [StreamHead]
    init(heads: [StreamHead]) { self.heads = heads }

    init(json reader: inout JSONReader) throws(JSONError) {
        var heads: [StreamHead] = []
        try reader.object { members throws(JSONError) in heads = try members.required("heads") }
        self.heads = heads
    }

    func write(to json: inout JSONWriter) {
        json.object { $0.member("heads", heads) }
    }
}
