import Contracts
import Foundation
import JSON
import Testing

struct TimestampTests {
    @Test func `times print in Chinese time with milliseconds`() {
        #expect(Timestamp(milliseconds: 0).description == "1970-01-01T08:00:00.000+08:00")
        #expect(Timestamp(milliseconds: -1).description == "1970-01-01T07:59:59.999+08:00")
        #expect(Timestamp(milliseconds: 1_795_224_600_123).description == "2026-11-21T09:30:00.123+08:00")
    }

    @Test func `ends of the range print and parse`() {
        #expect(Timestamp.latest.description == "9999-12-31T23:59:59.999+08:00")
        for moment in [Timestamp.earliest, .latest] { #expect(Timestamp(moment.description) == moment) }
        #expect(Timestamp(milliseconds: .max) == .latest)
        #expect(Timestamp(milliseconds: .min) == .earliest)
    }

    @Test(arguments: [
        ("2026-11-21T09:30:00+08:00", "2026-11-21T09:30:00.000+08:00"), ("2026-11-21T01:30:00Z", "2026-11-21T09:30:00.000+08:00"),
        ("2026-11-21T09:30:00.1+08:00", "2026-11-21T09:30:00.100+08:00"),
        ("2026-11-21T09:30:00.12+08:00", "2026-11-21T09:30:00.120+08:00"),
        ("2026-11-21T09:30:00.123999999+08:00", "2026-11-21T09:30:00.123+08:00"),
        ("2026-11-20T20:30:00-05:00", "2026-11-21T09:30:00.000+08:00"), ("2024-02-29T00:00:00Z", "2024-02-29T08:00:00.000+08:00"),
    ])
    func `RFC 3339 in any offset is the same moment`(text: String, printed: String) {
        #expect(Timestamp(text)?.description == printed)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T09:30:00", "2026-11-21 09:30:00Z", "2026-11-21t09:30:00Z", "2026-11-21T09:30:00z",
        "2026-11-21T09:30Z", "2026-11-21T24:00:00Z", "2026-11-21T09:60:00Z", "2026-11-21T09:30:60Z", "2026-02-30T00:00:00Z",
        "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
        "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2026-11-21T09:30:00.Z", "2026-11-21T09:30:00.1234567890Z",
        "2026-11-21T09:30:00+0800", "2026-11-21T09:30:00+24:00", "2026-11-21T09:30:00+08:60", "2026-11-21T09:30:00+08",
        " 2026-11-21T09:30:00Z", "2026-11-21T09:30:00Z ", "+2026-11-21T09:30:00Z", "２026-11-21T09:30:00Z",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59.999Z",
    ])
    func `other texts are no time`(text: String) { #expect(Timestamp(text) == nil) }

    @Test func `Foundation prints the same days through four hundred years`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 28_800))
        for step in 0..<5_000 {
            let moment = Timestamp(milliseconds: -6_000_000_000_000 + Int64(step) * 2_592_345_678)
            let parts = calendar.dateComponents(
                [.year, .month, .day, .weekday], from: Date(timeIntervalSince1970: Double(moment.milliseconds) / 1_000))
            #expect(moment.day.year == parts.year && moment.day.month == parts.month && moment.day.day == parts.day)
            #expect(moment.day.weekday % 7 + 1 == parts.weekday)
            #expect(Timestamp(moment.description) == moment)
            #expect(ChineseDay(moment.day.description) == moment.day && ChineseDay(compact: moment.day.compact) == moment.day)
            #expect(moment.day.start.adding(milliseconds: moment.millisecondOfDay) == moment)
        }
    }

    @Test func `arithmetic stops at the ends`() {
        let noon = Timestamp(milliseconds: 1_000)
        #expect(noon.adding(milliseconds: .max) == .latest)
        #expect(noon.adding(milliseconds: .min) == .earliest)
        #expect(noon + .seconds(Int64.max) == .latest)
        #expect(noon - .seconds(Int64.max) == .earliest)
        #expect(noon - .seconds(Int64.min) == .latest)
        #expect(noon + .milliseconds(5) - noon == .milliseconds(5))
        #expect(Timestamp.latest.milliseconds(since: .earliest) > 0)
        #expect(ChineseDay(daysSince1970: .max).adding(days: .max) == ChineseDay(year: 9_999, month: 12, day: 31))
        #expect(ChineseDay(daysSince1970: .min).adding(days: .min) == ChineseDay(year: 1, month: 1, day: 1))
    }

    @Test func `JSON carries the text`() throws {
        let moment = Timestamp(milliseconds: 1_795_224_600_123)
        #expect(try JSONReader.decode(Timestamp.self, from: moment.json) == moment)
        let error = #expect(throws: JSONError.self) { try JSONReader.decode([Timestamp].self, from: Array("[\"today\"]".utf8)) }
        #expect(error?.code == .invalidValue && error?.pointer == "#/0")
    }
}
