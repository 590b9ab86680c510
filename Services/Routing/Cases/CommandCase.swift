import Contracts
import EventLog
import HTTP
import JSON
import Pages
import Postgres
import ServiceKit
import Telemetry

/// `POST /v1/cases/{id}/<action>`: one transaction locks the case, asks the table, writes and tells everybody.
///
/// 404 for a case that is not the unit's business, 409 with the table's refusal, 428 without `If-Match` (nobody decides what he has
/// not seen; `*` says so on purpose), 412 when it names another version than the case has by now; then nothing was changed.
struct CommandCase: Sendable {
    let pool: PostgresPool
    let carryOut: CarryOut
    let staff: StaffDirectory
    let view: CaseView
    let ids: UUIDv7Generator

    func handle(_ request: HTTPRequest, _ action: CaseOrder.Action) async throws -> HTTPResponse {
        let worker = try CaseWorker(request, staff)
        let id = try request.pathParameter("id") { CaseID($0) }
        let order = try CaseOrder(action, request)
        guard let condition = request.header("if-match").map(VersionCondition.init) else {
            throw Problem(
                428, "if-match-missing",
                detail: "Send If-Match with the ETag of the case as you saw it, or * to act on any version.")
        }
        let file = try await perform(order, on: id, by: worker, if: condition)
        CrashPoint.pass(.routingAfterCommand)
        return view.answer(file, for: worker)
    }

    func perform(
        _ order: CaseOrder, on id: CaseID, by worker: CaseWorker, if condition: VersionCondition?
    ) async throws -> CaseFile {
        try await pool.transaction { transaction in
            let (found, other) = try await lock(id, order, &transaction)
            guard let file = found, worker.sees(file.one) else {
                throw Problem.notFound("There is no such case, or it is not yours.")
            }
            if let condition, !condition.allows(file.one.version) {
                throw Problem(412, "version-changed", title: .changedMeanwhile, detail: "The case has version \(file.one.version) by now.")
                    .with("ETag", VersionCondition.tag(file.one.version))
            }
            try order.check(belongingTo: file)
            let command = try command(order, file.one, other?.one, worker)
            do {
                let after = try carryOut.perform(command, by: worker.actor, on: file, and: other, in: &transaction)
                CrashPoint.pass(.routingMidCommand)
                return CaseFile(one: after, report: file.report)
            } catch let refusal as CaseRefusal {
                throw Problem.refused(refusal)
            }
        }
    }

    /// The case, and the one that it is merged into or was: both locked in one order for all, so that two merges that cross wait
    /// for each other instead of ending both cases.
    private func lock(
        _ id: CaseID, _ order: CaseOrder, _ transaction: inout PostgresTransaction
    ) async throws -> (CaseFile?, CaseFile?) {
        guard let other = try await other(id, order, &transaction), other != id else {
            return (try await transaction.query(CaseQueries.lock(id), as: CaseFile.self).first, nil)
        }
        let files = try await transaction.query(CaseQueries.lock([id, other]), as: CaseFile.self)
        return (files.first { $0.one.id == id }, files.first { $0.one.id == other })
    }

    private func other(_ id: CaseID, _ order: CaseOrder, _ transaction: inout PostgresTransaction) async throws -> CaseID? {
        switch order {
        case .merge(.id(let other)): other
        case .merge(.number(let number)):
            try await transaction.query(CaseQueries.find(number: number.description), as: CaseFile.self).first?.one.id
        case .reopen: try await transaction.query(CaseQueries.read(id), as: CaseFile.self).first?.one.mergedInto
        default: nil
        }
    }

    private func command(_ order: CaseOrder, _ one: Case, _ other: Case?, _ worker: CaseWorker) throws -> CaseCommand {
        switch order {
        case .accept: return .accept
        case .resume: return .resume
        case .decline(let reason): return .decline(reason: reason)
        case .refuse(let reason): return .refuseWhistle(reason: reason)
        case .reopen(let reason): return .reopen(reason: reason)
        case .answer(let text, let photos, let ending): return .answer(text: text, photos: photos, ending: ending)
        case .whistle(let kind, let reason): return .whistle(ids.next(), kind, reason: reason)
        case .dispatch(let lead, let coHandlers, let basis): return try dispatch(one, lead, coHandlers, basis)
        case .adjudicate(let dispatch, let verdict, let to, let reason): return try adjudicate(one, dispatch, verdict, to, reason)
        case .suspend(let until, let reason): return .suspend(until: until, reason: reason)
        case .verify(let accepted, let ending, let text): return .verify(accepted: accepted, ending: ending, text: text)
        case .close(let ending): return .close(ending)
        case .merge(let target): return try merge(target, one, into: other, worker)
        }
    }

