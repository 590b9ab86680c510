import Contracts
import HTTP
import Pages
import ServiceKit

/// `/sign-in` and `/sign-out`: staff show the token that the street gave them; the cookie keeps it for a working day.
struct SignIn: Sendable {
    let staff: StaffDirectory
    let site: Site
    let city: CurrentCity
    let isSecure: Bool
    let desk: WorkAtDesk

    /// Twelve hours.
    private static let seconds = 43_200

    func show(_ request: HTTPRequest) throws -> HTTPResponse {
        let visit = try site.visit(request)
        let page = StaffSignInPage(next: Self.safe(try request.query("next")))
        return site.page(page.html(for: visit), for: visit)
    }

    /// A form that came without a session is shown again in its case's page, for whoever may work on that case.
    func enter(_ request: HTTPRequest) async throws -> HTTPResponse {
        let form = try request.form()
        let next = Self.safe(try form.one("next"))
        let carried = try CarriedForm(signIn: form)
        guard let token = try form.one("token")?.filter({ !$0.isWhitespace }), let member = try staff.member(token: token, shownBy: request)
        else { return try again(request, next, carried, .wrongToken) }
        if let carried {
            guard let page = try await desk.resume(carried, member, token, request) else {
                return try again(request, next, carried, .otherToken)
            }
            return page.with("Set-Cookie", cookie(token, seconds: Self.seconds))
        }
        let address = next == "/" ? PagePath.desk(Self.desk(of: member.role)).description : next
        return HTTPResponse.redirect(address).with("Set-Cookie", cookie(token, seconds: Self.seconds)).with("Cache-Control", "no-store")
    }

    private func again(_ request: HTTPRequest, _ next: String, _ carried: CarriedForm?, _ wrong: Text) throws -> HTTPResponse {
        let visit = try site.visit(request)
        let page = StaffSignInPage(next: next, carried: carried, errors: FormErrors(["token": wrong]))
        return site.page(page.html(for: visit), for: visit, status: 422)
    }

    /// `GET /sign-out`: the button, for who comes by an address; `POST`: the end of the session, from one of our own pages only.
    func askToLeave(_ request: HTTPRequest) throws -> HTTPResponse {
        guard let token = StaffDirectory.cookieToken(of: request), let member = staff.member(token: token) else { return toSignIn }
        let visit = try site.visit(request)
        let page = StaffSignOutPage(signOut: SignOut(name(of: member), proof: StaffDirectory.formProof(of: token)))
        return site.page(page.html(for: visit), for: visit)
    }

    func leave(_ request: HTTPRequest) throws -> HTTPResponse {
        guard let token = StaffDirectory.cookieToken(of: request) else { return toSignIn }
        try DeskSession.check(try request.form(), against: StaffDirectory.formProof(of: token))
        return toSignIn.with("Set-Cookie", cookie("", seconds: 0))
    }

    /// The unit, as people know it; an organisation without a desk stands for itself.
    private func name(of member: StaffMember) -> String {
        (try? CaseWorker(member, as: CaseWorker.reading)).map { city.now.name(of: $0.unit) } ?? member.name
    }

    private var toSignIn: HTTPResponse { .redirect(.signIn()).with("Cache-Control", "no-store") }

    private func cookie(_ token: String, seconds: Int) -> String {
        "\(StaffDirectory.cookie)=\(token); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Lax\(isSecure ? "; Secure" : "")"
    }

    private static func desk(of role: StaffRole) -> PagePath.Desk { role == .community ? .community : .street }

    /// A path of this site: anything else would make the sign-in page a way to other people's sites.
    static func safe(_ next: String?) -> String {
        guard let next, next.hasPrefix("/"), !next.hasPrefix("//"), next.utf8.count <= 512,
            next.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return "/" }
        return next
    }
}
