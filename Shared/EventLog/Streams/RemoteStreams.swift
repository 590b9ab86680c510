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
        let answer = try await fetch(
            partition.topic, "part=\(partition.part)&from=\(seq)&limit=\(limit)", "stream", accept: StreamFrames.mediaType)
        // An owner of an older version answers JSON.
        if answer.header("content-type") == StreamFrames.mediaType { return try StreamFrames.read(answer.body, partition) }
        return try JSONReader.decode(StreamPage.self, from: answer.body).records
    }

    public func heads(topic: String) async throws -> [StreamHead] {
        try JSONReader.decode(HeadsPage.self, from: try await fetch(topic, "", "heads").body).heads
    }

    private func fetch(
        _ topic: String, _ query: String, _ what: String, accept: String = "application/json"
    ) async throws -> HTTPClient.Response {
        guard let owner = owners[topic] else { throw EventLogError(.unreachable, "no owner is known for \(topic)") }
        var request = HTTPClient.Request.get("\(owner)/internal/\(what)?topic=\(topic)&\(query)")
        request.headers = [("authorization", "Bearer \(token)"), ("accept", accept)]
        request.timeout = .seconds(10)
        request.largestAnswer = 64 << 20
        let answer = try await client.send(request)
        guard answer.status == 200 else {
            throw EventLogError(.unreachable, "the owner of \(topic) answered \(answer.status)")
        }
        return answer
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
