import Actions
import Contracts
import Crypto
import EventLog
import HTTP
import Pages
import Postgres
import ServiceKit

/// The resident's way: `GET /e/<token>` shows the form, or why there is none; `POST /e/<token>` files it and says thanks.
struct EvaluateByLink: Sendable {
    let give: GiveEvaluation
    let pool: PostgresPool
    let links: PrivateLinks
    let site: Site
    let clock: any Timekeeper

    /// Percent-encoded, a thousand characters of any script are at most 12 kB; more is read to be shown again.
    static let limits = RouteLimits(body: 262_144)

    func show(_ request: HTTPRequest) async throws -> HTTPResponse {
        let ticket = try open(request)
        let visit = try site.visit(request)
        let matter = try await matter(ticket)
        let given = try await pool.query(EvaluationQueries.given(ticket, by: .resident), as: GivenEvaluation.self)
        if let refusal = Evaluate.refusal(matter, given: given, at: clock.now()) {
            return try notice(refusal, ticket, matter, visit, status: .ok)
        }
        guard let matter else { throw EvaluationRefusal.unknown.problem }
        return site.page(page(matter).html(for: visit), for: visit)
    }

    func file(_ request: HTTPRequest) async throws -> HTTPResponse {
        let ticket = try open(request)
        let visit = try site.visit(request)
        let input: ActionInput
        do throws(Problem) { input = try ActionInput(form: try request.form(), for: Evaluate.fields, andNoOthers: true) } catch {
            let legible = ActionInput(legible: request.legibleForm, for: Evaluate.fields)
            return try await again(legible, Self.errors(legible), ticket, visit, status: HTTPStatus(error.status))
        }
        var opinion: Opinion
        do throws(FieldMistakes) { opinion = try Opinion(input) } catch {
            return try await again(input, FormErrors(error), ticket, visit, status: 422)
        }
        // In the order of the page, so that the same answers are the same event.
        opinion.reasons = Evaluate.reasons.compactMap { ReasonCode($0.code) }.filter(opinion.reasons.contains)
        let outcome = try await give.file(
            Evaluate(
                ticket: ticket, party: .resident, opinion: opinion, repetition: .sameForm, bodyHash: SHA256.hash(request.body)))
        let matter = try await matter(ticket)
        switch outcome {
        case .given(let evaluation), .repeated(let evaluation):
            return show(.thanks(reopened: evaluation.opinion.solved == .no), ticket, matter, visit, status: .ok)
        case .refused(let refusal): return try notice(refusal, ticket, matter, visit, status: 409)
        }
    }

    private func open(_ request: HTTPRequest) throws(Problem) -> TicketID {
        let token = try request.pathParameter("token")
        guard let ticket = links.open(.evaluation, token: token, as: TicketID.self) else {
            throw .notFound("This link opens nothing.")
        }
        return ticket
    }

    private func matter(_ ticket: TicketID) async throws -> Evaluable? {
        try await pool.query(EvaluationQueries.matter(ticket), as: Evaluable.self).first
    }

    /// The form once more, with what is missing; or why it is of no use any more.
    private func again(
        _ input: ActionInput, _ errors: FormErrors, _ ticket: TicketID, _ visit: Visit, status: HTTPStatus
    ) async throws -> HTTPResponse {
        let matter = try await matter(ticket)
        let given = try await pool.query(EvaluationQueries.given(ticket, by: .resident), as: GivenEvaluation.self)
        if let refusal = Evaluate.refusal(matter, given: given, at: clock.now()) {
            return try notice(refusal, ticket, matter, visit, status: 409)
        }
        guard let matter else { throw EvaluationRefusal.unknown.problem }
        var page = page(matter)
        page.typed = input.values
        page.errors = errors
        return site.page(page.html(for: visit), for: visit, status: status)
    }

    /// What is wrong with a form that could not be read as a whole.
    private static func errors(_ legible: ActionInput) -> FormErrors {
        do throws(FieldMistakes) {
            _ = try Opinion(legible)
            return FormErrors(["text": .evaluationUnreadable])
        } catch { return FormErrors(error) }
    }

    private func page(_ matter: Evaluable) -> EvaluationPage {
        EvaluationPage(
            path: links.page(.evaluation, matter.ticket), number: matter.number.description, placeName: matter.placeName,
            categoryName: matter.categoryName, answer: matter.answer,
            answerPhotos: matter.answerPhotos.map { links.photo($0, of: matter.ticket) }, unit: matter.unit,
            openUntil: (matter.openUntil ?? clock.now()).milliseconds)
    }

    private func notice(
        _ refusal: EvaluationRefusal, _ ticket: TicketID, _ matter: Evaluable?, _ visit: Visit, status: HTTPStatus
    ) throws(Problem) -> HTTPResponse {
        switch refusal {
        case .notClosed: show(.tooEarly, ticket, matter, visit, status: status)
        case .alreadyGiven(let at): show(.alreadyGiven(at: at.milliseconds), ticket, matter, visit, status: status)
        case .expired(let at): show(.expired(at: at.milliseconds), ticket, matter, visit, status: status)
        case .unknown, .keyReused: throw refusal.problem
        }
    }

    private func show(
        _ kind: EvaluationNotice.Kind, _ ticket: TicketID, _ matter: Evaluable?, _ visit: Visit, status: HTTPStatus
    ) -> HTTPResponse {
        // A ticket that routing has not taken up yet has no number here.
        let notice = EvaluationNotice(
            kind: kind, number: matter?.number.description ?? "—", statusLink: links.page(.status, ticket))
        return site.page(notice.html(for: visit), for: visit, status: status)
    }
}
