import Contracts
import HTTP
import PageForms
import Synchronization

/// What staff do with cases: they sign in, open the case at their desk, and send its forms, as with a browser.
final class StaffClient: Sendable {
    private let gateway: Gateway
    private let sessions = Mutex<[String: Session]>([:])

    private struct Session: Sendable {
        let cookie: String
        /// `/street` or `/community`
        let base: String
    }

    init(gateway: Gateway) { self.gateway = gateway }

    func accept(_ ticket: String, token: String) async throws { try await act("accept", ticket, [:], token) }

    func answer(_ ticket: String, text: String, ending: WorkEnding, token: String) async throws {
        // The page has a word of its own for one ending.
        try await act("answer", ticket, ["text": [text], "ending": [ending.rawValue]], token)
    }

    func whistle(_ ticket: String, _ kind: WhistleKind, reason: String, token: String) async throws {
        let code = kind.rawValue
        try await act("whistle", ticket, ["kind": [code], "reason": [reason]], token)
    }

    func dispatch(_ ticket: String, lead: String, coHandlers: [String], basis: String, token: String) async throws {
        try await act("dispatch", ticket, ["lead": [lead], "coHandlers": coHandlers, "basis": [basis]], token)
    }

    /// The first of the open disputes.
    func adjudicate(_ ticket: String, reassignTo other: String?, reason: String, token: String) async throws {
        let verdict: Verdict = other == nil ? .uphold : .reassign
        var answers = ["verdict": [verdict.rawValue], "reason": [reason]]
        if let other { answers["to"] = [other] }
        try await act("adjudicate", ticket, answers, token)
    }

    /// - Parameter ending: nil for the one that stands chosen.
    func verify(_ ticket: String, ending: WorkEnding?, text: String, token: String) async throws {
        var answers = ["accepted": ["yes"], "text": [text]]
        if let ending { answers["ending"] = [ending.rawValue] }
        try await act("verify", ticket, answers, token)
    }

    /// Whether this member of the staff may do that now; a case that is not theirs offers nothing.
    func offers(_ code: String, _ ticket: String, token: String) async throws -> Bool {
        try await forms(ticket, session(token)).contains { $0.action.hasSuffix("/\(code)") }
    }

    // MARK: Steps

    private func act(_ code: String, _ ticket: String, _ answers: [String: [String]], _ token: String) async throws {
        let session = try await session(token)
        let path = "\(session.base)/\(ticket)/\(code)"
        let offered = try await forms(ticket, session).filter { $0.action == path }
        // The catalogue's proposal is a form of its own that asks for nothing; a person who names units takes the other.
        guard var form = offered.first(where: { $0.takes(answers) }) ?? offered.last else {
            throw Refused(path: path, status: 409, reason: "the desk does not offer it")
        }
        if let control = form["dispatch"], control.kind == .choice, let first = control.offers.first {
            try form.fill(["dispatch": [first]])
        }
        try form.fill(answers)
        let answer = try await gateway.form(path, PostedForm(fields: form.pairs), cookie: session.cookie)
        guard answer.status == 303 else {
            let words = PageForm.errors(in: String(decoding: answer.body, as: UTF8.self)) ?? Gateway.reason(answer)
            throw Refused(path: path, status: answer.status, reason: "\(answer.status) \(words)")
        }
    }

    private func forms(_ ticket: String, _ session: Session) async throws -> [PageForm] {
        let answer = try await gateway.get("\(session.base)/\(ticket)", cookie: session.cookie)
        if answer.status == 404 { return [] }
        guard answer.status == 200 else { throw Stop.failed("GET \(session.base)/\(ticket) answered \(Gateway.reason(answer))") }
        return PageForm.all(in: String(decoding: answer.body, as: UTF8.self))
    }

    private func session(_ token: String) async throws -> Session {
        if let known = sessions.withLock({ $0[token] }) { return known }
        let page = try await gateway.page("/sign-in")
        guard var form = PageForm.all(in: page).first(where: { $0["token"] != nil }) else {
            throw Stop.failed("the page /sign-in holds no form")
        }
        try form.fill(["token": [token]])
        let answer = try await gateway.form(form.action, PostedForm(fields: form.pairs))
        guard answer.status == 303, let base = answer.header("location"), let cookie = answer.header("set-cookie") else {
            throw Stop.failed("POST /sign-in answered \(Gateway.reason(answer))")
        }
        let session = Session(cookie: String(cookie.prefix { $0 != ";" }), base: base)
        sessions.withLock { $0[token] = session }
        return session
    }
}
