import Contracts
import Crypto
import EventLog
import FoundationEssentials
import HTTP
import JSON
import Secrets

/// The services' admin doors, and the token that opens what lies behind `/internal`.
struct AdminDoors: Sendable {
    struct Door: Sendable {
        let service: String
        /// Without a slash at the end.
        let url: String
    }

    let doors: [Door]
    private let token: String
    private let client: HTTPClient

    static let options: [Option] = [
        .value("state", "DIR", "the checkout's state, with secrets/event.key and run/admin.addresses"),
        .value(
            "admin", "NAME=URL,…",
            "the services' admin addresses (default: SHAO_<NAME>_URL, else DIR/run/admin.addresses, else this machine's ports 9101–9105)"),
        .value("key-file", "FILE", "the streams' key (default: SHAO_EVENT_KEY_FILE, else DIR/secrets/event.key)"),
    ]

    init(_ arguments: Arguments, environment: [String: String]) throws {
        let state = arguments["state"]
        guard let path = arguments["key-file"] ?? environment["SHAO_EVENT_KEY_FILE"] ?? state.map({ "\($0)/secrets/event.key" }) else {
            throw Stop.usage("--state or --key-file must say where the streams' key is")
        }
        let key: String
        do throws(SecretFile.Failure) { key = try SecretFile.read(path) } catch { throw Stop.unavailable("the streams' key: \(error)") }
        token = HMACKey(Array(key.utf8)).serviceToken
        doors = try Self.addresses(arguments, state, environment)
        // The operator names the addresses, wherever they are.
        client = try HTTPClient(.unrestricted)
    }

    /// The five services in the order of the design, each with its address.
    private static func addresses(_ arguments: Arguments, _ state: String?, _ environment: [String: String]) throws(Stop) -> [Door] {
        var known: [String: String] = [:]
        let written = state.flatMap { try? Data(contentsOf: URL(filePath: "\($0)/run/admin.addresses")) }
        let named = arguments["admin"] ?? written.map { String(decoding: $0, as: UTF8.self) } ?? ""
        for pair in named.split(whereSeparator: { $0 == "," || $0.isNewline }) {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw .usage("--admin: “\(pair)” is not NAME=URL") }
            known[parts[0]] = parts[1]
        }
        let isClosed = arguments["admin"] != nil
        return Service.owners.enumerated().compactMap { place, service in
            let name = service.rawValue
            let standard = isClosed ? nil : "http://127.0.0.1:\(9101 + place)"
            let url = (isClosed ? nil : environment["SHAO_\(name.uppercased())_URL"]) ?? known[name] ?? standard
            return url.map { Door(service: name, url: $0.hasSuffix("/") ? String($0.dropLast()) : $0) }
        }
    }

    func door(_ name: String) throws(Stop) -> Door {
        guard let door = doors.first(where: { $0.service == name }) else {
            throw .usage("there is no service “\(name)”; there are \(doors.map(\.service).joined(separator: ", "))")
        }
        return door
    }

    /// Any answer; throws only when there is none.
    func send(_ request: HTTPClient.Request, within limit: Duration = .seconds(30)) async throws -> HTTPClient.Response {
        var request = request
        request.headers.append(("authorization", "Bearer \(token)"))
        request.timeout = limit
        request.largestAnswer = 64 << 20
        do {
            return try await client.send(request)
        } catch let error as HTTPClientError {
            throw Stop.unavailable("\(request.method) \(request.url): \(error)")
        }
    }

    /// An answer of 200, decoded. Throws with the problem's own words otherwise.
    func fetch<Page: JSONDecodable>(_: Page.Type, _ request: HTTPClient.Request, within limit: Duration = .seconds(30)) async throws -> Page
    {
        let answer = try await send(request, within: limit)
        guard answer.status == 200 else { throw Stop.failed("\(request.method) \(request.url) answered \(Gateway.reason(answer))") }
        return try JSONReader.decode(Page.self, from: answer.body)
    }

    /// As a query's value.
    static func escape(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}

extension Service {
    /// Those with a database and streams.
    static let owners: [Service] = [.intake, .routing, .notification, .voting, .analytics]
}
