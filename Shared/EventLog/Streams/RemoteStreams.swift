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
        let owner = try owner(of: partition.topic)
        let query = "stream?topic=\(partition.topic)&part=\(partition.part)&from=\(seq)&limit=\(limit)"
        let answer = try await ask(owner, query, accepting: StreamFrames.mediaType, within: .seconds(limit > 1000 ? 20 : 5))
        return try read(owner) {
            // An owner of an older version answers JSON.
            answer.header("content-type") == StreamFrames.mediaType
                ? try StreamFrames.read(answer.body, partition) : try JSONReader.decode(StreamPage.self, from: answer.body).records
        }
    }

    public func heads(of topics: [String]) async throws -> [StreamHead] {
        var heads: [StreamHead] = []
        for (owner, topics) in Dictionary(grouping: topics, by: { owners[$0] ?? "" }) {
            guard !owner.isEmpty else { throw EventLogError(.unreachable, "no owner is known for \(topics.joined(separator: ", "))") }
            let answer = try await ask(owner, "heads?topics=\(topics.joined(separator: ","))", within: .seconds(2))
            heads += try read(owner) { try JSONReader.decode(HeadsPage.self, from: answer.body).heads }
        }
        return heads
    }

    private func owner(of topic: String) throws(EventLogError) -> String {
        guard let owner = owners[topic] else { throw EventLogError(.unreachable, "no owner is known for \(topic)") }
        return owner
    }

    private func ask(
        _ owner: String, _ path: String, accepting type: String = "application/json", within limit: Duration
    ) async throws -> HTTPClient.Response {
        var request = HTTPClient.Request.get("\(owner)/internal/\(path)")
        request.headers = [("authorization", "Bearer \(token)"), ("accept", type)]
        request.timeout = limit
        request.largestAnswer = 64 << 20
        let answer = try await client.send(request)
        guard answer.status == 200 else { throw EventLogError(.unreachable, "\(owner) answered \(answer.status)") }
        return answer
    }

    /// Whatever goes wrong here may be right the next time: the event is not at fault.
    private func read<Page>(_ owner: String, _ page: () throws -> Page) throws(EventLogError) -> Page {
        do {
            return try page()
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
