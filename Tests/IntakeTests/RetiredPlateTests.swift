import Contracts
import FoundationEssentials
import JSON
import Postgres
import TestKit
import Testing

@testable import EventLog
@testable import Intake

extension IntakeService {
    @Suite struct `What is no longer in use` {
        private let browser = [("Accept", "text/html"), ("Accept-Language", "zh-CN,zh;q=0.9")]

        private func hear(_ world: World, _ event: some DirectoryEvent, _ version: Int32) async throws {
            let committed = CommittedEvent(
                topic: Topics.directory.name, part: 0, subject: event.subject, version: version, id: UUID(),
                type: "\(type(of: event).type).v1", time: world.clock.now(), payload: event.json)
            let heard = Subscriptions(projections).byType[committed.type] ?? []
            #expect(!heard.isEmpty)
            try await world.pool.transaction { for subscription in heard { try await subscription.apply([committed], &$0) } }
        }

        private func plate(_ world: World) async throws -> PlateRegistered {
            let code = try #require(PlateCode(World.plate))
            return try PlateRegistered.decode(
                try #require(try await world.pool.query(PlateQueries.plate(code)) { row in try row["registered"] as [UInt8] }.first))
        }

        @Test func `a retired plate's page says so and where to report, gives back what was typed, and takes nothing`() async throws {
            try await World.with { world in
                let plate = try await plate(world)
                try await hear(world, PlateRetired(plate: plate.plate), 2)
                let page = try await world.get("/q/\(World.plate)", browser)
                #expect(page.status == 410 && page.text.contains("这块牌子已经停用") && page.text.contains("彩虹路 12 号灯杆"))
                #expect(page.text.contains("扫附近的另一块牌子") && page.text.contains("href=\"/\"") && page.text.contains("tel:12345"))
                #expect(!page.text.contains("没有提交") && !page.text.contains("<form"))
                let before = try await world.rows()
                var sent = Request.form(Form(["category": World.category, "text": "灯不亮<b>"]), path: "/q/\(World.plate)")
                sent.headers += browser
                let answer = try await world.send(sent)
                #expect(answer.status == 410 && answer.text.contains("没有提交") && answer.text.contains("灯不亮&lt;b&gt;"))
                let api = try await world.send(Request.json(#"{"plate":"\#(World.plate)","text":"灯不亮"}"#))
                #expect(api.status == 422 && api.text.contains("plate-unknown"))
                #expect(try await world.rows() == before)
                #expect(try await world.get("/v1/plates/\(World.plate)").status == 404)
                #expect(try await world.get("/?find=\(World.plate)", browser).header("location") == "/q/\(World.plate)")
                let name = try await PlateBook(pool: world.pool).name(of: plate.plate)
                #expect(name == plate.name, "what was reported there keeps its place")
                #expect(try await world.get("/q/\(World.plate)?lang=en", browser).text.contains("no longer in use"))

                try await hear(world, plate, 1)
                #expect(try await world.get("/q/\(World.plate)", browser).status == 410, "an older word changes nothing")
                try await hear(world, plate, 3)
                #expect(try await world.get("/q/\(World.plate)", browser).status == 200, "it hangs again")
                #expect(try await world.send(Request.json(#"{"plate":"\#(World.plate)","text":"灯不亮"}"#)).status == 201)
            }
        }

        @Test func `a book that is read anew does not have the retired plate`() async throws {
            try await World.with { world in
                let plate = try await plate(world)
                #expect(try await PlateBook(pool: world.pool).find(plate.plate) == plate)
                try await hear(world, PlateRetired(plate: plate.plate), 2)
                let book = PlateBook(pool: world.pool)
                #expect(try await book.find(plate.plate) == nil)
                #expect(try await !book.knows(try #require(CategoryCode(World.category))), "offered by that plate alone")
            }
        }

        @Test func `a retired category is not taken, and is again once it is registered`() async throws {
            try await World.with { world in
                let code = try #require(CategoryCode("E01001"))
                func taken() async throws -> Bool { try await PlateBook(pool: world.pool).knows(code) }
                try await hear(world, CategoryRegistered(category: code, name: "其他"), 1)
                #expect(try await taken())
                try await hear(world, CategoryRetired(category: code), 2)
                #expect(try await !taken())
                let answer = try await world.send(Request.json(#"{"plate":"\#(World.plate)","category":"E01001"}"#))
                #expect(answer.status == 422 && answer.text.contains("category-unknown"))
                try await hear(world, CategoryRegistered(category: code, name: "其他"), 3)
                #expect(try await taken())
            }
        }
    }
}
