import Actions
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
    let recent: RecentReports
    let site: Site
    let ids: UUIDv7Generator

    /// Wider than what is taken: photos that are too large are read past, so that the words after them come back with the errors.
    static let limits = RouteLimits(body: 96 << 20)
    /// Within this time the same form is the same press of the button.
    private static let doubleTap = Duration.seconds(600)

    func show(_ request: HTTPRequest) async throws -> HTTPResponse {
        let visit = try site.visit(request)
        let code = try request.pathParameter("code")
        guard case .inUse(let plate) = try await look(code) else { return try await nothingHere(code, visit) }
        return site.page(try await page(plate, key: freshKey(), visit).html(for: visit), for: visit)
    }

    func report(_ request: HTTPRequest, _ body: RequestBody) async throws -> HTTPResponse {
        let visit = try site.visit(request)
        let code = try request.pathParameter("code")
        guard case .inUse(let plate) = try await look(code) else {
            // What was typed comes back, to be copied to where it is taken.
            let form = try? await UploadedForm(request, body, readsOn: true)
            return try await nothingHere(code, visit, unsent: form?.value(Submit.textField) ?? "")
        }
        let form = try await UploadedForm(request, body, readsOn: true)
        do {
            return .redirect(try await file(form, report: try await report(form, at: plate)))
        } catch let problem as Problem {
            return try await again(form, plate, problem, visit)
        }
    }

    /// A form sent twice (a double tap, a lost answer) is one report. A page left open that says the same again is told how its report
    /// stands; once that one is over, it is a report of its own.
    private func file(_ form: UploadedForm, report: Submit) async throws -> PagePath {
        // 「我也遇到」 goes with all that the form holds, and is another report than the form alone.
        var key = try form.value(Submit.alsoField) == nil ? form.key(submit.links) : form.key(submit.links)?.after("also")
        while true {
            let (receipt, repeated) = try await submit.file(form, report: report, key: key)
            let receiptPage = receipt.page
            guard repeated, let used = key, let earlier = try await recent.ticket(receipt.id) else { return receiptPage }
            if earlier.isOpen {
                let isJustSent = submit.clock.now() < earlier.submittedAt.adding(Self.doubleTap)
                return isJustSent ? receiptPage : .status(token: receipt.statusToken)
            }
            key = used.after(receipt.number)
        }
    }

    /// The form once more, with all that could be read of it and what was wrong.
    private func again(_ form: UploadedForm, _ plate: PlateRegistered, _ problem: Problem, _ visit: Visit) async throws -> HTTPResponse {
        // A form that was sent before gets a new key: what is in it now is another report.
        let isSpent = problem.code == "idempotency-key-reused" || (try? form.key(submit.links)) == nil
        var page = try await page(plate, key: isSpent ? freshKey() : form.value(Submit.keyField) ?? freshKey(), visit)
        page.typed = form.typed
        page.errors = Self.errors(problem)
        var answer = site.page(page.html(for: visit), for: visit, status: HTTPStatus(problem.status))
        for header in problem.headers { answer.append(header.name, header.value) }
        return answer
    }

    private func report(_ form: UploadedForm, at plate: PlateRegistered) async throws -> Submit {
        var report = try form.report()
        report.plate = plate.plate
        report.position = nil
        report.channel = .plate
        if let also = form.value(Submit.alsoField) {
            guard let number = TicketNumber(also), let category = try await recent.category(of: number, at: plate.plate) else {
                throw Problem.wrong("#/also", "ticket-unknown", "There is no such report at this plate.")
            }
            // 「我也遇到」 is a report of its own: it has its own link, answer and evaluation. Whether the two are one case is
            // the community's to decide, who reads the other's number in the words.
            report.category = category
            report.words = ["同 \(number)", report.words].compactMap { $0 }.joined(separator: "\n")
        }
        return report
    }

    private func look(_ code: String) async throws -> PlateBook.Found {
        guard let code = PlateCode(code) else { return .unknown }
        return try await plates.look(code)
    }

    /// - Parameter unsent: words that were sent here and not taken; nil when nothing was sent.
    private func nothingHere(_ code: String, _ visit: Visit, unsent: String? = nil) async throws -> HTTPResponse {
        guard case .retired(let plate) = try await look(code) else {
            return site.page(UnknownPlatePage(code: code).html(for: visit), for: visit, status: 404)
        }
        let page = RetiredPlatePage(code: plate.plate.description, placeName: plate.name, unsent: unsent)
        return site.page(page.html(for: visit), for: visit, status: 410)
    }

    private func page(_ plate: PlateRegistered, key: String, _ visit: Visit) async throws -> PlatePage {
        var page = PlatePage(
            code: plate.plate.description, placeName: plate.name, communityName: try await plates.name(of: plate.community),
            chips: plate.chips.map { FieldChoice($0.category.description, Text(verbatim: $0.label)) }, key: key)
        page.similar = try await recent.newest(at: plate, inChinese: visit.language == .chinese)
        return page
    }

    private func freshKey() -> String { ids.next(EventID.self).description }

    /// What was wrong, at the field where it can be put right, in words for residents.
    private static func errors(_ problem: Problem) -> FormErrors {
        if let refusal = Submit.Refusal.all.first(where: { $0.code == problem.code }) { return refusal.errors }
        return switch problem.code {
        case "idempotency-key-reused": FormErrors(["text": .sentBefore])
        case "too-many-photos": FormErrors(["photo": .tooManyPhotos])
        case "photo-too-large", "body-too-large": FormErrors(["photo": .photoTooLarge])
        case "photo-not-accepted-here", "photo-worker-unavailable": FormErrors(["photo": .photosNotTaken])
        case "photo-busy", "photo-share-used": FormErrors(["photo": .photosLater])
        case _ where problem.code.hasPrefix("photo-"): FormErrors(["photo": .photoUnreadable])
        case "bad-multipart", "part-too-large", "too-many-parts", "unknown-member", "duplicate-member", "body-cut-short":
            FormErrors(["text": .formUnreadable])
        case _ where problem.status == 503: FormErrors(["text": .tryAgainSoon])
        default: FormErrors(["text": ProblemCatalogue.meaning(of: problem.code) ?? .formUnreadable])
        }
    }
}
