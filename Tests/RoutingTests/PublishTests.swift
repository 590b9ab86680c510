import Contracts
import EventLog
import EventLoop
import JSON
import Kafka
import Postgres
import Telemetry
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

    /// Publishes that folder's city to the desk's database.
    private func publish(_ folder: String, _ desk: TestDesk) async throws -> Int {
        let city = try City(folder: folder, street: "310106019000", today: desk.clock.now().day, ids: desk.ids)
        return try await PublishDirectory(
            city: city, pool: desk.pool, outbox: Outbox(ids: desk.ids, clock: desk.clock), clock: desk.clock,
            log: Log("test", level: .error), loop: .shared
        ).run()
    }

    private func said(_ desk: TestDesk, after count: Int) async throws -> [(type: String, subject: String, version: Int32, json: String)] {
        try await desk.pool.query(
            "SELECT type, subject, version, payload FROM outbox WHERE topic = 'directory.v1' ORDER BY id OFFSET \(Int64(count))"
        ) { row in
            let payload: [UInt8] = try row["payload"]
            return (try row["type"], try row["subject"], try row["version"], String(decoding: payload, as: UTF8.self))
        }
    }

    @Test func `what is no longer in the city's data is told once, children first, and can come back`() async throws {
        let grid = "310106019001001"
        let smaller = { (list: String, row: JSONValue) -> JSONValue? in
            (list == "grids" && row["code"]?.text == grid) || (list == "plates" && row["grid"]?.text == grid) ? nil : row
        }
        try await ChangedCity.with(smaller) { folder in
            try await TestDesk.with { desk in
                let all = try await desk.use.publish.run()
                let plates = desk.city.directory.plates.values.filter { $0.grid.description == grid }.map(\.code.description).sorted()
                try #require(!plates.isEmpty)
                try await desk.pool.execute(
                    """
                    INSERT INTO directory_entry (subject, kind, version, payload) VALUES
                        ('well-1', 'department', 4, '{}'), ('E09998', 'category', 1, '{}'), ('310106019009', 'area', 2, '{}'),
                        ('310106019009001', 'area', 2, '{}'), ('old', 'department', 2, NULL)
                    """)
                #expect(try await publish(folder, desk) == plates.count + 5)
                let retired = try await said(desk, after: all)
                #expect(
                    retired.map(\.subject) == plates + ["E09998", "well-1", grid, "310106019009001", "310106019009"],
                    "children first; what was retired before is not told again")
                #expect(
                    retired.map(\.type)
                        == plates.map { _ in "plate.retired.v1" } + ["category.retired.v1", "department.retired.v1"]
                        + ["area.retired.v1", "area.retired.v1", "area.retired.v1"])
                #expect(retired.first { $0.subject == "well-1" }?.json == #"{"department":"well-1"}"#)
                #expect(retired.first { $0.subject == "well-1" }?.version == 5)
                #expect(retired.filter { plates.contains($0.subject) }.allSatisfy { $0.version == 2 })
                #expect(try await publish(folder, desk) == 0, "told once")
                // The grid is there again: parents first.
                #expect(try await publish(TestDesk.folder, desk) == plates.count + 1)
                let back = try await said(desk, after: all + retired.count)
                #expect(back.map(\.subject) == [grid] + plates && back.allSatisfy { $0.version == 3 && $0.type.contains("registered") })
                #expect(try await publish(TestDesk.folder, desk) == 0)
            }
        }
    }

    @Test func `a department whose code is an area's or a plate's is refused`() throws {
        func file(_ name: String, _ rows: String) -> DataFile {
            DataFile(name: name + ".json", bytes: Array(#"{"\#(name)":[\#(rows)]}"#.utf8))
        }
        let error = #expect(throws: DataFileError.self) {
            try Directory.load(
                areas: file("areas", #"{"code":"310106000000","name":"区","level":"district"}"#), grids: file("grids", ""),
                departments: file("departments", #"{"code":"310106000000","name":"所","shortName":"所"}"#), plates: file("plates", ""))
        }
        #expect(error?.file == "departments.json" && error?.code == "duplicate")
    }

    @Test func `two replicas that start together publish once`() async throws {
        try await TestDesk.with { desk in
            async let first = desk.use.publish.run()
            async let second = desk.use.publish.run()
            let counts = try await [first, second].sorted()
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
