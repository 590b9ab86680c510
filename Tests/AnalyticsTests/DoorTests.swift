import Contracts
import Crypto
import EventLoop
import HTTP
import Postgres
import Telemetry
import TestKit
import Testing

@testable import Analytics
@testable import EventLog
@testable import ServiceKit

/// Analytics' door on a free port, with the seven tickets behind it.
struct Door {
    let port: Int
    private let pool: PostgresPool

    static func with(names: [(code: String, name: String)]? = nil, _ body: (Door) async throws -> Void) async throws {
        try await Facts.database { pool in
            if let names { try await Street.fill(pool, names: names) } else { try await Street.fill(pool) }
            let clock = ManualTimekeeper(Street.now.description)
            let reader = RateReader(pool: pool)
            let access = ReadAccess(staff: try staff(), street: try #require(AreaCode("310106019000")))
            let site = Site(publicURL: "http://127.0.0.1:8080", name: "彩虹街道", clock: clock)
            let rates = ShowRates(reader: reader, access: access, clock: clock)
            let use = UseCases(
                rates: rates, export: ExportRates(rates: rates),
                overview: ShowOverview(reader: reader, access: access, site: site, clock: clock, streetName: "彩虹街道"))
            try await HTTPServer.serving(routes(use)) { port in try await body(Door(port: port, pool: pool)) }
        }
    }

    /// Puts a community's tickets under another area.
    func move(_ community: String, to area: String) async throws {
        try await pool.execute("UPDATE case_fact SET community = \(area) WHERE community = \(community)")
    }

    static func staff() throws -> StaffDirectory {
        let members = [
            ("street", "street", "310106019000"), ("district", "district", "310106000000"), ("second", "community", Street.second),
            ("water", "department", "water"), ("elsewhere", "street", "310106018000"), ("stranger", "community", "310106018001"),
            ("liar", "street", Street.second), ("nobody", "community", "x"),
        ]
        let entries = members.map { name, role, org in
            #"{"name":"\#(name)","role":"\#(role)","org":"\#(org)","tokenSHA256":"\#(Hex.encode(SHA256.hash(name + "-token")))"}"#
        }
        return try StaffDirectory(json: Array("[\(entries.joined(separator: ","))]".utf8))
    }

    func get(_ path: String, as who: String? = "street", cookie: Bool = false) async throws -> RawResponse {
        let client = try await RawHTTP.connect(port: port)
        let field = who.map { cookie ? "Cookie: shao_staff=\($0)-token\r\n" : "Authorization: Bearer \($0)-token\r\n" } ?? ""
        try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(field)\r\n")
        return try #require(try await client.responsesToEnd().first)
    }
}

@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct `The door of analytics` {
    static let paths = ["/v1/rates", "/v1/rates/overview", "/v1/rates.csv", "/analytics"]

    @Test func `opens for the street and its district, and shows a community its own`() async throws {
        try await Door.with { door in
            for path in Self.paths {
                #expect(try await door.get(path).status == 200)
                #expect(try await door.get(path, as: "district", cookie: true).status == 200)
                #expect(try await door.get(path, as: nil).status == (path == "/analytics" ? 303 : 401))
                for other in ["water", "elsewhere", "stranger", "liar", "nobody"] {
                    #expect(try await door.get(path, as: other).status == 403)
                }
                #expect(try await door.get(path, as: "forged").status == (path == "/analytics" ? 303 : 401))
            }
            let own = try await door.get("/v1/rates", as: "second")
            #expect(own.text.contains("彩虹二社区") && !own.text.contains("彩虹一社区") && !own.text.contains("星光社区"))
            let page = try await door.get("/analytics", as: "second", cookie: true)
            #expect(page.text.contains("彩虹二社区") && !page.text.contains("彩虹一社区"))
        }
    }

    @Test func `answers with n beside every rate, and null for a rate of nothing`() async throws {
        try await Door.with { door in
            let answer = try await door.get("/v1/rates?by=community")
            #expect(
                answer.member("formula") == RateFormula.id && answer.member("from") == "2026-10-08" && answer.member("to") == "2026-11-06")
            #expect(answer.text.contains(#""response":{"rate":0.5,"count":2,"n":4}"#))
            let none = try #require(answer.text.split(separator: "{\"code\":").last)
            #expect(none.hasPrefix("\"\(Street.third)\"") && none.contains(#""response":{"rate":null,"count":0,"n":0}"#))
            #expect(none.contains(#""median_minutes":null"#) && !none.contains(#""rate":0"#))
            let overview = try await door.get("/v1/rates/overview")
            #expect(overview.text.contains(#""now":{"open":2,"overdue":1}"#) && overview.text.contains(#""closed":3"#))
        }
    }

