import FoundationEssentials
import HTTP
import JSON

/// What a person or a program does at the gateway.
struct Gateway: Sendable {
    let base: String
    private let client: HTTPClient

    init(base: String) throws {
        self.base = base
        // The operator names the address, wherever it is.
        client = try HTTPClient(.unrestricted)
    }

    /// Any answer; throws only when there is none.
    func send(_ request: HTTPClient.Request) async throws -> HTTPClient.Response {
        do {
            return try await client.send(request)
        } catch let error as HTTPClientError {
            throw Stop.unavailable("\(request.method) \(request.url): \(error)")
        }
    }

    func get(_ path: String, token: String? = nil) async throws -> HTTPClient.Response {
        var request = HTTPClient.Request.get(base + path)
        if let token { request.headers.append(("authorization", "Bearer \(token)")) }
        return try await send(request)
    }

    /// A page that must be there.
    func page(_ path: String) async throws -> String {
        let answer = try await get(path)
        guard answer.status == 200 else { throw Stop.failed("GET \(path) answered \(Self.reason(answer))") }
        return String(decoding: answer.body, as: UTF8.self)
    }

    /// JSON of a staff route; nil while there is nothing (404).
    func json(_ path: String, token: String? = nil) async throws -> JSONValue? {
        let answer = try await get(path, token: token)
        if answer.status == 404 { return nil }
        guard answer.status == 200 else { throw Stop.failed("GET \(path) answered \(Self.reason(answer))") }
        return try JSONReader.decode(JSONValue.self, from: answer.body)
    }

    /// A page as a browser gets it, with the cookie of its session.
    func get(_ path: String, cookie: String) async throws -> HTTPClient.Response {
        var request = HTTPClient.Request.get(base + path)
        request.headers.append(("cookie", cookie))
        return try await send(request)
    }

    /// A form as browsers send it.
    func form(_ path: String, _ form: PostedForm, cookie: String? = nil) async throws -> HTTPClient.Response {
        var request = HTTPClient.Request.post(base + path, form.bytes, type: form.type)
        if let cookie { request.headers.append(("cookie", cookie)) }
        return try await send(request)
    }

    /// Status, code and detail of a refusal.
    static func reason(_ answer: HTTPClient.Response) -> String {
        guard let problem = try? JSONReader.decode(JSONValue.self, from: answer.body) else { return "\(answer.status)" }
        let parts = [problem["code"]?.text, problem["detail"]?.text ?? problem["title"]?.text].compactMap { $0 }
        return "\(answer.status) \(parts.joined(separator: ": "))"
    }
}

/// The service understood and said no.
struct Refused: Error, CustomStringConvertible {
    let path: String
    let status: Int
    let reason: String
    var description: String { "\(reason) (POST \(path))" }
}
