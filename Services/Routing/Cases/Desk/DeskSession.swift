import Contracts
import Crypto
import HTTP
import ServiceKit

extension Problem.Title {
    /// The form is older than the session or the case.
    static let changedMeanwhile = Problem.Title("内容已被他人更新", "Somebody changed it meanwhile")
    static let openPageAgain = Problem.Title("请重新打开页面再提交", "Open the page again, then send the form")
}

/// Who sits at a desk: the member of staff of the cookie, and the proof that a form came from one of our own pages.
struct DeskSession: Sendable {
    let worker: CaseWorker
    let csrf: String

    /// Nothing without a valid cookie, or for a role that has no desk.
    init?(_ request: HTTPRequest, _ staff: StaffDirectory, as roles: Set<StaffRole>) {
        guard let token = StaffDirectory.cookieToken(of: request), let member = try? staff.member(token: token, shownBy: request)
        else { return nil }
        self.init(member, token, as: roles)
    }

    /// Nothing for a role that has no desk.
    init?(_ member: StaffMember, _ token: String, as roles: Set<StaffRole>) {
        guard let worker = try? CaseWorker(member, as: roles) else { return nil }
        self.worker = worker
        csrf = StaffDirectory.formProof(of: token)
    }

    /// Whether a form carries this session's proof. Only who knows the token can make one, and scripts cannot read it.
    func check(_ form: Parameters) throws(Problem) { try Self.check(form, against: csrf) }

    static func check(_ form: Parameters, against proof: String) throws(Problem) {
        guard let given = try form.one("csrf"), constantTimeEqual(Array(given.utf8), Array(proof.utf8)) else {
            throw Problem(403, "form-not-ours", title: .openPageAgain, detail: "The form's token does not fit your sign-in.")
        }
    }
}
