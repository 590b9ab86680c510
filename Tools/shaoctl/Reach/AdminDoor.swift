import Contracts
import Crypto
import FoundationEssentials
import HTTP
import JSON

/// What a service answers to other services and to operators, on its admin port; with the token that they share.
struct AdminDoor: Sendable {
    let service: Service
    private let base: String
    private let bearer: String
    private let client: HTTPClient

    static let options: [Option] = [
        .value("state", "DIR", "the checkout's state, with secrets/event.key (default: SHAO_EVENT_KEY or SHAO_EVENT_KEY_FILE)"),
        .value("url", "URL", "the service's admin address (default: SHAO_<SERVICE>_URL, else this machine)"),
    ]

    /// Throws a `Stop` when the service is none of ours or the key is not to be found.
    init(_ name: String, _ arguments: Arguments, environment: [String: String]) throws {
        let services = Service.allCases.filter { $0 != .department }
        guard let service = services.first(where: { $0.rawValue == name }) else {
            let nearest = Spelling.nearest(to: name, among: services.map(\.rawValue)).map { "; did you mean “\($0)”?" } ?? ""
            throw Stop.usage("there is no service “\(name)”\(nearest)")
        }
        self.service = service
        let state = arguments["state"]
        let key = try Self.key(state, environment)
        bearer = "Bearer " + Base64.url.encode(HMACKey(Array(key.utf8)).authenticate("service-token"))
        var base = arguments["url"] ?? environment["SHAO_\(name.uppercased())_URL"] ?? Self.local(service, state)
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base
        client = try HTTPClient(.unrestricted)
    }

    /// Any answer; throws `unavailable` when there is none.
    func send(_ method: String, _ path: String) async throws -> HTTPClient.Response {
        var request = HTTPClient.Request(method, base + path)
        request.headers = [("authorization", bearer)]
        do {
            return try await client.send(request)
        } catch let error as HTTPClientError {
            throw Stop.unavailable("\(service.rawValue) at \(base) does not answer: \(error)")
        }
    }

    /// An answer that must be a success: its JSON.
    func json(_ method: String, _ path: String) async throws -> JSONValue {
        let answer = try await send(method, path)
        guard (200..<300).contains(answer.status) else { throw Stop.failed("\(service.rawValue): \(Gateway.reason(answer))") }
        return try JSONReader.decode(JSONValue.self, from: answer.body)
    }

    private static func key(_ state: String?, _ environment: [String: String]) throws(Stop) -> String {
        if let key = environment["SHAO_EVENT_KEY"], state == nil { return key }
        guard let path = state.map({ "\($0)/secrets/event.key" }) ?? environment["SHAO_EVENT_KEY_FILE"] else {
            throw .usage("the services' key is needed: --state, SHAO_EVENT_KEY_FILE or SHAO_EVENT_KEY")
        }
        guard let key = text(path) else { throw .unavailable("\(path) cannot be read") }
        return key
    }

    /// Ports 9101 and on, shifted as the checkout's are.
    private static func local(_ service: Service, _ state: String?) -> String {
        let shift = state.flatMap { text("\($0)/port-offset") }.flatMap { Int($0) } ?? 0
        let place = Service.allCases.firstIndex(of: service) ?? 0
        return "http://127.0.0.1:\(9101 + place + shift)"
    }

    private static func text(_ path: String) -> String? {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { return nil }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init)
    }
}
