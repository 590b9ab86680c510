import Contracts
import ServiceKit
import TestKit
import Testing

@testable import Routing

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct DeskPageTests {
    private let form = "Content-Type: application/x-www-form-urlencoded"

    @Test func `who signs in gets a cookie that scripts cannot read, and nobody is sent elsewhere`() async throws {
        try await TestDesk.with { desk in
            #expect(try await desk.get("/community").status == 303)
            #expect(try await desk.get("/community").header("location") == "/sign-in?next=/community")
            #expect(try await desk.get("/sign-in").status == 200)
            let right = try await desk.exchange("POST /sign-in", [form], body: "token=community&next=%2F")
            #expect(right.status == 303 && right.header("location") == "/community")
            let cookie = right.header("set-cookie") ?? ""
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
            #expect(try await desk.exchange("POST /sign-in", [form], body: "token=nobody&next=%2F").status == 422)
            for next in ["%2F%2Fevil.test", "https%3A%2F%2Fevil.test", "%2F%5Cevil.test"] {
                let answer = try await desk.exchange("POST /sign-in", [form], body: "token=street&next=\(next)")
                #expect(answer.header("location") == "/street", "\(next)")
            }
        }
    }

    @Test func `only a form of the session's own pages signs out`() async throws {
        try await TestDesk.with { desk in
            let cookie = "Cookie: shao_staff=community"
            let shown = try await desk.exchange("GET /sign-out", [cookie])
            #expect(shown.status == 200 && shown.header("set-cookie") == nil)
            #expect(shown.text.contains(StaffDirectory.formProof(of: "community")))
            #expect(try await desk.exchange("POST /sign-out", [form, cookie], body: "").status == 403)
            #expect(try await desk.exchange("POST /sign-out", [form, cookie], body: "csrf=wrong").status == 403)
            let stranger = try await desk.exchange("POST /sign-out", [form], body: "csrf=x")
            #expect(stranger.status == 303 && stranger.header("set-cookie") == nil)
            let left = try await desk.exchange("POST /sign-out", [form, cookie], body: "csrf=\(StaffDirectory.formProof(of: "community"))")
            #expect(left.status == 303 && left.header("location") == "/sign-in")
            #expect(left.header("set-cookie")?.contains("Max-Age=0") == true)
            await withKnownIssue("11.18, mended in issue 14: the cookie is the token itself and opens the desk after the sign-out") {
                let again = try await desk.exchange("GET /community", [cookie])
                #expect(again.status == 303)
            }
        }
    }

    @Test func `a form does what the table allows, with the session's proof and the version that was seen`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            let cookie = "Cookie: shao_staff=community"
            let list = try await desk.exchange("GET /community?queue=reported", [cookie])
            #expect(list.status == 200 && list.text.contains(id.description))
            let page = try await desk.exchange("GET /community/\(id)", [cookie])
            #expect(page.status == 200 && page.text.contains("/community/\(id)/accept"))
            let proof = StaffDirectory.formProof(of: "community")
            #expect(page.text.contains(proof))
            let address = "POST /community/\(id)"
            #expect(try await desk.exchange("\(address)/accept", [form, cookie], body: "csrf=wrong&version=1").status == 403)
            #expect(try await desk.exchange("\(address)/accept", [form, cookie], body: "csrf=\(proof)&version=4").status == 412)
            #expect(try await desk.exchange("\(address)/accept", [form, cookie], body: "csrf=\(proof)&version=1").status == 303)
            #expect(try await desk.exchange("\(address)/accept", [form, cookie], body: "csrf=\(proof)&version=2").status == 409)
            #expect(try await desk.exchange("\(address)/answer", [form, cookie], body: "csrf=\(proof)&version=2&text=").status == 422)
            let whistle = "csrf=\(proof)&version=2&kind=tough&reason=%E9%9C%80%E8%A6%81"
            #expect(try await desk.exchange("\(address)/whistle", [form, cookie], body: whistle).status == 303)
            #expect(try await desk.file(id).serviceCase.whistle?.kind == .tough)
            let street = StaffDirectory.formProof(of: "street")
            let dispatch = "csrf=\(street)&version=3&lead=ludeng&coHandlers=paishui&coHandlers=shizheng&basis=x"
            let sent = try await desk.exchange("POST /street/\(id)/dispatch", [form, "Cookie: shao_staff=street"], body: dispatch)
            #expect(sent.status == 303)
            #expect(try await desk.file(id).serviceCase.dispatches.count == 3)
            let shown = try await desk.exchange("GET /street/\(id)?queue=all", ["Cookie: shao_staff=street"])
            #expect(shown.status == 200 && shown.text.contains("需要"))
        }
    }

    @Test func `a desk is for its own people only`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            #expect(try await desk.exchange("GET /community/\(id)", ["Cookie: shao_staff=neighbour"]).status == 404)
            #expect(try await desk.exchange("GET /street", ["Cookie: shao_staff=community"]).status == 303)
            #expect(try await desk.exchange("GET /street/\(id)", ["Cookie: shao_staff=elsewhere"]).status == 404)
            for queue in ["whistled", "disputed", "unclear", "due", "suspended", "all"] {
                #expect(try await desk.exchange("GET /street?queue=\(queue)", ["Cookie: shao_staff=street"]).status == 200)
            }
        }
    }
}
