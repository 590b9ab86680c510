import Contracts

extension ChineseDay {
    /// Minutes after midnight; 1440 is the next day's start.
    func at(minute: Int) -> Timestamp { start.adding(milliseconds: Int64(minute) * 60_000) }

    var isWeekend: Bool { weekday > 5 }

    /// `10月8日（星期四）`
    var chinese: String {
        let names = ["一", "二", "三", "四", "五", "六", "日"]
        return "\(month)月\(day)日（星期\(names[weekday - 1])）"
    }
}

extension Timestamp {
    /// `2026-10-12 17:30`, as people write it.
    var chinese: String { "\(day) \(Timestamp.clock(minute: Int(millisecondOfDay / 60_000)))" }

    /// `08:30`
    static func clock(minute: Int) -> String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(two(minute / 60)):\(two(minute % 60))"
    }
}
