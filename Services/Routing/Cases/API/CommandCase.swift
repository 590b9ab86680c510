import Actions
import Contracts
import EventLog
import HTTP
import JSON
import Pages
import Postgres
import ServiceKit
import Telemetry

/// `POST /v1/cases/{id}/<action>`: one transaction locks the case, decides, writes and tells everybody.
///
/// 404 for a case that is not the unit's business, 409 with the case's refusal, 422 with the fields that are wrong, 428 without `If-Match` (nobody decides what he has
/// not seen; `*` says so on purpose), 412 when it names another version than the case has by now; then nothing was changed.
struct CommandCase: Sendable {
    let pool: PostgresPool
    let execute: ExecuteCaseCommand
    let staff: StaffDirectory
    let view: CaseView
    let damaged: DamagedCases

    func handle(_ request: HTTPRequest, _ action: any StaffAction.Type) async throws -> HTTPResponse {
        let worker = try CaseWorker(request, staff)
        let id = try request.pathParameter("id") { CaseID($0) }
        let action = try Self.read(action, request)
        guard let condition = request.header("if-match").map(VersionCondition.init) else {
            throw Problem(
                428, "if-match-missing",
                detail: "Send If-Match with the ETag of the case as you saw it, or * to act on any version.")
        }
        do {
            let file = try await perform(action, on: id, by: worker, if: condition)
            CrashPoint.pass(.routingAfterCommand)
            return view.answer(file, for: worker)
        } catch let refusal as CaseRefusal { throw Problem.refused(refusal) }
    }

    private static func read(_ action: any StaffAction.Type, _ request: HTTPRequest) throws(Problem) -> any StaffAction {
        let input = try request.input(for: action.fields)
        do { return try action.init(input) } catch { throw Problem.invalid(error) }
    }

    /// Throws the refusal of the case, or the problem with the request.
    func perform(
        _ action: any StaffAction, on id: CaseID, by worker: CaseWorker, if condition: VersionCondition?
    ) async throws -> CaseFile {
        try await pool.transaction { transaction in
            let (found, other) = try await lock(id, action, worker, &transaction)
            guard let file = found, worker.sees(file.serviceCase) else { throw FindCase.unknown }
            if let condition, !condition.allows(file.serviceCase.version) {
                throw Problem(
                    412, "version-changed", title: .changedMeanwhile, detail: "The case has version \(file.serviceCase.version) by now."
                )
                .with("ETag", VersionCondition.tag(file.serviceCase.version))
            }
            if let place = file.report.foreign(among: action.photos) { throw CaseRefusal.noSuchPhoto(at: place) }
            let visible = other.flatMap { worker.sees($0.serviceCase) ? $0 : nil }
            let kinds = type(of: action).looksBackOn
            let notes = kinds.isEmpty ? [] : try await transaction.query(NoteQueries.all(of: id, kinds), as: CaseNote.self)
            let after = try execute.perform(action, by: worker.actor, on: file, and: visible, notes: notes, in: &transaction)
            CrashPoint.pass(.routingMidCommand)
            return CaseFile(serviceCase: after, report: file.report)
        }
    }

    /// The case, and the one that it is merged into or was: both locked in one order for all, so that two merges that cross wait
    /// for each other instead of ending both cases.
    private func lock(
        _ id: CaseID, _ action: any StaffAction, _ worker: CaseWorker, _ transaction: inout PostgresTransaction
    ) async throws -> (CaseFile?, CaseFile?) {
        let other = try await other(id, action, &transaction)
        let found = try await transaction.lockCases(.tickets([id] + [other].compactMap { $0 == id ? nil : $0 }))
        var files: [CaseID: CaseFile] = [:]
        for stored in found {
            do throws(CaseDamaged) { files[stored.ticket] = try stored.file } catch {
                // Who may not see it learns nothing of it.
                guard try await transaction.query(CaseQueries.isSeen(error.ticket, by: worker.unit), as: Bool.self).first == true else {
                    continue
                }
                damaged.report(error)
                throw Problem.damaged(error)
            }
        }
        return (files[id], other == id ? nil : other.flatMap { files[$0] })
    }

    private func other(_ id: CaseID, _ action: any StaffAction, _ transaction: inout PostgresTransaction) async throws -> CaseID? {
        switch action.other {
        case .id(let other): other
        case .number(let number): try await transaction.query(CaseQueries.find(number), as: CaseID.self).first
        case .mergedInto: try await transaction.query(CaseQueries.mergedInto([id])) { row in try row["merged_into"] as CaseID }.first
        case nil: nil
        }
    }
}

extension Problem {
    /// 409 with the case's own code; 422 when a field is wrong.
    static func refused(_ refusal: CaseRefusal) -> Problem {
        let title = Problem.Title(refusal.chinese, refusal.english)
        guard let field = refusal.field else { return Problem(409, refusal.code, title: title, detail: refusal.english) }
        return Problem(
            422, "invalid", title: title, detail: refusal.english,
            errors: [.init(pointer: "#/\(field)", code: refusal.code, detail: refusal.english)])
    }
}

extension CaseReport {
    /// The first of these photos that is not one of this case: an id says nothing about who may use it.
    func foreign(among photos: [PhotoID]) -> Int? { photos.firstIndex { !self.photos.contains($0) } }
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
