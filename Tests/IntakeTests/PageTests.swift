import Contracts
import Postgres
import TestKit
import Testing

@testable import Intake

private let browser = [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"), ("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8")]

extension IntakeService {
    @Suite struct `Pages of intake` {
        private func post(_ world: World, _ form: Form) async throws -> RawResponse {
            var request = Request.form(form, path: "/q/\(World.plate)")
            request.headers += browser
            return try await world.send(request)
        }

        @Test func `a plate is scanned, reported at, and leads to the result with its place and link`() async throws {
            try await World.with { world in
                let page = try await world.get("/q/anwvvr1e", browser)
                #expect(page.status == 200 && page.text.contains("彩虹路 12 号灯杆") && page.text.contains("彩虹一社区"))
                let key = try #require(page.text.split(separator: "name=\"key\" value=\"").last?.prefix { $0 != "\"" })
                let form = Form(["key": String(key), "category": World.category, "text": "", "elsewhere": "", "phone": ""]).with(
                    "photo", [])
                let answer = try await post(world, form)
                #expect(answer.status == 303)
                let location = try #require(answer.header("location"))
                #expect(location.hasSuffix("?new=1"))
                let result = try await world.get(location, browser)
                #expect(result.text.contains("彩虹路 12 号灯杆") && result.text.contains("15 小时内会有人回复"))
                #expect(result.text.contains("http://caihong.example:8080/s/"))
                // Twice pressed is once sent.
                #expect(try await post(world, form).header("location") == location)
                #expect(try await world.rows()[0] == 1)
                let other = Form(["key": String(key), "category": World.category, "text": "另一件"])
                let again = try await post(world, other)
                #expect(again.status == 422 && again.text.contains("这一页已经提交过一次") && !again.text.contains("value=\"\(key)\""))
            }
        }

        @Test func `what was typed comes back with the errors, also when a photo is too large`() async throws {
            try await World.with { world in
                let form = Form(["key": "k"]).with(photos: [UInt8](repeating: 0xFF, count: 13 << 20))
                    .with("text", Array("箱盖<开>着".utf8)).with("phone", Array("13800138000".utf8)).with(
                        "category", Array(World.category.utf8))
                let page = try await post(world, form)
                #expect(page.status == 413 && page.header("content-type")?.hasPrefix("text/html") == true)
                #expect(page.text.contains("照片要小于 12 MB") && page.text.contains("箱盖&lt;开&gt;着") && page.text.contains("13800138000"))
                #expect(try await world.rows() == [0, 0, 0, 0])
                let many = try await post(world, Form().with(photos: [1], [2], [3], [4]))
                #expect(many.status == 422 && many.text.contains("最多三张照片"))
            }
        }

        @Test func `a recent report at the plate is shown, and 我也遇到 files one that names it`() async throws {
            try await World.with { world in
                let first = try await world.file()
                #expect(try await world.get("/q/\(World.plate)", browser).text.contains(first.number))
                let answer = try await post(world, Form(["key": "k-also", "also": first.number]))
                #expect(answer.status == 303)
                let event = try #require(try await world.events().last)
                #expect(event.payload.contains("同 \(first.number)") && event.payload.contains(World.category))
                let unknown = try await post(world, Form(["key": "k-2", "also": "GD-20261121-000999-1"]))
                #expect(unknown.status == 422)
                // What was filled in goes along, and the form alone is another report.
                let full = Form(["key": "k-3", "also": first.number, "text": "我家门口也是", "phone": "13800138000"])
                    .with(photos: SmallPNG.plain(4, 4))
                #expect(try await post(world, full).status == 303)
                let words = try await world.pool.query("SELECT words FROM ticket ORDER BY number DESC LIMIT 1", as: String.self)
                #expect(words == ["同 \(first.number)\n我家门口也是"])
                #expect(try await world.rows()[2...] == [1, 1])
                #expect(try await post(world, Form(["key": "k-3", "category": World.category, "text": "另一件"])).status == 303)
                // What is wrong with it brings all of it back.
                let wrong = try await post(world, Form(["key": "k-4", "also": first.number, "text": "门口", "phone": "12"]))
                #expect(wrong.status == 422 && wrong.text.contains("门口</textarea>") && wrong.text.contains("value=\"12\""))
                // Over is over, and old is old.
                for filed in [first] + [try Filed(try await world.send(.json(#"{"plate":"ANWVVR1E","category":"E06010"}"#)))] {
                    try await world.hear(CaseEventSamples(filed).events(["case.closed"]))
                }
                world.clock.advance(.seconds(8 * 86_400))
                #expect(!(try await world.get("/q/\(World.plate)", browser).text.contains("我也遇到")))
            }
        }

        @Test func `the start page leads on by link and plate, never by number alone`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                #expect(try await world.get("/", browser).text.contains("工单号本身打不开工单"))
                #expect(try await world.get("/?find=\(World.plate.lowercased())", browser).header("location") == "/q/\(World.plate)")
                let address = "http%3A%2F%2Fcaihong.example%3A8080%2Fs%2F\(filed.token)%3Fnew%3D1"
                #expect(try await world.get("/?find=\(address)", browser).header("location") == filed.link)
                let number = try await world.get("/?find=\(filed.number)", browser)
                #expect(number.status == 200 && number.text.contains("只凭工单号不能查看内容") && !number.text.contains(filed.token))
                for odd in ["x", "", "%3Cscript%3E", "https%3A%2F%2Fevil.example%2Fs%2Fx"] {
                    let page = try await world.get("/?find=\(odd)", browser)
                    #expect(page.header("location") == nil && !page.text.contains("<script>"))
                }
            }
        }

        @Test func `apps ask for a plate's place and chips`() async throws {
            try await World.with { world in
                let answer = try await world.get("/v1/plates/\(World.plate)")
                #expect(answer.status == 200 && answer.header("content-type") == "application/json")
                #expect(answer.text.contains("\"community_name\":\"彩虹一社区\"") && answer.text.contains(World.category))
                let unknown = try await world.get("/v1/plates/\(unknownPlate)")
                #expect(unknown.status == 404 && unknown.member("code") == "plate-unknown")
                #expect(try await world.get("/q/\(unknownPlate)", browser).text.contains("没有找到这块牌子"))
            }
        }

        @Test func `a browser gets a page for a problem, everybody else problem+json`() async throws {
            try await World.with { world in
                let page = try await world.get("/s/nothing", browser)
                #expect(page.status == 404 && page.header("content-type")?.hasPrefix("text/html") == true)
                #expect(page.text.contains("未找到") && page.text.contains("tel:12345"))
                #expect(page.header("content-security-policy")?.contains("default-src 'none'") == true)
                #expect(try await world.get("/s/nothing").header("content-type") == "application/problem+json")
                #expect(try await world.get("/problems/no-such-code", browser).status == 404)
                let english = try await world.get("/problems/busy?lang=en", browser)
                #expect(english.text.contains("will not count twice") && english.text.contains("lang=\"en\""))
            }
        }
    }
}
