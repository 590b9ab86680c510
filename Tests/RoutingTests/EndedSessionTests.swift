import Contracts
import PageForms
import TestKit
import Testing

@testable import Routing

/// What becomes of what was typed at a desk when it cannot be taken.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct EndedSessionTests {
    private let form = "Content-Type: application/x-www-form-urlencoded"
    private let words = "井盖不在我社区\n请转街道 <三号>"

    /// A refusal as it was filled in; and it, sent when the session had ended.
    private func typed(_ desk: TestDesk, _ id: CaseID) async throws -> PageForm {
        var filled = try await desk.form(id, "decline", as: "community", queue: "reported")
        try filled.fill(["reason": [words]])
        return filled
    }

    private func post(_ desk: TestDesk, _ form: PageForm, _ more: [String] = []) async throws -> RawResponse {
        try await desk.exchange("POST \(form.action)", [self.form] + more, body: form.encoded)
    }

    private func signIn(in page: RawResponse, _ token: String) throws -> PageForm {
        var form = try #require(PageForm.all(in: page.text).first { $0.action == "/sign-in" })
        try form.fill(["token": [token]])
        return form
    }

    @Test(arguments: [[], ["Cookie: shao_staff=ended"]])
    func `who signs in again finds what was typed in the case's form, and sends it from there`(cookies: [String]) async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            let asked = try await post(desk, try await typed(desk, id), cookies)
            #expect(asked.status == 401 && asked.text.contains("登录已过期") && asked.text.contains("&lt;三号&gt;"))
            #expect(asked.header("location") == nil && asked.header("cache-control") == "no-store")
            let wrong = try await post(desk, try signIn(in: asked, "nobody"))
            #expect(wrong.status == 422 && wrong.text.contains("口令不对"))
            for other in ["neighbour", "street", "admin"] {
                let refused = try await post(desk, try signIn(in: wrong, other))
                #expect(refused.status == 422 && refused.text.contains("请用原来的口令登录") && refused.header("set-cookie") == nil, "\(other)")
            }
            let back = try await post(desk, try signIn(in: wrong, "community"))
            #expect(back.status == 200 && back.header("set-cookie")?.contains("shao_staff=community") == true)
            #expect(back.text.contains("还没有提交") && back.text.contains("href=\"/community/\(id)?lang=en\""))
            #expect(try await desk.file(id).serviceCase.state == .reported, "nothing is done by signing in")
            let again = try #require(PageForm.all(in: back.text).last { $0.action == "/community/\(id)/decline" })
            #expect(again["reason"]?.values == [words] && again["queue"]?.values == ["reported"])
            #expect(try await desk.send(again, as: "community").status == 303)
            #expect(try await desk.file(id).serviceCase.state == .declined)
        }
    }

    @Test func `a form of an earlier session comes back in the page of this one`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            let stale = try await typed(desk, id).encoded.replacing(/csrf=[^&]+/, with: "csrf=earlier")
            let page = try await desk.exchange(
                "POST /community/\(id)/decline", [form, "Cookie: shao_staff=community", "Accept: text/html"], body: stale)
            #expect(page.status == 403 && page.text.contains("请重新打开页面再提交"))
            let again = try #require(PageForm.all(in: page.text).last { $0.action == "/community/\(id)/decline" })
            #expect(again["reason"]?.values == [words])
            #expect(try await desk.file(id).serviceCase.state == .reported)
        }
    }

    @Test func `what fails where staff work leads back to where they were`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            let staff = ["Accept: text/html", "Cookie: shao_staff=community"]
            let table: [(head: String, fields: [String], body: String, status: Int, back: String)] = [
                ("POST /community/\(id)/decline", [form], "reason=a&reason=%00", 400, "/community/\(id)\">回到工单"),
                ("POST /community/\(id)/decline", ["Content-Type: text/plain"], "x", 415, "/community/\(id)\">回到工单"),
                ("POST /community/\(id)/nothing", [form], "", 404, "/community\">回到工作台"),
                ("POST /community/x/decline", [form], "", 404, "/community\">回到工作台"),
                ("GET /community/\(desk.ids.next() as CaseID)", [], "", 404, "/community\">回到工作台"),
                ("POST /sign-out", [form], "csrf=wrong", 403, "/sign-in\">回到登录"),
            ]
            for (head, fields, body, status, back) in table {
                let page = try await desk.exchange(head, staff + fields, body: body)
                #expect(page.status == status, "\(head): \(page.status)")
                #expect(page.text.contains("href=\"\(back)</a>") && !page.text.contains("回到首页"), "\(head)")
            }
        }
    }
}
