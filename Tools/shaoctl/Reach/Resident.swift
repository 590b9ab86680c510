import Contracts
import Crypto
import HTTP
import JSON

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

    /// Opens the plate's page and returns the form's key, as a browser keeps it.
    func scan(_ plate: String) async throws -> String {
        let page = try await gateway.page("/q/\(plate)")
        guard let key = Page.value(of: "key", in: page) else { throw Stop.failed("the page of plate \(plate) holds no form") }
        return key
    }

    func report(_ plate: String, key: String, category: String, text: String, phone: String? = nil, photo: [UInt8]?) async throws -> Receipt
    {
        var fields = [("key", key), ("category", category), ("text", text)]
        if let phone { fields.append(("phone", phone)) }
        let answer = try await gateway.form("/q/\(plate)", PostedForm(fields: fields.map { (name: $0.0, value: $0.1) }, photo: photo))
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

    /// False while voting has not heard of the closing yet (409).
    func evaluate(_ path: String, contacted: Contacted, solved: Solved, satisfied: Satisfied, text: String) async throws -> Bool {
        let fields = [
            (name: "contacted", value: contacted.rawValue), (name: "solved", value: solved.rawValue),
            (name: "satisfied", value: satisfied.rawValue), (name: "text", value: text),
        ]
        let answer = try await gateway.form(path, PostedForm(fields: fields))
        if answer.status == 409 { return false }
        guard answer.status == 200 || answer.status == 303 else { throw Stop.failed("POST \(path) answered \(Gateway.reason(answer))") }
        return true
    }
}

/// The little of a page's HTML that is looked at.
enum Page {
    /// The value of a hidden field.
    static func value(of name: String, in page: String) -> String? {
        guard let field = page.firstRange(of: "name=\"\(name)\" value=\"") else { return nil }
        return String(page[field.upperBound...].prefix { $0 != "\"" })
    }

    /// The first link to an address that begins so.
    static func link(startingWith path: String, in page: String) -> String? {
        guard let found = page.firstRange(of: "href=\"\(path)") else { return nil }
        return path + page[found.upperBound...].prefix { $0 != "\"" }
    }
}
