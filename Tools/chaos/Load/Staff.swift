import Contracts
import Crypto
import EventLoop
import HTTP
import JSON
import Synchronization

/// The street's staff and the residents after the answer: cases are taken, answered, verified; closed ones are evaluated.
final class Staff: Sendable {
    private let street: Street
    private let residents: Residents
    private let tokens: [String: String]
    private let linkKey: HMACKey
    private let run: String
    private let evaluated = Mutex<[String: Int]>([:])

    init(_ street: Street, _ residents: Residents, run: String) throws {
        self.street = street
        self.residents = residents
        self.run = run
        var tokens: [String: String] = [:]
        for name in ["street", "001", "002", "003", "004", "005"] {
            tokens[name] = try street.environment.token(name == "street" ? name : "community-\(name)")
        }
        self.tokens = tokens
        linkKey = HMACKey(Array(try street.environment.secret("SHAO_LINK_KEY", of: "voting").utf8))
    }

    /// Works until told to rest.
    func work(while isOn: @Sendable () -> Bool) async {
        while isOn() {
            if let cases = await list("reported,filed,whistled,answered,closed") {
                for serviceCase in cases where isOn() { await move(serviceCase) }
            }
            guard (try? await EventLoop.shared.sleep(for: .milliseconds(300))) != nil else { return }
        }
    }

    func forget() { evaluated.withLock { $0 = [:] } }

    private func list(_ states: String) async -> [JSONValue]? {
        guard let answer = await send("GET", "/v1/cases?state=\(states)&limit=60", nil, as: "street"), answer.status == 200,
            case .array(let cases)? = (try? JSONReader.decode(JSONValue.self, from: answer.body))?["cases"]
        else { return nil }
        return cases
    }

    private func move(_ one: JSONValue) async {
        guard let ticket = one["ticket"]?.text, let version = one["version"]?.integer else { return }
        let community = one["community"]?.text.map { String($0.suffix(3)) } ?? "street"
        let holder = one["owner"]?["kind"]?.text == "community" ? community : "street"
        switch one["state"]?.text {
        case "reported": await act("accept", ticket, version, "", as: holder)
        case "filed": await act("answer", ticket, version, #"{"text":"已处理。","ending":"solved"}"#, as: holder)
        case "whistled": await act("dispatch", ticket, version, #"{"basis":"按派单目录"}"#, as: "street")
        case "answered": await act("verify", ticket, version, #"{"accepted":true,"ending":"solved","text":"属实。"}"#, as: holder)
        case "closed": await evaluate(ticket, round: Int(one["reopenCount"]?.integer ?? 0))
        default: break
        }
    }

    /// With the version that was seen: an answer that was lost does not do the same twice.
    private func act(_ verb: String, _ ticket: String, _ version: Int64, _ body: String, as name: String) async {
        _ = await send("POST", "/v1/cases/\(ticket)/\(verb)", Array(body.utf8), as: name, ifMatch: version)
    }

    private func send(
        _ method: String, _ path: String, _ body: [UInt8]?, as name: String, ifMatch version: Int64? = nil
    ) async -> HTTPClient.Response? {
        let url = "http://127.0.0.1:\(street["routing"].httpPort)\(path)"
        var request = body.map { HTTPClient.Request.post(url, $0) } ?? .get(url)
        request.timeout = .seconds(4)
        request.headers.append((name: "authorization", value: "Bearer \(tokens[name] ?? tokens["street"] ?? "")"))
        if let version { request.headers.append((name: "if-match", value: "\"\(version)\"")) }
        return try? await street.client.send(request)
    }

    /// Once a closing; one in ten says that nothing was solved, which opens the case again.
    private func evaluate(_ ticket: String, round: Int) async {
        guard let id = TicketID(ticket), evaluated.withLock({ $0[ticket] ?? -1 }) < round else { return }
        let proof = linkKey.authenticate(parts: [Array("e".utf8), id.bytes]).prefix(16)
        let isSolved = round > 0 || id.bytes[15] % 10 != 0
        let body = """
            {"token":"\(Base64.url.encode(id.bytes + proof))","contacted":"yes","solved":"\(isSolved ? "yes" : "no")",\
            "satisfied":"\(isSolved ? "very" : "no")","text":"round \(round)"}
            """
        let answer = try? await residents.ask(
            .evaluation, key(ticket, round), "voting", "/v1/evaluations", Array(body.utf8), about: ticket, timeout: .seconds(3))
        guard let answer, answer.status == 201 else { return }
        evaluated.withLock { $0[ticket] = round }
    }

    /// Shaped as a random UUID: any other text is kept only as a hash of it and its sender's address, and could not be looked for.
    private func key(_ ticket: String, _ round: Int) -> String {
        let digits = Array(Hex.encode(SHA256.hash("\(run)-\(ticket)-\(round)")))
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        return "\(part(0..<8))-\(part(8..<12))-4\(part(12..<15))-8\(part(15..<18))-\(part(18..<30))"
    }
}
