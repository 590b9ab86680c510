import Contracts
import HTTP
import JSON
import Postgres
import ServiceKit

/// `GET /v1/evaluations/{ticket}`: what was said about a ticket, for the staff whose matter it is. Others are told that
/// there is no such ticket.
struct ListEvaluations: Sendable {
    let pool: PostgresPool
    let staff: StaffDirectory

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let member = try staff.authenticate(
            request, as: .community, .street, .district, .supervisor, .caller, .department)
        guard let ticket = TicketID(try request.pathParameter("ticket")),
            let matter = try await pool.query(EvaluationQueries.matter(ticket), as: Evaluable.self).first,
            Self.concerns(member, matter)
        else { throw EvaluationRefusal.unknown.problem }
        let given = try await pool.query(EvaluationQueries.inOrder(ticket), as: GivenEvaluation.self)
        return .json(EvaluationList(matter: matter, given: given)).with("cache-control", "no-store")
    }

    /// A department sees what it led, everybody else what lies in their area.
    static func concerns(_ member: StaffMember, _ matter: Evaluable) -> Bool {
        if member.role == .department { return matter.department?.description == member.organisation }
        return AreaCode(member.organisation)?.contains(matter.area) ?? false
    }
}

private struct EvaluationList: JSONObjectEncodable {
    let matter: Evaluable
    let given: [GivenEvaluation]

    func write(members o: inout JSONObjectWriter) {
        o.member("ticket", matter.ticket)
        o.member("number", matter.number)
        o.member("area", matter.area)
        o.member("department", matter.department)
        o.member("round", matter.closing.round)
        o.member("ending", matter.ending)
        o.member("closed_at", matter.closedAt)
        o.member("open_until", matter.openUntil)
        o.member("evaluations", given.map(ListedEvaluation.init))
    }
}

/// Staff see as well which case's work was evaluated.
private struct ListedEvaluation: JSONObjectEncodable {
    let evaluation: GivenEvaluation

    func write(members o: inout JSONObjectWriter) {
        evaluation.write(members: &o)
        o.member("work", evaluation.closing.work)
    }
}
