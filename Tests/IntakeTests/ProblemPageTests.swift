import Contracts
import ServiceKit
import TestKit
import Testing

@testable import Intake

private let browser = [("Accept", "text/html,*/*;q=0.8")]

extension IntakeService {
    @Suite struct `Pages of problems` {
        private func post(_ world: World, _ path: String, _ body: String, type: String = "application/x-www-form-urlencoded") async throws
            -> RawResponse
        {
            try await world.send(Request("POST", path, headers: browser + [("Content-Type", type)], body: Array(body.utf8)))
        }

        @Test func `what goes wrong at a ticket leads back to it, whichever form it was`() async throws {
            try await World.with { world in
                let filed = try await world.file()
                try await world.hear(CaseEventSamples(filed).events(["case.opened", "case.filed"]))
                let evaluation = world.links.token(.evaluation, filed.id)
                let table: [(path: String, body: String, type: String, status: Int)] = [
                    ("\(filed.link)/withdraw", "", "application/x-www-form-urlencoded", 409),
                    ("\(filed.link)/review", "reason=a&reason=b", "application/x-www-form-urlencoded", 400),
                    ("\(filed.link)/review", "{}", "application/json", 415),
                    ("\(filed.link)/review", String(repeating: "a", count: 200_000), "application/x-www-form-urlencoded", 413),
                    ("\(filed.link)/nothing", "", "application/x-www-form-urlencoded", 404), (filed.link, "", "text/plain", 405),
                    ("/e/\(evaluation)", "", "application/x-www-form-urlencoded", 404),
                ]
                for (path, body, type, status) in table {
                    let page = try await post(world, path, body, type: type)
                    #expect(page.status == status, "\(path) \(type)")
                    #expect(page.text.contains("href=\"\(filed.link)\">回到工单</a>"), "\(status) at \(path)")
                    #expect(page.text.contains("</h1>\n<p>"), "\(status) at \(path) says what is the matter")
                    #expect(!page.text.contains("回到首页") && page.text.contains("href=\"\(filed.link)?lang=en\""), "\(status) at \(path)")
                }
                // A token that we did not make names no ticket, and a photo's may have been shown to others.
                let photo = world.links.photo(world.use.submit.ids.next(), of: filed.id)
                let forged = filed.token.dropLast() + (filed.token.hasSuffix("A") ? "E" : "A")
                for path in ["/s/\(forged)/withdraw", "/s/\(evaluation)/withdraw", "/s/x/review", photo, "/nothing"] {
                    let page = try await post(world, path, "")
                    #expect(page.text.contains("回到首页") && !page.text.contains(filed.token), "\(path)")
                }
                let plate = try await post(world, "/q/\(World.plate)", "x", type: "text/plain")
                #expect(plate.status == 415 && plate.text.contains("href=\"/q/\(World.plate)\">回到上报页</a>"))
            }
        }

        @Test(arguments: [(nil, true), ("zh-CN,en;q=0.5", true), ("en-GB,zh;q=0.5", false), ("fr", true)] as [(String?, Bool)])
        func `every kind of page and problem is Chinese unless the reader prefers English`(language: String?, isChinese: Bool) async throws
        {
            try await World.with { world in
                let filed = try await world.file()
                let headers = browser + (language.map { [("Accept-Language", $0)] } ?? [])
                let pages = [
                    "/", "/q/\(World.plate)", "/q/\(unknownPlate)", filed.link, filed.link + "?new=1", "/problems/busy",
                    "/problems/no-such-code",
                    "/nothing", "/s/forged", "/p/forged", "/v1/plates/\(unknownPlate)",
                ]
                for path in pages {
                    let page = try await world.get(path, headers)
                    #expect(page.text.contains("<html lang=\"\(isChinese ? "zh-Hans" : "en")\""), "\(path)")
                }
                let refused = try await world.send(Request("POST", "/nothing", headers: headers))
                #expect(refused.text.contains(isChinese ? "<h1>未找到</h1>" : "<h1>Not Found</h1>"))
                for path in ["/nothing", "/s/forged", "/v1/plates/\(unknownPlate)", "/v1/tickets/x"] {
                    let json = try await world.get(path, language.map { [("Accept-Language", $0)] } ?? [])
                    #expect(json.member("title") == (isChinese ? "未找到" : "Not Found"), "\(path)")
                }
            }
        }

        @Test func `a problem's page keeps the language that was chosen before, and its switch works`() async throws {
            try await World.with { world in
                let chosen = try await world.get("/nothing", browser + [("Cookie", "shao_lang=en")])
                #expect(chosen.text.contains("<html lang=\"en\"") && chosen.text.contains("<h1>Not Found</h1>"))
                let switched = try await world.get("/nothing?lang=en", browser)
                #expect(switched.text.contains("<html lang=\"en\"") && switched.header("set-cookie")?.contains("shao_lang=en") == true)
            }
        }

        @Test func `a file's name sinks no form, however long it is and whatever it holds`() async throws {
            try await World.with { world in
                for name in [String(repeating: "照", count: 1_700), String(repeating: "a", count: 5_000), "a\u{0}b.jpg"] {
                    var form = Form(["plate": World.plate, "category": World.category])
                    form.add("photo", SmallPNG.plain(4, 4), file: name)
                    #expect(try await world.send(Request.form(form)).status == 201, "\(name.utf8.count) bytes")
                }
                let photos = try await world.rows()[2]
                #expect(photos == 3)
                var form = Form(["plate": World.plate, "category": World.category])
                form.add("photo", SmallPNG.plain(4, 4), file: String(repeating: "a", count: 17_000))
                #expect(try await world.send(Request.form(form)).member("code") == "part-header-too-large")
            }
        }
    }
}
