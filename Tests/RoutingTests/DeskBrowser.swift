import Contracts
import PageForms
import TestKit
import Testing

@testable import Routing

/// What staff do with a browser at a desk: they look at a case's page and send one of its forms.
extension TestDesk {
    private func base(_ staff: String) -> String { staff == "street" || staff == "district" ? "/street" : "/community" }

    func page(_ path: String, as staff: String) async throws -> RawResponse {
        try await exchange("GET \(base(staff))\(path)", ["Cookie: shao_staff=\(staff)"])
    }

    /// The form of that action, as the case's page shows it.
    func form(
        _ id: CaseID, _ code: String, as staff: String, queue: String? = nil, at location: SourceLocation = #_sourceLocation
    ) async throws -> PageForm {
        let page = try await page("/\(id)" + (queue.map { "?queue=\($0)" } ?? ""), as: staff)
        let form = PageForm.all(in: page.text).last { $0.action == "\(base(staff))/\(id)/\(code)" }
        return try #require(form, "the desk of \(staff) offers \(code)", sourceLocation: location)
    }

    /// Fills in the form of that action and sends it.
    @discardableResult
    func submit(
        _ id: CaseID, _ code: String, _ answers: [String: [String]] = [:], as staff: String, queue: String? = nil,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> RawResponse {
        var form = try await form(id, code, as: staff, queue: queue, at: location)
        try form.fill(answers)
        return try await send(form, as: staff)
    }

    func send(_ form: PageForm, as staff: String) async throws -> RawResponse {
        try await exchange(
            "POST \(form.action)", ["Content-Type: application/x-www-form-urlencoded", "Cookie: shao_staff=\(staff)"], body: form.encoded)
    }
}
