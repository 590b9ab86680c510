import Contracts
import HTTP
import JSON
import ServiceKit

/// A case as staff and programs read it.
struct CaseView: Sendable {
    let city: CurrentCity
    let eventMapper: CaseEventMapper
    /// The address of a photo of a case.
    let photo: @Sendable (PhotoID, CaseID) -> String

    func answer(_ file: CaseFile, for worker: CaseWorker) -> HTTPResponse {
        HTTPResponse.json(document(file, for: worker)).with("ETag", VersionCondition.tag(file.serviceCase.version))
            .with("Cache-Control", "no-store")
    }

    func document(_ file: CaseFile, for worker: CaseWorker) -> CaseDetail {
        CaseDetail(
            snapshot: eventMapper.snapshot(file.serviceCase, version: file.serviceCase.version), serviceCase: file.serviceCase,
            report: file.report,
            photos: file.report.photos.map { photo($0, file.serviceCase.id) }, actions: actions(file.serviceCase, for: worker))
    }

    /// What this unit may do now.
    func actions(_ serviceCase: ServiceCase, for worker: CaseWorker) -> [any StaffAction.Type] {
        CaseActions.staff.filter { serviceCase.allows($0, by: worker.actor) }
    }
}

/// `GET /v1/cases/{id}`: the contract's snapshot, and what only those who work on it need.
struct CaseDetail: JSONObjectEncodable {
    let snapshot: CaseSnapshot
    let serviceCase: ServiceCase
    let report: CaseReport
    let photos: [String]
    let actions: [any StaffAction.Type]

    func write(members o: inout JSONObjectWriter) {
        o.member("case", snapshot)
        o.member("placeName", serviceCase.place.name)
        o.member("text", report.text)
        o.member("photos", photos)
        o.member("reason", CaseFile(serviceCase: serviceCase, report: report).reason)
        o.object("routing") { r in
            r.member("level", serviceCase.routing.level.rawValue)
            r.member("lead", serviceCase.routing.lead)
            r.member("coHandlers", serviceCase.routing.coHandlers)
            r.member("departmentOnly", serviceCase.routing.isDepartmentOnly)
            r.member("basis", serviceCase.routing.basis)
            r.member("row", serviceCase.routing.row)
            r.member("version", serviceCase.routing.version)
            r.member("alarm", serviceCase.routing.alarm?.reason)
        }
        o.member("dispatches") { $0.array { list in for dispatch in serviceCase.dispatches { list.object { Self.write(dispatch, &$0) } } } }
        o.member("disputes") { $0.array { list in for dispute in serviceCase.disputes { list.object { Self.write(dispute, &$0) } } } }
        o.member("suspendedUntil", serviceCase.suspension?.until)
        o.member("proposedEnding", serviceCase.proposedEnding)
        o.member("supervision", serviceCase.supervision.rawValue)
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