    private func dispatch(
        _ one: Case, _ lead: DepartmentCode?, _ coHandlers: [DepartmentCode]?, _ basis: PublicText?
    ) throws(Problem) -> CaseCommand {
        guard let unit = lead ?? one.routing.lead else {
            throw .invalid([.init(pointer: "#/lead", code: "missing-member", detail: "the catalogue names no lead for this case")])
        }
        let others = coHandlers ?? (lead == nil || lead == one.routing.lead ? one.routing.coHandlers : [])
        return .dispatch(
            City.calls(lead: unit, coHandlers: others) { ids.next() }, basis: basis ?? PublicText(scrubbing: one.routing.basis))
    }

    private func adjudicate(
        _ one: Case, _ dispatch: DispatchID?, _ verdict: Verdict, _ to: DepartmentCode?, _ reason: PublicText?
    ) throws(Problem) -> CaseCommand {
        let open = one.openDisputes
        if dispatch == nil, open.count > 1 {
            throw .invalid([.init(pointer: "#/dispatch", code: "missing-member", detail: "several disputes are open; name one")])
        }
        guard let id = dispatch ?? open.first?.dispatch else { throw .refused(.notInDispute) }
        switch (verdict, to) {
        case (.uphold, nil): return .adjudicate(id, .uphold, reason: reason)
        case (.reassign, let to?): return .adjudicate(id, .reassign(to: to, dispatch: ids.next()), reason: reason)
        case (.uphold, _): throw .invalid([.init(pointer: "#/to", code: "unexpected-member", detail: "only a reassignment names a unit")])
        case (.reassign, nil): throw .invalid([.init(pointer: "#/to", code: "missing-member", detail: "a reassignment names a unit")])
        }
    }

    /// The case that this one is merged into must be somebody's work, in the same street, and one that the same unit can see.
    private func merge(
        _ target: CaseOrder.Target, _ one: Case, into other: Case?, _ worker: CaseWorker
    ) throws(Problem) -> CaseCommand {
        let isItself = if case .id(one.id) = target { true } else { target.number == one.number }
        if isItself { return .merge(into: one.id, number: one.number) }
        guard let other, worker.sees(other) else {
            throw Problem(
                422, "invalid", title: Problem.Title(Text.noSuchCase.chinese, Text.noSuchCase.english),
                detail: "There is no case of that number among yours.",
                errors: [.init(pointer: "#/into", code: "no-such-case", detail: "there is no open case of that name")])
        }
        guard !other.state.isFinal, other.place.street == one.place.street else { throw .refused(.mergeTarget) }
        return .merge(into: other.id, number: other.number)
    }
}

extension Problem {
    /// 409 with the table's own code.
    static func refused(_ refusal: CaseRefusal) -> Problem {
        Problem(409, refusal.code, title: Problem.Title(refusal.chinese, refusal.english), detail: refusal.english)
    }
}

extension CaseReport {
    /// The first of these photos that is not one of this case: an id says nothing about who may use it.
    func foreign(among photos: [PhotoID]) -> Int? { photos.firstIndex { !self.photos.contains($0) } }
}

extension CaseOrder {
    /// Refuses ids in the body that are not this case's own.
    func check(belongingTo file: CaseFile) throws(Problem) {
        guard case .answer(_, let photos, _) = self, let place = file.report.foreign(among: photos) else { return }
        throw .invalid([.init(pointer: "#/photos/\(place)", code: "no-such-photo", detail: "the case has no such photo")])
    }
}

/// `If-Match`: the case must still have one of these versions. Weak tags never match, as RFC 9110 says.
struct VersionCondition: Sendable {
    private let tags: [String]

    init(_ header: String) {
        tags = header.split(separator: ",").map { part in
            String(part.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        }
    }

    func allows(_ version: Int) -> Bool { tags.contains("*") || tags.contains(Self.tag(version)) }

    static func tag(_ version: Int) -> String { "\"\(version)\"" }
}
