import Contracts
import Kafka
import Postgres
import TestKit
import Testing

@testable import Routing

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct PublishTests {
    @Test func `the directory is published once, and again only where it changed`() async throws {
        try await TestDesk.with { desk in
            let directory = desk.city.directory
            let all =
                directory.areas.count + directory.grids.count + directory.departments.count + directory.plates.count
                + desk.city.categories.list.count
            #expect(try await desk.use.publish.run() == all)
            #expect(try await desk.use.publish.run() == 0)
            let plate = try desk.plate().description
            try await desk.pool.execute("UPDATE directory_entry SET payload = ''::bytea WHERE subject = \(plate)")
            #expect(try await desk.use.publish.run() == 1)
            let versions = try await desk.pool.query(
                "SELECT version FROM outbox WHERE subject = \(plate) ORDER BY id", as: Int32.self)
            #expect(versions == [1, 2])
            #expect(try await desk.pool.query("SELECT count(*) FROM outbox WHERE topic = 'directory.v1'", as: Int.self) == [all + 1])
            #expect(try await desk.pool.query("SELECT version FROM catalogue_version", as: String.self) == [desk.city.catalogue.version])
        }
    }

    @Test func `two replicas that start together publish once`() async throws {
        try await TestDesk.with { desk in
            async let one = desk.use.publish.run()
            async let two = desk.use.publish.run()
            let counts = try await [one, two].sorted()
            #expect(counts[0] == 0 && counts[1] > 0)
        }
    }

    @Test func `a folder that is not the city's is refused with file, place and reason`() throws {
        #expect(throws: DataFileError.self) {
            try City(folder: "/nowhere", street: "310106019000", today: try known(ChineseDay("2026-11-23")), ids: CaseWorld.ids)
        }
        let wrongStreet = #expect(throws: DataFileError.self) {
            try City(folder: TestDesk.folder, street: "310106020000", today: try known(ChineseDay("2026-11-23")), ids: CaseWorld.ids)
        }
        #expect(wrongStreet?.code == "unknown-street")
    }

    @Test func `the list of topics has two and a dead letter for each department`() throws {
        let specs = try ListTopics.specs(environment: ["SHAO_DEMO_DIR": TestDesk.folder])
        #expect(specs.count == 7 + 3 * 12)
        #expect(specs.contains { $0.name == "feedback.ludeng.v1-dlt" && $0.partitions == 1 })
        #expect(specs.contains { $0.name == "cases.v1" && $0.partitions == 12 })
    }
}
