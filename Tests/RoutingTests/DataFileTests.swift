import Contracts
import Testing

@testable import Routing

/// A data file that is wrong says which file, where, and why.
@Suite struct DataFileTests {
    func complaint(_ body: () throws(DataFileError) -> Void) -> String? {
        do throws(DataFileError) {
            try body()
            return nil
        } catch { return "\(error.file) \(error.pointer) \(error.code)" }
    }
    func file(_ name: String, _ text: String) -> DataFile { DataFile(name: name, bytes: Array(text.utf8)) }

    @Test func `a calendar is refused for an unknown member, a double day and a worked Monday`() {
        func calendar(_ days: String, _ more: String = "") -> String? {
            let text = """
                {"firstDay": "2026-01-01", "lastDay": "2026-12-31", "workingTime": [{"from": "08:30", "to": "17:30"}], "days": [\(days)]\(more)}
                """
            return complaint { () throws(DataFileError) in _ = try WorkCalendar.load(file("calendar.json", text)) }
        }
        let newYear = #"{"date": "2026-01-01", "name": "元旦", "off": true}"#
        #expect(calendar(newYear) == nil)
        #expect(calendar(newYear, #", "x": 1"#) == "calendar.json #/x unknown_member")
        #expect(calendar("\(newYear), \(newYear)") == "calendar.json #/days/1/date duplicate")
        #expect(calendar(#"{"date": "2026-02-30", "name": "元旦", "off": true}"#) == "calendar.json #/days/0/date invalid_value")
        #expect(calendar(#"{"date": "2027-01-01", "name": "元旦", "off": true}"#) == "calendar.json #/days/0/date outside-calendar")
        #expect(calendar(#"{"date": "2026-01-05", "name": "调休", "off": false}"#) == "calendar.json #/days/0/off not-a-weekend")
    }

    @Test func `a directory is refused for a plate outside its grid and a grid without a community`() throws {
        let areas = try DemoStreet.file("areas")
        let grids = try DemoStreet.file("grids")
        let departments = try DemoStreet.file("departments")
        func plates(_ text: String) -> String? {
            complaint { () throws(DataFileError) in
                _ = try Directory.load(areas: areas, grids: grids, departments: departments, plates: file("plates.json", text))
            }
        }
        let code = PlateCode(value: 12_345).description
        func plate(_ latitude: Double, _ grid: String) -> String {
            #"{"plates": [{"code": "\#(code)", "kind": "lamp", "name": "n", "lat": \#(latitude), "lng": 121.458, "grid": "\#(grid)", "community": "\#(grid.prefix(12))", "chips": []}]}"#
        }
        #expect(plates(plate(31.24, "310106019001001")) == "plates.json #/plates/0 outside-grid")
        #expect(plates(plate(31.24, "310106019001099")) == "plates.json #/plates/0/grid unknown-reference")
        #expect(plates(#"{"plates": [{"code": "AAAAAAAA"}]}"#) == "plates.json #/plates/0/code invalid_value")
        #expect(plates(#"{"plates": [],}"#) == "plates.json # syntax")
        let none = complaint { () throws(DataFileError) in
            _ = try Directory.load(
                areas: file("areas.json", #"{"areas": []}"#), grids: grids, departments: departments,
                plates: file("plates.json", #"{"plates": []}"#))
        }
        #expect(none == "grids.json #/grids/0/community unknown-reference")
    }

    @Test func `clock rules are refused for a missing clock and a limit of zero`() {
        func clocks(_ limits: String) -> String? {
            let policy = #"{"emergencyArrivalMinutes": 30, "reopenLimit": 2, "longestSuspensionDays": 90}"#
            let text = #"{"policy": \#(policy), "profiles": [{"code": "ordinary", "name": "n", "limits": [\#(limits)]}]}"#
            return complaint { () throws(DataFileError) in _ = try ClockRules.load(file("clocks.json", text)) }
        }
        #expect(clocks("") == "clocks.json #/profiles/0/limits missing_member")
        #expect(
            clocks(#"{"clock": "accept", "value": 0, "unit": "naturalHours"}"#) == "clocks.json #/profiles/0/limits/0/value out_of_range")
        #expect(clocks(#"{"clock": "accept", "value": 1, "unit": "moons"}"#) == "clocks.json #/profiles/0/limits/0/unit invalid_value")
    }

    @Test func `a catalogue row with an unknown member is refused with its place`() {
        let text = #"{"version": "1", "rows": [{"code": "A", "match": {"kategory": "P01"}}]}"#
        let found = complaint { () throws(DataFileError) in _ = try CatalogueFile.load(file("catalogue.json", text)) }
        #expect(found == "catalogue.json #/rows/0/match/kategory unknown_member")
    }
}
