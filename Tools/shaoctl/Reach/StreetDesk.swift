import Contracts
import JSON

/// What staff do with cases: the routes of routing, one function each.
struct StreetDesk: Sendable {
    let gateway: Gateway

    func accept(_ ticket: String, token: String) async throws {
        try await act("accept", ticket, [], token)
    }

    func answer(_ ticket: String, text: String, ending: Ending, token: String) async throws {
        try await act("answer", ticket, [("text", .string(text)), ("ending", .string(ending.rawValue))], token)
    }

    func whistle(_ ticket: String, _ kind: WhistleKind, reason: String, token: String) async throws {
        try await act("whistle", ticket, [("kind", .string(kind.rawValue)), ("reason", .string(reason))], token)
    }

    func dispatch(_ ticket: String, lead: String, coHandlers: [String], basis: String, token: String) async throws {
        try await act(
            "dispatch", ticket,
            [("lead", .string(lead)), ("coHandlers", .array(coHandlers.map { .string($0) })), ("basis", .string(basis))], token)
    }

    /// Without a dispatch: the oldest open dispute.
    func adjudicate(_ ticket: String, _ dispatch: String?, reassignTo other: String?, token: String) async throws {
        let verdict: Verdict = other == nil ? .uphold : .reassign
        var members: [(String, JSONValue)] = [("verdict", .string(verdict.rawValue))]
        if let dispatch { members.append(("dispatch", .string(dispatch))) }
        if let other { members.append(("to", .string(other))) }
        try await act("adjudicate", ticket, members, token)
    }

    func verify(_ ticket: String, ending: Ending?, text: String, token: String) async throws {
        var members: [(String, JSONValue)] = [("accepted", .bool(true)), ("text", .string(text))]
        if let ending { members.append(("ending", .string(ending.rawValue))) }
        try await act("verify", ticket, members, token)
    }

    /// Whether this member of the staff may do that now; a case that is not theirs offers nothing.
    func offers(_ verb: String, _ ticket: String, token: String) async throws -> Bool {
        guard case .array(let actions)? = try await gateway.json("/v1/cases/\(ticket)", token: token)?["actions"] else { return false }
        return actions.contains { $0.text == verb }
    }

    private func act(_ verb: String, _ ticket: String, _ members: [(String, JSONValue)], _ token: String) async throws {
        try await gateway.post("/v1/cases/\(ticket)/\(verb)", .object(members.map { JSONValue.Member($0.0, $0.1) }), token: token)
    }
}
