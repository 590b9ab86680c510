import Contracts
import TestKit
import Testing

@testable import Routing
@testable import ServiceKit

@Suite struct DirectoryTests {
    let street: DemoStreet
    init() throws { street = try DemoStreet() }
    var directory: Directory { street.directory }

    @Test func `the demo street has its places, units and plates`() {
        #expect(directory.areas.count == 8)
        #expect(directory.grids.count == 40)
        #expect(directory.departments.count == 12)
        #expect(directory.plates.count == 60)
        for community in directory.areas.values where community.level == .community {
            #expect(directory.grids.values.count { $0.community == community.code } == 8)
        }
    }

    @Test func `a token for an organisation that is none here is found, and no other`() {
        func member(_ role: StaffRole, _ organisation: String) -> StaffMember {
            StaffMember(name: "值班", role: role, organisation: organisation)
        }
        let sound =
            [
                member(.street, "310106019000"), member(.district, "310106000000"), member(.community, "310106019001"),
                member(.caller, "310106019000"), member(.gridWorker, "310106019001"),
            ] + directory.departments.keys.prefix(1).map { member(.department, $0.description) }
        #expect(directory.strangers(among: sound).isEmpty)
        let strangers = [
            member(.community, "310106019999"), member(.community, "310106019000"), member(.street, "310106018000"),
            member(.department, "no-such-unit"), member(.caller, "x"), member(.district, "district"),
        ]
        let findings = directory.strangers(among: sound + strangers)
        #expect(findings.count == strangers.count && findings.allSatisfy { !$0.contains("值班") })
        for stranger in strangers { #expect(findings.contains { $0.contains("“\(stranger.organisation)”") }) }
    }

    @Test func `a department says on which topics it is spoken to, and none is called shared`() throws {
        func load(_ code: String, _ more: String = "") throws(DataFileError) -> [DepartmentTopics] {
            let json = #"{"departments":[{"code":"\#(code)","name":"所","shortName":"所","home":"310000000000"\#(more)}]}"#
            return try Directory.departmentTopics(DataFile(name: "departments.json", bytes: Array(json.utf8)))
        }
        let lamps = try known(DepartmentCode("ludeng"))
        #expect(try load("ludeng") == [DepartmentTopics(lamps)])
        #expect(try load("ludeng", #","topic":"own""#) == [DepartmentTopics(lamps)])
        #expect(try load("ludeng", #","topic":"shared""#) == [DepartmentTopics(lamps, isShared: true)])
        let other = #expect(throws: DataFileError.self) { try load("ludeng", #","topic":"mine""#) }
        #expect(other?.pointer == "#/departments/0/topic" && other?.reason.contains("shared") == true)
        let reserved = #expect(throws: DataFileError.self) { try load("shared") }
        #expect(reserved?.pointer == "#/departments/0/code" && reserved?.reason.contains("not “shared”") == true)
    }

    @Test func `every chip of a plate is a known category and every plate has four to six`() {
        for plate in directory.plates.values {
            #expect((4...6).contains(plate.chips.count))
            for chip in plate.chips { #expect(street.categories.byCode[chip.category] != nil) }
        }
    }

    @Test func `a plate is its own place and its point lies in the same grid`() throws {
        for plate in directory.plates.values {
            let place = try directory.place(of: plate.code)
            #expect(place.grid == plate.grid && place.community == plate.community && place.plate == plate.code)
            #expect(try directory.locate(plate.point).grid == plate.grid)
        }
        #expect(throws: PlaceRefusal.unknownPlate) { try directory.place(of: PlateCode(value: 1)) }
    }

    @Test func `a point inside the street lies in exactly one grid, on shared edges too`() throws {
        var random = Seeded(seed: 5)
        var found = 0
        for _ in 0..<4000 {
            let point = GeoPoint(
                latitude: Double.random(in: 31.2366...31.2444, using: &random),
                longitude: Double.random(in: 121.4466...121.4714, using: &random))
            let holders = directory.grids.values.filter { $0.polygon.contains(point) }
            #expect(holders.count == 1)
            if holders.count == 1 {
                #expect(try directory.locate(point).grid == holders.first?.code)
                found += 1
            }
        }
        #expect(found == 4000)
        for grid in directory.grids.values {
            for corner in grid.polygon.corners {
                #expect(directory.grids.values.count { $0.polygon.contains(corner) } <= 1)
            }
        }
    }

    @Test func `a point near another community asks, one in the middle does not`() throws {
        let grid = try known(directory.grids[known(AreaCode("310106019001005"))])
        let corners = grid.polygon.corners
        let middle = GeoPoint(
            latitude: corners.map(\.latitude).reduce(0, +) / Double(corners.count),
            longitude: corners.map(\.longitude).reduce(0, +) / Double(corners.count))
        let inside = try directory.locate(middle)
        #expect(inside.grid == grid.code && !inside.isBorderZone && inside.neighbours.isEmpty)
        // The eastern edge of this grid is the border of the next community.
        let east = corners[3]
        let near = GeoPoint(latitude: east.latitude, longitude: east.longitude - 0.0001)
        let border = try directory.locate(near)
        #expect(border.isBorderZone)
        #expect(border.neighbours.contains { $0.community != border.community })
        let farther = GeoPoint(latitude: east.latitude, longitude: east.longitude - 0.0004)
        #expect(try !directory.locate(farther).isBorderZone)
    }

    @Test func `exchanged, impossible and foreign coordinates are told apart`() {
        func code(_ latitude: Double, _ longitude: Double) -> String? {
            do throws(PlaceRefusal) {
                _ = try directory.locate(GeoPoint(latitude: latitude, longitude: longitude))
                return nil
            } catch { return error.code }
        }
        #expect(code(121.458, 31.24) == "coordinate-swapped")
        #expect(code(31.24, 121.60) == "outside-street")
        #expect(code(0, 0) == "outside-street")
        #expect(code(.nan, 121) == "coordinate-invalid")
        #expect(code(31, .infinity) == "coordinate-invalid")
        #expect(code(200, 31) == "coordinate-invalid")
        #expect(code(31.24, 121.458) == nil)
    }

    @Test func `metres are metres`() throws {
        let here = GeoPoint(latitude: 31.24, longitude: 121.45)
        let (east, north) = here.metres(to: GeoPoint(latitude: 31.241, longitude: 121.451))
        #expect(abs(east - 95.18) < 0.2)
        #expect(abs(north - 111.3) < 0.2)
    }

    @Test func `a polygon that crosses itself is none`() {
        let bow = [(0.0, 0.0), (1, 1), (1, 0), (0, 1)].map { GeoPoint(latitude: $0.0, longitude: $0.1) }
        #expect(GeoPolygon(bow) == nil)
        #expect(GeoPolygon(Array(bow.prefix(2))) == nil)
        #expect(GeoPolygon([bow[0], bow[2], bow[1], bow[3]]) != nil)
    }

    @Test func `names are read from the top down`() throws {
        #expect(directory.name(of: try known(AreaCode("310106019001001"))) == "彩虹街道云桥社区云桥第一网格")
        #expect(directory.name(of: try known(AreaCode("310106019000"))) == "彩虹街道")
    }
}
