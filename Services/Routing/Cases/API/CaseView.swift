import Contracts
import HTTP
import JSON
import ServiceKit

/// A case as staff and programs read it.
struct CaseView: Sendable {
    let city: City
    let news: CaseNews
    /// The address of a photo of a case.
    let photo: @Sendable (PhotoID, CaseID) -> String

    func answer(_ file: CaseFile, for worker: CaseWorker) -> HTTPResponse {
        HTTPResponse.json(document(file, for: worker)).with("ETag", VersionCondition.tag(file.one.version))
            .with("Cache-Control", "no-store")
    }

    func document(_ file: CaseFile, for worker: CaseWorker) -> CaseDetail {
        CaseDetail(
            snapshot: news.snapshot(file.one, version: file.one.version), one: file.one, report: file.report,
            photos: file.report.photos.map { photo($0, file.one.id) }, actions: actions(file.one, for: worker))
    }

    /// What this unit may do now.
    func actions(_ one: Case, for worker: CaseWorker) -> [any StaffAction.Type] {
        CaseActions.staff.filter { one.allows($0, by: worker.actor) }
    }
}

/// `GET /v1/cases/{id}`: the contract's snapshot, and what only those who work on it need.
struct CaseDetail: JSONObjectEncodable {
    let snapshot: CaseSnapshot
    let one: Case
    let report: CaseReport
    let photos: [String]
    let actions: [any StaffAction.Type]

    func write(members o: inout JSONObjectWriter) {
        o.member("case", snapshot)
        o.member("placeName", one.place.name)
        o.member("text", report.text)
        o.member("photos", photos)
        o.member("reason", CaseFile(one: one, report: report).reason)
        o.object("routing") { r in
            r.member("level", one.routing.level.rawValue)
            r.member("lead", one.routing.lead)
            r.member("coHandlers", one.routing.coHandlers)
            r.member("departmentOnly", one.routing.isDepartmentOnly)
            r.member("basis", one.routing.basis)
            r.member("row", one.routing.row)
            r.member("version", one.routing.version)
            r.member("alarm", one.routing.alarm?.reason)
        }
        o.member("dispatches") { $0.array { list in for dispatch in one.dispatches { list.object { Self.write(dispatch, &$0) } } } }
        o.member("disputes") { $0.array { list in for dispute in one.disputes { list.object { Self.write(dispute, &$0) } } } }
        o.member("suspendedUntil", one.suspension?.until)
        o.member("proposedEnding", one.proposedEnding)
        o.member("mergedInto", one.mergedInto)
        o.member("joined", one.joined)
        o.member("supervision", one.supervision.rawValue)
        o.member("actions", actions.map { $0.name })
    }

    private static func write(_ dispatch: Dispatch, _ o: inout JSONObjectWriter) {
        o.member("dispatch", dispatch.id)
        o.member("department", dispatch.department)
        o.member("role", dispatch.role)
        o.member("stage", dispatch.stage.rawValue)
        o.member("calledAt", dispatch.calledAt)
        o.member("signedAt", dispatch.signedAt)
        o.member("signedByRule", dispatch.isSignedByRule)
        o.member("arrivedAt", dispatch.arrivedAt)
        o.member("completedAt", dispatch.completedAt)
    }

    private static func write(_ dispute: Dispute, _ o: inout JSONObjectWriter) {
        o.member("dispatch", dispute.dispatch)
        o.member("department", dispute.department)
        o.member("ground", dispute.ground)
        o.member("text", dispute.text)
        o.member("at", dispute.at)
        o.member("court", dispute.court.rawValue)
        o.member("verdict", dispute.verdict)
    }
}
