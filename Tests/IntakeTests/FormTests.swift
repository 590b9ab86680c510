import Contracts
import Postgres
import TestKit
import Testing

@testable import Intake

private let browser = [("Accept", "text/html,*/*;q=0.8"), ("Accept-Language", "zh-CN")]

extension IntakeService {
    @Suite struct `The plate's form` {
        private func post(_ world: World, _ form: Form, to path: String = "/q/\(World.plate)") async throws -> RawResponse {
            var request = Request.form(form, path: path)
            request.headers += browser
            return try await world.send(request)
        }

        @Test func `what fails outside a field comes back with all that was typed`() async throws {
            let typed = Form(["key": "k", "category": World.category, "elsewhere": "往东第二根", "phone": "13800138000"])
            let words = Array("灯杆下有洞".utf8)
            let whole = typed.with("text", words)
            let cases: [(String, Form, Int)] = [
                ("NUL", typed.with("text", words + [0] + words), 422), ("broken UTF-8", typed.with("text", words + [0xC3, 0x28]), 422),
                ("a field nobody knows", whole.with("colour", [0x61]), 422), ("a field twice", whole.with("text", [0x61]), 422),
                ("a bad key", Form(["key": "a b", "elsewhere": "往东第二根", "phone": "13800138000"]).with("text", words), 400),
                ("a text far too long", typed.with("text", words + [UInt8](repeating: 0x61, count: 20_000)), 422),
                ("a photo of 13 MiB", typed.with(photos: [UInt8](repeating: 0xFF, count: 13 << 20)).with("text", words), 413),
            ]
            try await World.with { world in
                for (what, form, status) in cases {
                    let page = try await post(world, form)
                    #expect(page.status == status && page.text.contains("data-report"), "\(what): \(page.status)")
                    for text in ["灯杆下有洞", "往东第二根", "13800138000"] { #expect(page.text.contains(text), "\(what): \(text)") }
                    #expect(page.text.contains("class=\"errors\"") && !page.text.contains("There is"), "\(what)")
                }
                #expect(try await world.rows() == [0, 0, 0, 0])
            }
        }

        @Test func `a form whose end is missing is shown again as far as it came`() async throws {
            try await World.with { world in
                let form = Form(["key": "k", "phone": "13800138000", "text": "灯杆下有洞"])
                var request = Request.form(form, path: "/q/\(World.plate)")
                request.body = Array(form.bytes.dropLast(20))
                request.headers += browser
                let page = try await world.send(request)
                #expect(page.status == 400 && page.text.contains("13800138000") && page.text.contains("有一部分内容没有读出来"))
            }
        }

        @Test func `a page left open tells how its report stands, and reports anew once that is over`() async throws {
            try await World.with { world in
                let form = Form(["key": "left-open", "category": World.category])
                let first = try #require(try await post(world, form).header("location"))
                #expect(first.hasSuffix("?new=1"))
                #expect(try await post(world, form).header("location") == first)
                world.clock.advance(.seconds(3600))
                let later = try await post(world, form)
                #expect(later.header("location") == String(first.dropLast(6)))
                #expect(try await world.rows()[0] == 1)

                let rows = try await world.pool.query("SELECT id, number FROM ticket") { row in
                    (try row["id"] as TicketID, try row["number"] as String)
                }
                let filed = try #require(rows.first)
                let samples = CaseEventSamples(id: filed.0, number: filed.1)
                try await world.hear(samples.events(["case.closed"]))
                let second = try #require(try await post(world, form).header("location"))
                #expect(second.hasSuffix("?new=1") && second != first)
                #expect(try await post(world, form).header("location") == second)
                #expect(try await world.rows()[0] == 2)
                #expect(try await world.get(second, browser).text.contains("已收到"))
            }
        }

        @Test func `a text that the page lets pass is taken, its line breaks as one character`() async throws {
            try await World.with { world in
                let lines = (0..<15).map { String(repeating: $0 == 0 ? "😀" : "字", count: 65) }
                let text = lines.joined(separator: "\r\n")
                let answer = try await post(world, Form(["text": text, "elsewhere": String(repeating: "东", count: 200)]))
                #expect(answer.status == 303)
                let stored = try #require(try await world.pool.query("SELECT words FROM ticket", as: String.self).first)
                #expect(stored.hasPrefix(lines.joined(separator: "\n")) && !stored.utf8.contains(13))
                for (count, status) in [(1000, 201), (1001, 422)] {
                    let words = String(repeating: "灯\\r\\n", count: count)
                    let sent = try await world.send(.json(#"{"plate":"\#(World.plate)","text":"\#(words)"}"#))
                    #expect(sent.status == status)
                }
            }
        }

        @Test(arguments: [
            "/q/ANWVVR1E?x=100%", "/q/ANWVVR1E?lang=zh&lang=en", "/?from=singlemessage&isappinstalled=0", "/?%", "/problems/busy?%zz",
        ]) func `chat apps may add to an address what they please`(path: String) async throws {
            try await World.with { world in
                let page = try await world.get(path, browser)
                #expect(page.status == 200 && page.header("content-type")?.hasPrefix("text/html") == true)
                let filed = try await world.file()
                #expect(try await world.get(filed.link + "?new=1&from=groupmessage&x=100%", browser).status == 200)
                #expect(try await post(world, Form(["category": World.category]), to: "/q/\(World.plate)?x=100%").status == 303)
            }
        }
    }

    @Suite struct `The channel of a report` {
        private func send(_ world: World, _ channel: String, _ token: String?, form: Bool) async throws -> RawResponse {
            var request =
                form
                ? Request.form(Form(["plate": World.plate, "category": World.category, "channel": channel]))
                : Request.json(#"{"plate":"\#(World.plate)","category":"\#(World.category)","channel":"\#(channel)"}"#)
            if let token { request.headers.append(("Authorization", "Bearer \(token)")) }
            return try await world.send(request)
        }

        @Test(arguments: [false, true]) func `follows from the door and who asks, never from a claim alone`(form: Bool) async throws {
            let table: [(channel: String, token: String?, status: Int)] = [
                ("web", nil, 201), ("wechat", nil, 201), ("plate", nil, 201), ("hotline", nil, 401), ("hotline", "forged", 401),
                ("counter", nil, 401), ("grid", nil, 401), ("open311", nil, 422), ("import", nil, 422), ("sensor", nil, 422),
                ("proactive", nil, 422), ("hotline", World.staffToken, 403), ("grid", World.staffToken, 201),
                ("counter", World.staffToken, 201), ("sensor", World.staffToken, 422), ("hotline", World.callerToken, 201),
                ("counter", World.callerToken, 403), ("web", "forged", 201),
            ]
            try await World.with { world in
                for row in table {
                    let answer = try await send(world, row.channel, row.token, form: form)
                    #expect(answer.status == row.status, "\(row.channel) \(row.token ?? "-"): \(answer.text)")
                    if answer.status != 201 { #expect(answer.text.contains("channel")) }
                }
                let filed = try await world.pool.query("SELECT channel FROM ticket ORDER BY submitted_at, number", as: String.self)
                #expect(filed == table.filter { $0.status == 201 }.map(\.channel))
            }
        }

        @Test func `a cookie claims nothing, and a point is no plate`() async throws {
            try await World.with { world in
                let body = #"{"plate":"\#(World.plate)","category":"\#(World.category)","channel":"hotline"}"#
                let cookie = Request.json(body).with("Cookie", "shao_staff=\(World.callerToken)")
                let claimed = try await world.send(cookie)
                #expect(claimed.status == 401)
                let point = #"{"point":{"lat":31.2,"lng":121.4},"text":"a","channel":"plate"}"#
                #expect(try await world.send(.json(point)).member("code") == "channel-not-open")
                #expect(try await world.rows()[0] == 0)
            }
        }

        @Test func `the plate's page says plate, whatever its form claims`() async throws {
            try await World.with { world in
                let form = Form(["category": World.category, "channel": "hotline"])
                let answer = try await world.send(.form(form, path: "/q/\(World.plate)"))
                #expect(answer.status == 303)
                #expect(try await world.pool.query("SELECT channel FROM ticket", as: String.self) == ["plate"])
            }
        }
    }
}