    @Test(arguments: [
        "/v1/rates?by=person", "/v1/rates?by=", "/v1/rates?by=community&by=category", "/v1/rates?form=2026-01-01",
        "/v1/rates?from=2026-02-30", "/v1/rates?from=20260101", "/v1/rates?from=2026-11-02&to=2026-11-01",
        "/v1/rates?from=2020-01-01&to=2026-01-01", "/v1/rates?to=0001-01-01&from=0001-01-02", "/v1/rates/overview?by=community",
        "/v1/rates.csv?format=xls", "/v1/rates?from=100%",
    ]) func `refuses a query it does not understand`(path: String) async throws {
        try await Door.with { door in
            let answer = try await door.get(path)
            #expect(answer.status == 400 && answer.header("content-type") == "application/problem+json")
        }
    }

    @Test func `takes the ends of the calendar`() async throws {
        try await Door.with { door in
            for ends in ["from=0001-01-01&to=0001-01-01", "to=0001-01-01", "from=9999-12-31"] {
                let answer = try await door.get("/v1/rates?\(ends)")
                #expect(answer.status == 200)
            }
            let day = try await door.get("/v1/rates?from=2026-11-02&to=2026-11-02")
            #expect(day.text.contains(#""tickets":6"#))
        }
    }

    @Test func `gives spreadsheets a file that they read as Chinese and run nothing of`() async throws {
        let names = [(Street.first, "=HYPERLINK(\"http://x\")"), (Street.second, "一, \"二\"社区"), (Street.third, "星光社区")]
        try await Door.with(names: names.map { (code: $0.0, name: $0.1) }) { door in
            let answer = try await door.get("/v1/rates.csv?by=community")
            #expect(answer.header("content-type") == "text/csv; charset=utf-8")
            #expect(answer.header("content-disposition") == "attachment; filename=\"rates-community-2026-10-08-2026-11-06.csv\"")
            #expect(Array(answer.body.prefix(3)) == [0xEF, 0xBB, 0xBF])
            let lines = answer.text.split(separator: "\r\n")
            try #require(lines.count == 6)
            #expect(lines.allSatisfy { $0.hasSuffix("+08:00") || $0.hasSuffix("数据截至") })
            #expect(lines[1].hasPrefix("\(Street.first),\"'=HYPERLINK(\"\"http://x\"\")\",3,0.3333,1,3,0.5,1,1,2,1.0,2,"))
            #expect(lines[2].contains("\"一, \"\"二\"\"社区\""))
            #expect(lines[4].contains(",星光社区,0,,0,0,,0,0,0,,0,0,,,,0,0,,0,0,"))
        }
    }

    @Test func `its page leads who is not signed in to the sign-in and back to the same days`() async throws {
        try await Door.with { door in
            #expect(try await door.get("/analytics", as: nil).header("location") == "/sign-in?next=/analytics")
            let back = try await door.get("/analytics?from=2026-11-01&to=2026-11-06&isappinstalled=0", as: nil, cookie: true)
            #expect(back.header("location") == "/sign-in?next=/analytics%3Ffrom%3D2026-11-01%26to%3D2026-11-06")
        }
    }

    @Test(arguments: [
        "from=singlemessage&isappinstalled=0", "x=100%", "%", "%00=%zz", "from=2026-11-01&from=x", "lang=zh&lang=en", "to=2026-02-30",
        "=&=&&",
    ]) func `its page ignores what it does not know of a query`(query: String) async throws {
        try await Door.with { door in
            let page = try await door.get("/analytics?" + query, cookie: true)
            #expect(page.status == 200 && page.text.contains("运行概览"))
        }
    }

