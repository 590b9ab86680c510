import Contracts
import HTTP
import Pages
import ServiceKit

/// `GET /`: how to report, and the way back to what was reported; `GET /problems/{code}`: what a refusal means.
struct ShowStart: Sendable {
    let plates: PlateBook
    let links: PrivateLinks
    let site: Site

    /// `?find=`: a plate's code leads to its page, a private link to its ticket. A ticket's number alone opens nothing: numbers
    /// are counted up and read aloud, so they cannot be a secret.
    func show(_ request: HTTPRequest) async throws -> HTTPResponse {
        let visit = try site.visit(request)
        guard let asked = try request.query("find") else { return site.page(StartPage().html(for: visit), for: visit) }
        let text = String(asked.prefix(200)).filter { !$0.isWhitespace }
        if let token = token(in: text) { return .redirect(.status(token: token)) }
        // A plate that is no longer in use has a page that says so.
        if let plate = PlateCode(text), try await plates.name(of: plate) != nil { return .redirect(.plate(code: plate.description)) }
        let page = StartPage(asked: text, finding: TicketNumber(text.uppercased()) == nil ? .nothing : .numberOnly)
        return site.page(page.html(for: visit), for: visit, status: page.finding == .nothing && !text.isEmpty ? 404 : .ok)
    }

    func problem(_ request: HTTPRequest) async throws -> HTTPResponse {
        let visit = try site.visit(request)
        let code = try request.pathParameter("code")
        let page = ProblemMeaningPage(code: code)
        return site.page(page.html(for: visit), for: visit, status: page.isKnown ? .ok : 404)
    }

    /// The token of a private link of ours, alone or within an address.
    private func token(in text: String) -> String? {
        let last = text.split(separator: "/").last.map { $0.prefix { $0 != "?" && $0 != "#" } }
        guard let token = last.map(String.init), links.open(.status, token: token, as: TicketID.self) != nil else { return nil }
        return token
    }
}
