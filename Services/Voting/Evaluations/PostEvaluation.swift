import Actions
import Contracts
import Crypto
import HTTP
import JSON
import ServiceKit

/// `POST /v1/evaluations`: for apps (`token` of the private link), and for staff who call back (`party: staff` and `ticket`,
/// with a staff token of the street or its call-back operators). 201; the same again for a repeated Idempotency-Key;
/// 409 `already-evaluated`, `evaluation-expired` or `not-closed-yet`.
struct PostEvaluation: Sendable {
    let give: GiveEvaluation
    let links: PrivateLinks
    let staff: StaffDirectory

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let asked = try request.json(EvaluationRequest.self)
        let opinion: Opinion
        do { opinion = try Opinion(asked.opinion) } catch { throw Problem.invalid(error) }
        let key = try IdempotencyKey(request, links)
        var action = Evaluate(
            ticket: try ticket(asked), party: asked.party, opinion: opinion,
            repetition: key.map { Evaluate.Repetition.key($0.stored) } ?? .none,
            bodyHash: SHA256.hash(request.body))
        if asked.party == .staff {
            let member = try staff.authenticate(request, as: Evaluate.by)
            guard let area = AreaCode(member.organisation), let role = Actor.Role(area) else { throw EvaluationRefusal.unknown.problem }
            action.askedBy = (member.name, area, Actor(role, person: member.person))
        }
        switch try await give.file(action) {
        case .given(let evaluation): return answer(evaluation)
        case .repeated(let evaluation): return answer(evaluation).with("idempotency-replayed", "true")
        case .refused(let refusal): throw refusal.problem
        }
    }

    /// Each party names its ticket in its own way, and in no other.
    private func ticket(_ asked: EvaluationRequest) throws(Problem) -> TicketID {
        switch (asked.party, asked.token, asked.ticket) {
        case (.resident, let token?, nil):
            guard let ticket = links.open(.evaluation, token: token, as: TicketID.self) else {
                throw .notFound("This link opens nothing.")
            }
            return ticket
        case (.resident, nil, _): throw Problem.wrong("#/token", "token-missing", "The token of the private link is needed.")
        case (.resident, _, _): throw Problem.wrong("#/ticket", "ticket-not-asked", "The token names the ticket.")
        case (.staff, nil, let ticket?): return ticket
        case (.staff, nil, nil): throw Problem.wrong("#/ticket", "ticket-missing", "Say which ticket.")
        case (.staff, _, _): throw Problem.wrong("#/token", "token-not-asked", "Staff name the ticket and sign in.")
        }
    }

    private func answer(_ evaluation: GivenEvaluation) -> HTTPResponse {
        .json(evaluation, status: .created).with("cache-control", "no-store")
    }
}

/// The body of `POST /v1/evaluations`.
struct EvaluationRequest: JSONObjectDecodable {
    let party: Party
    let token: String?
    let ticket: TicketID?
    let opinion: ActionInput

    init(members m: inout JSONMembers) throws(JSONError) {
        party = try m.optional("party") ?? .resident
        token = try m.readIfPresent("token") { value throws(JSONError) in try value.string(maxBytes: 64) }
        ticket = try m.optional("ticket")
        opinion = try ActionInput(members: &m, for: Evaluate.fields)
    }
}

extension GivenEvaluation: JSONObjectEncodable {
    func write(members o: inout JSONObjectWriter) {
        o.member("evaluation", id)
        o.member("round", closing.round)
        o.member("party", party)
        o.member("contacted", opinion.contacted)
        o.member("solved", opinion.solved)
        o.member("satisfied", opinion.satisfied)
        o.member("reasons", opinion.reasons)
        o.member("text", opinion.words?.description)
        o.member("given_at", givenAt)
    }
}
