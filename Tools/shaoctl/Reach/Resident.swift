import Contracts
import Crypto
import HTTP
import JSON
import PageForms

/// What a resident does with a browser: scans a plate, sends the form, follows the link, evaluates.
struct Resident: Sendable {
    let gateway: Gateway

    /// What came of a report.
    struct Receipt: Sendable {
        let ticket: TicketID
        /// Of the private link `/s/<token>`.
        let token: String
        var statusPath: String { "/s/\(token)" }
    }

    /// Opens the plate's page and returns its form, as a browser keeps it.
    func scan(_ plate: String) async throws -> PageForm {
        let page = try await gateway.page("/q/\(plate)")
        guard let form = PageForm.all(in: page).last(where: { $0["category"] != nil }) else {
            throw Stop.failed("the page of plate \(plate) holds no form")
        }
        return form
    }

    func report(
        _ plate: String, form: PageForm, category: String, text: String, phone: String? = nil, photo: [UInt8]?
    ) async throws -> Receipt {
        var form = form
        try form.fill(["category": [category], "text": [text]])
        if let phone { try form.fill(["phone": [phone]]) }
        let answer = try await gateway.form("/q/\(plate)", PostedForm(fields: form.pairs, photo: photo))
        guard answer.status == 303, let location = answer.header("location"), location.hasPrefix("/s/") else {
            throw Stop.failed("POST /q/\(plate) answered \(Gateway.reason(answer))")
        }
        let token = String(location.dropFirst(3).prefix { $0 != "?" })
        guard let bytes = Base64.url.decode(token), let ticket = TicketID(bytes: bytes.prefix(16)) else {
            throw Stop.failed("POST /q/\(plate) led to \(location), which is no status page")
        }
        return Receipt(ticket: ticket, token: token)
    }

    /// The ticket as its reporter may read it.
    func ticket(_ receipt: Receipt) async throws -> JSONValue? {
        try await gateway.json("/v1/tickets/\(receipt.ticket)?token=\(receipt.token)")
    }

    /// The address of the evaluation, from the status page; nil while it is not open.
    func evaluationPath(_ receipt: Receipt) async throws -> String? {
        Page.link(startingWith: "/e/", in: try await gateway.page(receipt.statusPath))
    }

    /// False while voting has not heard of the closing yet, and shows no form.
    func evaluate(_ path: String, contacted: Contacted, solved: Solved, satisfied: Satisfied, text: String) async throws -> Bool {
        let answered = try await gateway.get(path)
        guard var form = PageForm.all(in: String(decoding: answered.body, as: UTF8.self)).first(where: { $0["solved"] != nil }) else {
            return false
        }
        try form.fill([
            "contacted": [contacted.rawValue], "solved": [solved.rawValue], "satisfied": [satisfied.rawValue], "text": [text],
        ])
        let answer = try await gateway.form(form.action, PostedForm(fields: form.pairs))
        if answer.status == 409 { return false }
        guard answer.status == 200 || answer.status == 303 else { throw Stop.failed("POST \(path) answered \(Gateway.reason(answer))") }
        return true
    }
}

/// The little of a page's HTML that is looked at.
enum Page {
    /// The first link to an address that begins so.
    static func link(startingWith path: String, in page: String) -> String? {
        guard let found = page.firstRange(of: "href=\"\(path)") else { return nil }
        return path + page[found.upperBound...].prefix { $0 != "\"" }
    }
}
