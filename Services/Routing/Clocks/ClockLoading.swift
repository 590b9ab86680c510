import Contracts
import JSON

/// The clock profiles of a city and its numbers that are no clocks.
struct ClockRules: Sendable {
    let profiles: [String: ClockProfile]
    let policy: CasePolicy

    public static func load(_ file: DataFile) throws(DataFileError) -> ClockRules {
        let form = try file.decode(ClockForm.self)
        let profiles = try file.keyed(form.profiles.map(\.profile), "profiles", by: \.code)
        guard profiles[Catalogue.humanQueueClocks] != nil else {
            throw file.error("missing-profile", at: "#/profiles", "缺少时限方案 \(Catalogue.humanQueueClocks)")
        }
        return ClockRules(profiles: profiles, policy: form.policy)
    }
}

extension WorkCalendar {
    public static func load(_ file: DataFile) throws(DataFileError) -> WorkCalendar {
        let form = try file.decode(CalendarForm.self)
        var exceptions: [ChineseDay: DayKind] = [:]
        for (index, day) in form.days.enumerated() {
            let kind: DayKind = day.isOff ? .holiday(day.name) : .makeUpWorkday(day.name)
            guard exceptions.updateValue(kind, forKey: day.date) == nil else {
                throw file.error("duplicate", at: "#/days/\(index)/date", "日期 \(day.date) 重复")
            }
            guard form.firstDay <= day.date, day.date <= form.lastDay else {
                throw file.error("outside-calendar", at: "#/days/\(index)/date", "日期 \(day.date) 不在日历范围内")
            }
            guard day.isOff || day.date.isWeekend else {
                throw file.error("not-a-weekend", at: "#/days/\(index)/off", "\(day.date) 不是周末，不能是调休上班日")
            }
        }
        guard
            let calendar = WorkCalendar(
                firstDay: form.firstDay, lastDay: form.lastDay, exceptions: exceptions,
                workingTime: form.workingTime.map { Span(from: $0.from, to: $0.to) })
        else { throw file.error("bad-working-time", at: "#/workingTime", "工作时间须依次排列且不重叠") }
        return calendar
    }
}

private struct ClockForm: JSONObjectDecodable {
    let policy: CasePolicy
    let profiles: [ProfileForm]
    init(members: inout JSONMembers) throws(JSONError) {
        _ = try members.optional("note", String.self)
        policy = try members.read("policy") { reader throws(JSONError) in
            try reader.object { members throws(JSONError) in
                try CasePolicy(
                    emergencyArrivalMinutes: members.read("emergencyArrivalMinutes", Self.count),
                    reopenLimit: members.read("reopenLimit", Self.count),
                    longestSuspensionDays: members.read("longestSuspensionDays", Self.count))
            }
        }
        profiles = try members.required("profiles")
    }
    private static func count(_ reader: inout JSONReader) throws(JSONError) -> Int {
        let value: Int = try reader.integer()
        guard (1...1000).contains(value) else { throw reader.failure(.outOfRange, "1 to 1000 is due") }
        return value
    }
}

private struct ProfileForm: JSONObjectDecodable {
    let profile: ClockProfile
    init(members: inout JSONMembers) throws(JSONError) {
        let limits = try members.read("limits") { reader throws(JSONError) in
            var limits: [ClockKind: ClockLimit] = [:]
            try reader.elements { reader throws(JSONError) in
                let (kind, limit) = try Self.limit(&reader)
                guard limits.updateValue(limit, forKey: kind) == nil else {
                    throw reader.failure(.invalidValue, "this clock has a limit already")
                }
            }
            let missing = ClockKind.allCases.filter { $0 != .review && limits[$0] == nil }
            guard missing.isEmpty else {
                throw reader.failure(.missingMember, "no limit for \(missing.map(\.rawValue).joined(separator: ", "))")
            }
            return limits
        }
        profile = try ClockProfile(code: members.required("code"), name: members.required("name"), limits: limits)
    }
    private static func limit(_ reader: inout JSONReader) throws(JSONError) -> (ClockKind, ClockLimit) {
        try reader.object { members throws(JSONError) in
            let kind: ClockKind = try members.required("clock")
            let unit = try members.read("unit") { reader throws(JSONError) in
                try reader.parsed("a unit of time") { ClockUnit(rawValue: $0) }
            }
            let limit = try members.read("value") { reader throws(JSONError) in
                guard let limit = ClockLimit(try reader.integer(), unit) else {
                    throw reader.failure(.outOfRange, "1 to 100000 is due")
                }
                return limit
            }
            return (kind, limit)
        }
    }
}

private struct CalendarForm: JSONObjectDecodable {
    struct Day: JSONObjectDecodable {
        let date: ChineseDay, name: String, isOff: Bool
        init(members: inout JSONMembers) throws(JSONError) {
            (date, name, isOff) = try (members.required("date"), members.required("name"), members.required("off"))
        }
    }
    struct Hours: JSONObjectDecodable {
        let from: Int, to: Int
        init(members: inout JSONMembers) throws(JSONError) {
            (from, to) = try (members.read("from", Self.minute), members.read("to", Self.minute))
        }
        private static func minute(_ reader: inout JSONReader) throws(JSONError) -> Int {
            try reader.parsed("a time such as 08:30") { text in
                let parts = text.split(separator: ":").compactMap { Int($0) }
                guard text.utf8.count == 5, parts.count == 2, (0...24).contains(parts[0]), (0..<60).contains(parts[1]) else { return nil }
                return parts[0] * 60 + parts[1]
            }
        }
    }
    let firstDay: ChineseDay, lastDay: ChineseDay, workingTime: [Hours], days: [Day]
    init(members: inout JSONMembers) throws(JSONError) {
        _ = try members.optional("note", String.self)
        (firstDay, lastDay) = try (members.required("firstDay"), members.required("lastDay"))
        (workingTime, days) = try (members.required("workingTime"), members.required("days"))
    }
}
