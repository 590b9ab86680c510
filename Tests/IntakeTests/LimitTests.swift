import Contracts
import Postgres
import ServiceKit
import TestKit
import Testing

@testable import Intake

/// What one client may take of the open door, and what the service reads for a question.
extension IntakeService {
    @Suite struct `Shares at the open door` {
        private static let good = #"{"plate":"ANWVVR1E","category":"E06010"}"#

        private func report(from address: String = "198.51.100.7", _ json: String = good) -> Request {
            .json(json).with("X-Forwarded-For", address)
        }

        @Test func `an address that spent its share is 429 with the time to wait, and nothing is stored`() async throws {
            try await World.with(settings: ["SHAO_REPORTS_PER_ADDRESS": "3+60/h"]) { world async throws in
                for _ in 0..<3 { #expect(try await world.send(report()).status == 201) }
                let before = try await world.rows()
                let answer = try await world.send(report())
                #expect(answer.status == 429 && answer.member("code") == "too-many-requests")
                #expect(answer.header("content-type") == "application/problem+json")
                let wait = try #require(answer.header("retry-after").flatMap { Int($0) })
                #expect((1...60).contains(wait))
                #expect(try await world.rows() == before)
                // Neighbours, staff and readers are as before.
                #expect(try await world.send(report(from: "198.51.100.8")).status == 201)
                #expect(try await world.send(report().with("Authorization", "Bearer \(World.staffToken)")).status == 201)
                let page = Request("GET", "/q/\(World.plate)").with("X-Forwarded-For", "198.51.100.7")
                #expect(try await world.send(page).status == 200)
            }
        }

        @Test(arguments: [("zh-CN,zh;q=0.9", "请求过于频繁", "请稍等片刻再试"), ("en", "Too Many Requests", "Wait a little")])
        func `a browser is told so as a page in its language`(_ language: String, _ title: String, _ words: String) async throws {
            try await World.with(settings: ["SHAO_REPORTS_PER_ADDRESS": "1+1/h"]) { world async throws in
                #expect(try await world.send(report()).status == 201)
                var request = Request.form(Form(["category": World.category]), path: "/q/\(World.plate)")
                request.headers += [("X-Forwarded-For", "198.51.100.7"), ("Accept", "text/html"), ("Accept-Language", language)]
                let answer = try await world.send(request)
                #expect(answer.status == 429 && answer.header("retry-after") != nil)
                #expect(answer.header("content-type")?.hasPrefix("text/html") == true)
                #expect(answer.text.contains(title) && answer.text.contains(words))
            }
        }

        @Test func `one plate and one telephone number have a share whoever uses them`() async throws {
            try await World.with(settings: ["SHAO_REPORTS_PER_PLATE": "2+1/h", "SHAO_REPORTS_PER_PHONE": "1+1/h"]) { world async throws in
                for place in 1...2 { #expect(try await world.send(report(from: "198.51.100.\(place)")).status == 201) }
                #expect(try await world.send(report(from: "198.51.100.3")).status == 429)
                let call = #"{"point":{"lat":31.23,"lng":121.47},"category":"E06010","contact":{"phone":"13800138000"}}"#
                #expect(try await world.send(report(from: "198.51.100.4", call)).status == 201)
                #expect(try await world.send(report(from: "198.51.100.5", call)).status == 429)
                #expect(try await world.rows()[0] == 3)
            }
        }

        @Test func `a share of bytes is asked for before the body is read`() async throws {
            try await World.with(settings: ["SHAO_UPLOADS_PER_ADDRESS": "3+1/h"]) { world async throws in
                let head = "POST /v1/tickets HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                let first = try await RawHTTP.connect(port: world.port, patience: .seconds(60))
                try await first.send(head + "Content-Length: \(2 << 20)\r\nExpect: 100-continue\r\n\r\n")
                #expect(try await first.response().status == 100)
                let second = try await RawHTTP.connect(port: world.port, patience: .seconds(60))
                try await second.send(head + "Content-Length: \(2 << 20)\r\nExpect: 100-continue\r\n\r\n")
                #expect(try await second.response().status == 429)
            }
        }

        @Test func `without a limit in the settings there is none`() async throws {
            try await World.with(settings: ["SHAO_REPORTS_PER_ADDRESS": "1+1/h", "SHAO_CLIENT_LIMITS": "off"]) { world async throws in
                for _ in 0..<3 { #expect(try await world.send(report()).status == 201) }
            }
        }

        @Test func `codes that nobody gave out, and a crowd, have the plates read once`() async throws {
            try await World.with { world async throws in
                let book = world.use.submit.plates
                let known = try #require(PlateCode(World.plate))
                let strangers = (0..<200).map { PlateCode(value: UInt64($0) + 7) }
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for code in strangers + [known, known, known] { group.addTask { try await book.find(code) != nil } }
                    var found = 0
                    for try await isKnown in group where isKnown { found += 1 }
                    #expect(found == 3)
                }
                let unknown = try #require(CategoryCode("E99998"))
                #expect(try await book.knows(unknown) == false)
                #expect(book.readings == 1)
                // What came since the page was read is found by its own key.
                var plate = try #require(try await book.find(known))
                plate.plate = strangers[0]
                try await world.pool.execute(PlateQueries.learn([(1, plate)]))
                #expect(try await book.find(strangers[0]) == plate)
                #expect(book.readings == 1)
            }
        }

        @Test func `a status page asks for the names of its own units alone`() async throws {
            try await World.with { world async throws in
                let filed = try await world.file()
                try await world.hear(CaseEventSamples(filed).events(["case.opened", "case.filed", "case.dispatched", "case.signed"]))
                let steps = try await world.pool.query(ProgressQueries.steps(filed.id), as: ProgressStep.self)
                let codes = UnitNames.codes(in: steps, nil)
                let snapshot = try CaseEventSamples.snapshot(filed.id, number: filed.number)
                #expect(codes.contains(snapshot.area.description))
                #expect(codes.contains { DepartmentCode($0) != nil })
                #expect(codes.count < 10)
            }
        }
    }
}
