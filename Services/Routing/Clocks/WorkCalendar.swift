public import Contracts

/// Which days and hours are working time: weekends, holidays and 调休 as data of the year, never as code.
public struct WorkCalendar: Sendable {
    /// What a day is, with the name the year's notice gives it.
    public enum DayKind: Hashable, Sendable {
        case workday
        case weekend
        case holiday(String)
        /// 调休: a weekend day that is worked.
        case makeUpWorkday(String)

        public var isWorked: Bool {
            switch self {
            case .workday, .makeUpWorkday: true
            case .weekend, .holiday: false
            }
        }
    }
    /// Working time within a day, minutes after midnight.
    public struct Span: Hashable, Sendable {
        public let from: Int
        public let to: Int
    }

    public let firstDay: ChineseDay
    public let lastDay: ChineseDay
    let exceptions: [ChineseDay: DayKind]
    let workingTime: [Span]

    /// `nil` unless the spans are ascending, apart from each other, within one day and not empty.
    public init?(firstDay: ChineseDay, lastDay: ChineseDay, exceptions: [ChineseDay: DayKind], workingTime: [Span]) {
        var end = -1
        for span in workingTime {
            guard span.from > end, span.to > span.from, span.to <= 1440 else { return nil }
            end = span.to
        }
        guard !workingTime.isEmpty, firstDay <= lastDay else { return nil }
        self.firstDay = firstDay
        self.lastDay = lastDay
        self.exceptions = exceptions
        self.workingTime = workingTime
    }

    /// Whether the year's notice has been loaded for the day; outside, Monday to Friday are worked and `explain` says so.
    public func covers(_ day: ChineseDay) -> Bool { firstDay <= day && day <= lastDay }

    public func kind(of day: ChineseDay) -> DayKind {
        exceptions[day] ?? (day.isWeekend ? .weekend : .workday)
    }

    public func isWorking(_ instant: Timestamp) -> Bool {
        let day = instant.day
        return kind(of: day).isWorked
            && workingTime.contains { day.at(minute: $0.from) <= instant && instant < day.at(minute: $0.to) }
    }

    /// The end of working time on a day.
    func close(of day: ChineseDay) -> Timestamp { day.at(minute: workingTime.last?.to ?? 1440) }

    /// No limit reaches further than this; a calendar whose days are all off ends the search here.
    static let horizonDays = 3660

    /// `instant` moved forward by working milliseconds.
    func adding(working milliseconds: Int64, to instant: Timestamp) -> Timestamp {
        var left = milliseconds
        var day = instant.day
        for _ in 0..<Self.horizonDays {
            if kind(of: day).isWorked {
                for span in workingTime {
                    let from = max(day.at(minute: span.from), instant)
                    let length = day.at(minute: span.to).milliseconds - from.milliseconds
                    guard length > 0 else { continue }
                    if left <= length { return from.adding(milliseconds: left) }
                    left -= length
                }
            }
            day = day.adding(days: 1)
        }
        return day.start
    }

    /// Working milliseconds between two instants; 0 when `to` is not later.
    func working(from: Timestamp, to: Timestamp) -> Int64 {
        guard from < to else { return 0 }
        var sum: Int64 = 0
        var day = from.day
        for _ in 0..<Self.horizonDays {
            if day.start >= to { break }
            if kind(of: day).isWorked {
                for span in workingTime {
                    let begin = max(day.at(minute: span.from), from)
                    let end = min(day.at(minute: span.to), to)
                    if end > begin { sum += end.milliseconds - begin.milliseconds }
                }
            }
            day = day.adding(days: 1)
        }
        return sum
    }
}
