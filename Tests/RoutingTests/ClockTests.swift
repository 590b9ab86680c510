import Contracts
import TestKit
import Testing

@testable import Routing

@Suite struct ClockTests {
    let street: DemoStreet
    init() throws { street = try DemoStreet() }

    func due(_ value: Int, _ unit: ClockUnit, from: String) throws -> String {
        try street.calendar.due(known(ClockLimit(value, unit)), from: known(Timestamp(from))).chinese
    }

    @Test func `fifteen natural hours run through the night`() throws {
        #expect(try due(15, .naturalHours, from: "2026-10-01T20:00:00+08:00") == "2026-10-02 11:00")
    }

    @Test func `five working days before the October holiday end after it and count the made-up Saturday`() throws {
        // 30 September is the day of the start; 1 to 7 October are off; Saturday the 10th is worked.
        #expect(try due(5, .workingDays, from: "2026-09-30T16:00:00+08:00") == "2026-10-13 17:30")
        #expect(try due(3, .workingDays, from: "2026-09-30T16:00:00+08:00") == "2026-10-10 17:30")
    }

    @Test func `working days over the Spring Festival skip nine days and count both made-up Saturdays`() throws {
        #expect(try due(1, .workingDays, from: "2026-02-13T10:00:00+08:00") == "2026-02-14 17:30")
        #expect(try due(2, .workingDays, from: "2026-02-13T10:00:00+08:00") == "2026-02-24 17:30")
        #expect(try due(6, .workingDays, from: "2026-02-13T10:00:00+08:00") == "2026-02-28 17:30")
    }

    @Test func `working hours begin at half past eight and stop for holidays`() throws {
        #expect(try due(4, .workingHours, from: "2026-09-30T16:30:00+08:00") == "2026-10-08 11:30")
        #expect(try due(4, .workingHours, from: "2026-10-03T03:00:00+08:00") == "2026-10-08 12:30")
        #expect(try due(9, .workingHours, from: "2026-11-02T08:30:00+08:00") == "2026-11-02 17:30")
    }

    @Test func `a year end and a leap day are ordinary days`() throws {
        #expect(try due(1, .workingDays, from: "2026-12-31T12:00:00+08:00") == "2027-01-04 17:30")
        #expect(try due(2, .naturalDays, from: "2028-02-28T12:00:00+08:00") == "2028-03-01 12:00")
    }

    @Test func `a deadline is explained step by step`() throws {
        let steps = try street.calendar.explain(
            known(ClockLimit(3, .workingDays)), from: known(Timestamp("2026-09-30T16:00:00+08:00")))
        #expect(
            steps == [
                "起算：2026-09-30 16:00，9月30日（星期三）工作日",
                "时限 3 个工作日，起算当日不计",
                "10月1日（星期四）至10月7日（星期三）国庆节，不计",
                "10月8日（星期四）：第 1 个工作日",
                "10月9日（星期五）：第 2 个工作日",
                "10月10日（星期六）（国庆节调休）：第 3 个工作日",
                "到期：2026-10-10 17:30",
            ])
    }

    @Test func `an explanation in hours adds up and one beyond the calendar says so`() throws {
        let hours = try street.calendar.explain(
            known(ClockLimit(4, .workingHours)), from: known(Timestamp("2026-09-30T16:30:00+08:00")))
        #expect(hours.contains("9月30日（星期三）：计 1 小时 0 分"))
        #expect(hours.contains("10月8日（星期四）：计 3 小时 0 分"))
        let far = try street.calendar.explain(
            known(ClockLimit(2, .workingDays)), from: known(Timestamp("2028-05-01T10:00:00+08:00")))
        #expect(far.contains { $0.hasPrefix("注意：日历只录到 2027-12-31") })
    }

    @Test func `warnings come at half and at eighty per cent of working time`() throws {
        let limit = try known(ClockLimit(10, .workingHours))
        let start = try known(Timestamp("2026-09-30T12:30:00+08:00"))
        let clock = CaseClock(kind: .handle, startedAt: start, dueAt: street.calendar.due(limit, from: start), limit: limit)
        #expect(clock.dueAt.chinese == "2026-10-08 13:30")
        #expect(street.calendar.instant(at: 50, of: clock).chinese == "2026-09-30 17:30")
        #expect(street.calendar.instant(at: 80, of: clock).chinese == "2026-10-08 11:30")
        #expect(try street.calendar.warning(for: clock, at: known(Timestamp("2026-10-03T00:00:00+08:00"))) == 50)
        #expect(street.calendar.warning(for: clock, at: clock.dueAt) == nil)
    }

    @Test func `due never runs backwards when the start moves forward`() throws {
        var random = Seeded(seed: 99)
        let from = try known(Timestamp("2026-01-01T00:00:00+08:00"))
        for unit in ClockUnit.allCases {
            var last: Timestamp?
            let limit = try known(ClockLimit(7, unit))
            for hour in stride(from: 0, to: 24 * 700, by: 17) {
                let start = from.adding(.seconds(Int64(hour) * 3600 + Int64.random(in: 0..<3600, using: &random)))
                let due = street.calendar.due(limit, from: start)
                #expect(due > start)
                if let last { #expect(due >= last) }
                last = due
            }
        }
    }

    @Test func `instants at the ends of time do not trap`() throws {
        for instant in [Timestamp.earliest, .latest] {
            for unit in ClockUnit.allCases { _ = street.calendar.due(try known(ClockLimit(100_000, unit)), from: instant) }
            for unit in ClockUnit.allCases { _ = street.calendar.explain(try known(ClockLimit(3, unit)), from: instant) }
        }
    }
}
