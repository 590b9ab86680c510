import Contracts
import EventLog
import HTTP
import Pages
import Postgres
import ServiceKit

/// The resident's way: `GET /q/<CODE>` shows the plate's page, `POST /q/<CODE>` files what was sent and leads to the status
/// page. Works without JavaScript; with it, the same fields come from the script.
struct ReportAtPlate: Sendable {
    let submit: SubmitTicket
    let plates: PlateBook
    let pool: PostgresPool
    let site: Site
    let ids: UUIDv7Generator

    func show(_ request: HTTPRequest) async throws -> HTTPResponse {
        let visit = try site.visit(request)
        let code = try request.pathParameter("code")
        guard let plate = try await plate(code) else {
            return site.page(UnknownPlatePage(code: code).html(for: visit), for: visit, status: 404)
        }
        return site.page(page(plate, key: freshKey()).html(for: visit), for: visit)
    }

    func report(_ request: HTTPRequest, _ body: RequestBody) async throws -> HTTPResponse {
        let visit = try site.visit(request)
        let code = try request.pathParameter("code")
        guard let plate = try await plate(code) else {
            return site.page(UnknownPlatePage(code: code).html(for: visit), for: visit, status: 404)
        }
        let form = try await UploadedForm(request, body)
        do {
            var draft = try form.draft()
            draft.plate = plate.plate
            draft.channel = .plate
            let (receipt, _) = try await submit.file(form, draft: draft, key: form.value("key"))
            return .redirect(receipt.statusPath + "?new=1")
        } catch let problem as Problem where problem.status == 422 || problem.status == 413 {
            var page = page(plate, key: form.value("key") ?? freshKey())
            page.values = PlatePage.Values(
                category: form.value("category") ?? PlatePage.unsure, text: form.value("text") ?? "",
                elsewhere: form.value("elsewhere") ?? "", phone: form.value("phone") ?? "")
            page.errors = Self.errors(problem)
            return site.page(page.html(for: visit), for: visit, status: 422)
        }
    }

    private func plate(_ code: String) async throws -> PlateRegistered? {
        guard let code = PlateCode(code) else { return nil }
        return try await plates.find(code)
    }

    private func page(_ plate: PlateRegistered, key: String) -> PlatePage {
        PlatePage(
            code: plate.plate.description, placeName: plate.name,
            chips: plate.chips.map { PlatePage.Chip(code: $0.category.description, label: Text(verbatim: $0.label)) }, key: key)
    }

    private func freshKey() -> String { ids.next(EventID.self).description }

    /// What was wrong, at the field where it can be put right, in words for residents.
    private static func errors(_ problem: Problem) -> FormErrors {
        switch problem.code {
        case "nothing-said": FormErrors(["photo": .nothingSent])
        case "phone-not-valid": FormErrors(["phone": .phoneWrong])
        case "text-too-long": FormErrors(["text": .textTooLong])
        case "too-many-photos": FormErrors(["photo": .tooManyPhotos])
        case "photo-too-large", "body-too-large": FormErrors(["photo": .photoTooLarge])
        case _ where problem.code.hasPrefix("photo-"): FormErrors(["photo": .photoUnreadable])
        default: FormErrors(["text": Text(verbatim: problem.detail ?? problem.code)])
        }
    }
}
