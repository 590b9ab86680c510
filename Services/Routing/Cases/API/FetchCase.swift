import Contracts
import HTTP
import JSON
import Postgres
import ServiceKit

/// `GET /v1/cases/{id}` and `GET /v1/cases/{id}/deadlines`.
struct FetchCase: Sendable {
    let cases: FindCase
    let staff: StaffDirectory
    let city: CurrentCity
    let view: CaseView

    func show(_ request: HTTPRequest) async throws -> HTTPResponse {
        let worker = try CaseWorker(request, staff, as: CaseWorker.reading)
        return view.answer(try await find(request, worker), for: worker)
    }

    /// Every clock with how its end came about, step by step.
    func deadlines(_ request: HTTPRequest) async throws -> HTTPResponse {
        let worker = try CaseWorker(request, staff, as: CaseWorker.reading)
        let serviceCase = try await find(request, worker).serviceCase
        return .json(Deadlines(serviceCase: serviceCase, calendar: city.now.calendar(of: serviceCase))).with(
            "ETag", VersionCondition.tag(serviceCase.version))
    }

    private func find(_ request: HTTPRequest, _ worker: CaseWorker) async throws -> CaseFile {
        try await cases.find(try request.pathParameter("id") { CaseID($0) }, for: worker)
    }
}

/// The running clocks of a case, explained.
struct Deadlines: JSONObjectEncodable {
    let serviceCase: ServiceCase
    let calendar: WorkCalendar

    func write(members o: inout JSONObjectWriter) {
        o.member("ticket", serviceCase.id)
        o.member("profile", serviceCase.routing.clocks)
        o.member("clocks") { json in
            json.array { list in for clock in serviceCase.clocks { list.object { write(clock, &$0) } } }
        }
    }

    private func write(_ clock: CaseClock, _ o: inout JSONObjectWriter) {
        o.member("clock", clock.kind)
        o.member("name", clock.kind.titles(in: serviceCase.state).zhHans)
        o.member("department", clock.department)
        o.member("startedAt", clock.startedAt)
        o.member("dueAt", clock.dueAt)
        o.member("warned", clock.warned)
        o.member("overdue", clock.isOverdue)
        o.member("held", clock.isHeld)
        o.member("steps", steps(clock))
    }

    /// A clock that was held ends later than its limit alone would say; the suspension's end is a date, no limit.
    private func steps(_ clock: CaseClock) -> [String] {
        if clock.kind == .review { return ["挂账至 \(clock.dueAt.chinese)，由批准单位复核"] }
        if clock.isHeld { return ["挂账期间停止计时"] }
        var steps = calendar.explain(clock.limit, from: clock.startedAt)
        if calendar.due(clock.limit, from: clock.startedAt) != clock.dueAt {
            steps.append("扣除批准的挂账时间后，到期：\(clock.dueAt.chinese)")
        }
        return steps
    }
}
