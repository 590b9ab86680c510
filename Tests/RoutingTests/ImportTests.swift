import Contracts
import EventLog
import EventLoop
import FoundationEssentials
import JSON
import Kafka
import Postgres
import Telemetry
import TestKit
import Testing

@testable import Routing

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct ImportTests {
    private func load(_ folder: String, _ desk: TestDesk, area: AreaCode? = nil, isDryRun: Bool = false) async throws -> ImportReport {
        try await desk.use.importCity.run(try ImportCommand.files([folder], area), isDryRun: isDryRun)
    }

    private func city(_ desk: TestDesk) async throws -> City {
        try City(try await desk.pool.transaction(.readOnlySnapshot) { try await $0.loadCity() }, ids: desk.ids)
    }

    private func said(_ desk: TestDesk, after count: Int) async throws -> [(type: String, subject: String, version: Int32, json: String)] {
        try await desk.pool.query(
            "SELECT type, subject, version, payload FROM outbox WHERE topic = 'directory.v1' ORDER BY id OFFSET \(Int64(count))"
        ) { row in
            let payload: [UInt8] = try row["payload"]
            return (try row["type"], try row["subject"], try row["version"], String(decoding: payload, as: UTF8.self))
        }
    }

    @Test func `what was imported is what is read, and the same files once more change nothing`() async throws {
        try await TestDesk.with { desk in
            let directory = desk.city.directory
            let all =
                directory.areas.count + directory.grids.count + directory.departments.count + directory.plates.count
                + desk.city.data.categoryNames.count
            let first = try await load(TestDesk.folder, desk)
            #expect(first.added == all && first.events == all && first.activated.count == 1)
            let read = try await city(desk)
            #expect(read.directory.areas == directory.areas && read.directory.grids == directory.grids)
            #expect(read.directory.departments == directory.departments && read.directory.plates == directory.plates)
            let (kept, meant) = (try #require(read.inForce.values.first), try #require(desk.city.inForce.values.first))
            #expect(kept.catalogue.rows == meant.catalogue.rows && kept.categories.list == meant.categories.list)
            #expect(kept.clocks.profiles == meant.clocks.profiles && kept.clocks.policy == meant.clocks.policy)
            #expect(kept.calendar.exceptions == meant.calendar.exceptions && kept.calendar.firstDay == meant.calendar.firstDay)
            #expect(read.data.categoryNames == desk.city.data.categoryNames)
            #expect(try await load(TestDesk.folder, desk).isEmpty)
            #expect(try await said(desk, after: all).isEmpty)
            #expect(try await city(desk).data.version == read.data.version, "no replica looks in vain")
        }
    }

    @Test func `a dry run says what would change, and changes nothing`() async throws {
        try await TestDesk.with { desk in
            let report = try await load(TestDesk.folder, desk, isDryRun: true)
            #expect(report.added > 100)
            #expect(try await desk.pool.query("SELECT count(*) FROM area", as: Int.self) == [0])
            #expect(try await said(desk, after: 0).isEmpty)
        }
    }

    @Test func `what is no longer in the city's data is told once, children first, and can come back`() async throws {
        let grid = "310106019001001"
        let smaller = { (list: String, row: JSONValue) -> JSONValue? in
            (list == "grids" && row["code"]?.text == grid) || (list == "plates" && row["grid"]?.text == grid) ? nil : row
        }
        try await ChangedCity.with(smaller) { folder in
            try await TestDesk.with { desk in
                let all = try await load(TestDesk.folder, desk).events
                let earlier = try await city(desk).data
                let plates = desk.city.directory.plates.values.filter { $0.grid.description == grid }.map(\.code.description).sorted()
                try #require(!plates.isEmpty)
                let less = try await load(folder, desk)
                #expect(less.retired == plates.count + 1 && less.added == 0 && less.changed == 0)
                let retired = try await said(desk, after: all)
                #expect(retired.map(\.subject) == plates.reversed() + [grid], "children first")
                #expect(retired.map(\.type) == plates.map { _ in "plate.retired.v1" } + ["area.retired.v1"])
                #expect(retired.allSatisfy { $0.version == 2 })
                #expect(retired.last?.json == #"{"area":"310106019001001"}"#)
                #expect(try await city(desk).directory.grids[try known(AreaCode(grid))] == nil)
                let later = try await desk.pool.transaction(.readOnlySnapshot) { try await $0.loadCity(after: earlier) }
                #expect(later.directory.grids == (try await city(desk).directory.grids), "whoever knew it before as well")
                #expect(try await load(folder, desk).isEmpty, "told once")
                // The grid is there again: parents first.
                #expect(try await load(TestDesk.folder, desk).added == plates.count + 1)
                let back = try await said(desk, after: all + retired.count)
                #expect(back.map(\.subject) == [grid] + plates && back.allSatisfy { $0.version == 3 && $0.type.contains("registered") })
            }
        }
    }

    @Test func `files about an area touch nothing outside it`() async throws {
        let street = try known(AreaCode("310106019001"))
        try await TestDesk.with { desk in
            _ = try await load(TestDesk.folder, desk)
            let plates = DataFile(name: "plates.json", bytes: Array(#"{"plates": []}"#.utf8))
            let before = desk.city.directory.plates.values
            let report = try await desk.use.importCity.run([CityFiles(area: street, plates: plates)])
            #expect(report.retired == before.count { street.contains($0.grid) } && report.retired > 0)
            #expect(try await city(desk).directory.plates.count == before.count - report.retired)
            let foreign = try DemoStreet.file("plates")
            let refused = await #expect(throws: DataFileError.self) {
                try await desk.use.importCity.run([CityFiles(area: street, plates: foreign)])
            }
            #expect(refused?.code == "outside-area")
        }
    }

    @Test func `a replica takes over what another imports, and cases name the rules that decided`() async throws {
        let other = { (list: String, row: JSONValue) -> JSONValue? in
            guard list == "rows", case .object(let members) = row else { return row }
            return .object(members.map { $0.name == "basis" ? .init("basis", .string("新的依据")) : $0 })
        }
        try await ChangedCity.with(other) { folder in
            try await TestDesk.with { desk in
                _ = try await load(TestDesk.folder, desk)
                try await desk.use.keepCurrent.look()
                let first = try desk.ticket(1, plate: desk.plate(), category: "P01024")
                try await desk.hear([first])
                #expect(try await load(folder, desk).activated.count == 1)
                try await desk.use.keepCurrent.look()
                let second = try desk.ticket(2, plate: desk.plate(), category: "P01024")
                try await desk.hear([second])
                let old = try await desk.file(first.ticket).serviceCase.routing
                let new = try await desk.file(second.ticket).serviceCase.routing
                #expect(old.basis != "新的依据" && new.basis == "新的依据" && old.rules < new.rules)
                let sets = try await desk.pool.query("SELECT id FROM rule_set ORDER BY id", as: Int64.self)
                #expect(sets == [old.rules, new.rules])
            }
        }
    }

    @Test func `a department that is new is listened to, and one that only has another name changes nothing there`() async throws {
        let station = Data(
            #"{"departments":[{"code":"new-station","name":"新设的站","shortName":"站","home":"310106000000"}]}"#.utf8)
        try await TestDesk.with { desk in
            _ = try await load(TestDesk.folder, desk)
            #expect(try await desk.use.keepCurrent.look() == false, "the same departments as before")
            let file = try DemoStreet.file("departments")
            let all = try JSONReader.decode(JSONValue.self, from: file.bytes)
            let new = try JSONReader.decode(JSONValue.self, from: Array(station))
            guard case .array(let old)? = all["departments"], case .array(let more)? = new["departments"] else { throw Missing() }
            func take(_ rows: [JSONValue]) async throws {
                let bytes = JSONValue.object([.init("departments", .array(rows))]).json
                _ = try await desk.use.importCity.run([CityFiles(departments: DataFile(name: "departments.json", bytes: bytes))])
            }
            try await take(old + more)
            #expect(try await desk.use.keepCurrent.look())
            try await take(old + more.map { Self.with($0, "name", .string("改名的站")) })
            #expect(try await desk.use.keepCurrent.look() == false)
            try await take(old)
            #expect(try await desk.use.keepCurrent.look(), "nobody answers there any more")
        }
    }

    @Test func `two that import at the same time change it once`() async throws {
        try await TestDesk.with { desk in
            async let one = load(TestDesk.folder, desk)
            async let two = load(TestDesk.folder, desk)
            let counts = try await [one.added, two.added].sorted()
            #expect(counts[0] == 0 && counts[1] > 0)
        }
    }

    @Test func `a unit is called only where it serves`() async throws {
        try await ChangedCity.with({ list, row in
            // Nothing of the catalogue names the one that is moved away.
            if list == "departments", row["code"]?.text == "ludeng" { return Self.with(row, "serves", .array([.string("310106019002")])) }
            if list == "rows", String(decoding: row.json, as: UTF8.self).contains("ludeng") { return nil }
            return row
        }) { folder in
            try await TestDesk.with(folder: folder) { desk in
                let (lamps, place) = (try known(DepartmentCode("ludeng")), try desk.city.directory.place(of: desk.plate()))
                let context = desk.city.context
                let there = CasePlace(
                    street: place.street, community: AreaCode("310106019002"), grid: nil, plate: nil, name: place.name)
                #expect(place.community?.description != "310106019002")
                #expect(!context.canCall(lamps, to: place) && context.canCall(lamps, to: there))
                #expect(!desk.city.directory.departments(serving: place.area).contains { $0.code == lamps })
            }
        }
    }

    // MARK: What is refused

    private func refusal(_ change: @escaping (String, JSONValue) -> JSONValue?) async throws -> String? {
        var code: String?
        try await ChangedCity.with(change) { folder in
            try await TestDesk.with { desk in
                _ = try await load(TestDesk.folder, desk)
                let before = try await city(desk).data.version
                do { _ = try await load(folder, desk) } catch let error as DataFileError { code = error.code }
                #expect(try await city(desk).data.version == before, "nothing changed")
            }
        }
        return code
    }

    private static func with(_ row: JSONValue, _ member: String, _ value: JSONValue) -> JSONValue {
        guard case .object(let members) = row else { return row }
        return .object(members.filter { $0.name != member } + [.init(member, value)])
    }

    @Test func `a catalogue may name only departments that exist and serve where it is in force`() async throws {
        #expect(
            try await refusal { list, row in list == "departments" && row["code"]?.text == "ludeng" ? nil : row } == "unknown-department")
        let elsewhere = JSONValue.array([.string("310106019001")])
        #expect(
            try await refusal { list, row in
                list == "departments" && row["code"]?.text == "ludeng" ? Self.with(row, "serves", elsewhere) : row
            } == "not-served")
    }

    @Test func `grids that overlap, areas without a parent and a second city are refused`() async throws {
        let large = JSONValue.array(
            [(121.44, 31.23), (121.46, 31.23), (121.46, 31.25), (121.44, 31.25)].map { .array([.number($0.0), .number($0.1)]) })
        #expect(
            try await refusal { list, row in
                list == "grids" && row["code"]?.text == "310106019001001" ? Self.with(row, "polygon", large) : row
            } == "overlap")
        #expect(
            try await refusal { list, row in list == "areas" && row["level"]?.text == "district" ? nil : row } == "unknown-reference")
        #expect(
            try await refusal { list, row in
                list == "areas" && row["code"]?.text == "310106019004" ? Self.with(row, "parent", .string("310106019003")) : row
            } == "unknown-reference")
    }

    @Test func `a department whose code is an area's or a plate's is refused`() throws {
        func file(_ name: String, _ rows: String) -> DataFile {
            DataFile(name: name + ".json", bytes: Array(#"{"\#(name)":[\#(rows)]}"#.utf8))
        }
        let error = #expect(throws: DataFileError.self) {
            try Directory.load(
                areas: file("areas", #"{"code":"310000000000","name":"市","level":"city"}"#), grids: file("grids", ""),
                departments: file("departments", #"{"code":"310000000000","name":"所","shortName":"所","home":"310000000000"}"#),
                plates: file("plates", ""))
        }
        #expect(error?.file == "departments.json" && error?.code == "duplicate")
    }

    @Test(arguments: ["areas", "grids", "departments", "plates", "calendar", "clocks", "categories", "catalogue"])
    func `a file of the city that cannot be read is told with its name`(_ name: String) async throws {
        for content in ["{", #"{"calendar":1}"#] {
            try await ChangedCity.with({ $1 }) { folder in
                try Data(content.utf8).write(to: URL(filePath: folder).appending(path: "\(name).json"))
                let error = #expect(throws: DataFileError.self) {
                    try City(folder: folder, today: try known(ChineseDay("2026-11-23")), ids: CaseWorld.ids)
                }
                #expect(error?.file.contains("\(name).json") == true, "\(content)")
            }
        }
    }

    @Test func `a folder that is not there, a kind that is none, and no city are refused`() throws {
        #expect(throws: DataFileError.self) {
            try City(folder: "/nowhere", today: try known(ChineseDay("2026-11-23")), ids: CaseWorld.ids)
        }
        #expect(throws: ImportCommand.UsageError.self) { try ImportCommand.files(["street=x.json"], nil) }
        #expect(throws: CityIncomplete.self) { try City(CityData(), ids: CaseWorld.ids) }
    }

    @Test func `the list of topics has two and a dead letter for each department`() throws {
        let specs = Topics.all(departments: try DemoStreet().directory.topics).map { KafkaTopicSpec($0) }
        #expect(specs.count == 7 + 3 * 12)
        #expect(specs.contains { $0.name == "feedback.ludeng.v1-dlt" && $0.partitions == 1 })
        #expect(specs.contains { $0.name == "cases.v1" && $0.partitions == 12 })
    }
}