    @Test func `its page names days that cannot be and shows the last thirty`() async throws {
        try await Door.with { door in
            let page = try await door.get("/analytics?from=2026-11-06&to=2026-11-01", cookie: true)
            #expect(page.status == 400 && page.text.contains("请让开始日期不晚于结束日期") && page.text.contains("2026-10-08"))
        }
    }

    @Test func `its page holds no text that is none, and no code where a name belongs`() async throws {
        try await Door.with(names: []) { door in
            for language in ["zh", "en"] {
                let page = try await door.get("/analytics?lang=\(language)", cookie: true).text
                for wrong in ["HTML(", "Optional(", "&lt;time", "markup:", "nil"] { #expect(!page.contains(wrong), "\(wrong)") }
                #expect(page.contains("（\(Street.first)）") == (language == "zh"))
                #expect(!page.contains(">\(Street.first)<"))
                #expect(page.contains("（") == (language == "zh"))
            }
        }
    }

    @Test(arguments: [("street", "/street", "彩虹街道"), ("second", "/community", "彩虹二社区"), ("district", "/street", "district")])
    func `its page leads back to the reader's desk and out of the session`(who: String, desk: String, name: String) async throws {
        try await Door.with { door in
            let page = try await door.get("/analytics", as: who, cookie: true)
            #expect(page.text.contains("<a href=\"\(desk)\">返回工作台</a>"))
            #expect(page.text.contains("action=\"/sign-out\"") && page.text.contains("<bdi>\(name)</bdi></button>"))
            #expect(page.text.contains("value=\"\(StaffDirectory.formProof(of: who + "-token"))\""))
            let program = try await door.get("/analytics", as: who)
            #expect(!program.text.contains("/sign-out"), "who came without a cookie has no session to end")
        }
    }

    @Test func `the street's own tickets stand under its name, whether the directory is known or not`() async throws {
        let street = "310106019000"
        for names in [[], [(street, "彩虹街道")]] as [[(code: String, name: String)]] {
            try await Door.with(names: names) { door in
                try await door.move(Street.first, to: street)
                let page = try await door.get("/analytics", cookie: true)
                #expect(page.text.contains(">彩虹街道<") && !page.text.contains("（\(street)）"))
                let lines = try await door.get("/v1/rates?by=community").text
                #expect(lines.ranges(of: "\"code\":\"\(street)\"").count == 1)
            }
        }
    }

    @Test func `shows a page whose names are text and whose figures have their n and age`() async throws {
        let hostile = "<script>alert(1)</script>"
        try await Door.with(names: [(Street.first, hostile), (Street.second, "彩虹二社区")]) { door in
            let page = try await door.get("/analytics?from=2026-11-01&to=2026-11-06", cookie: true)
            #expect(page.status == 200 && page.header("content-security-policy") != nil)
            #expect(!page.text.contains(hostile) && page.text.contains("&lt;script&gt;"))
            #expect(page.text.contains("n = 4") && page.text.contains("数据截至") && page.text.contains("<svg"))
            #expect(page.text.contains("/v1/rates.csv?by=department&amp;from=2026-11-01&amp;to=2026-11-06"))
            #expect(page.text.contains("当前超时未结") && page.text.contains("统计口径"))
            #expect(!page.text.contains(RateFormula.id), "a formula's id is for programs")
        }
    }
}

@Suite struct `A cell of a spreadsheet` {
    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM", "'@SUM"), ("\t=1", "'\t=1"), (" =1", "' =1"), ("＝1", "'＝1"),
        ("\u{FEFF}=1", "'\u{FEFF}=1"), ("\r=1", "\"'\r=1\""), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\nb", "\"a\nb\""),
        ("彩虹一社区", "彩虹一社区"), ("", ""), ("1=1", "1=1"), ("a\0b", "ab"),
    ]) func `begins no formula and ends no row`(text: String, cell: String) {
        #expect(CSVTable.cell(text) == cell)
    }
}
