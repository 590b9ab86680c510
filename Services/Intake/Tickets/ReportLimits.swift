import Contracts
import HTTP
import ServiceKit

/// How much one client may report through the open door, and how often one plate or one telephone number may be reported
/// with. A street behind one address, a school or a hotspot, stays far below; whoever shows a staff token is not limited.
struct ReportLimits: Sendable {
    private let reports: RateLimiter<ClientBlock>
    /// In MiB.
    private let uploads: RateLimiter<ClientBlock>
    private let plates: RateLimiter<PlateCode>
    private let phones: RateLimiter<String>
    private let staff: StaffDirectory

    init(_ service: Assembly) throws {
        reports = try service.rateLimiter("reports", "SHAO_REPORTS_PER_ADDRESS")
        uploads = try service.rateLimiter("uploads", "SHAO_UPLOADS_PER_ADDRESS")
        plates = try service.rateLimiter("plates", "SHAO_REPORTS_PER_PLATE")
        phones = try service.rateLimiter("phones", "SHAO_REPORTS_PER_PHONE")
        staff = service.staff
    }

    /// Before the body is read. Throws 429.
    func admit(request: HTTPRequest) throws(Problem) {
        if (try? staff.authenticate(request)) != nil { return }
        let client = request.clientBlock
        try reports.take(for: client)
        let bytes = request.header("content-length").flatMap { Double($0) } ?? Double(UploadedForm.limits.body)
        try uploads.take(bytes / Double(1 << 20), for: client)
    }

    /// What is about to be filed. Throws 429.
    func admit(report: Submit) throws(Problem) {
        if let plate = report.plate { try plates.take(for: plate) }
        if let phone = report.phone { try phones.take(for: phone) }
    }
}
