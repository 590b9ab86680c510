/// Times in words, on China's clock (UTC+8 all year since 1991). Input is milliseconds since 1970, clamped to the years 1970–9999.
public struct Moment: Sendable, Hashable {
    public let year, month, day, hour, minute, second: Int

    public init(_ milliseconds: Int64) {
        let clamped = min(max(milliseconds, 0), 253_402_214_400_000)
        let local = Int(clamped / 1000) + 8 * 3600
        (hour, minute, second) = (local / 3600 % 24, local / 60 % 60, local % 60)
        // Days to a civil date, with years that begin in March so that the leap day is the last one.
        let days = local / 86400 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// `11月21日 14:05` / `21 Nov, 14:05`.
    public var words: Text {
        let time = "\(Moment.two(hour)):\(Moment.two(minute))"
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let name = names.dropFirst(month - 1).first ?? ""
        return Text("\(month)月\(day)日 \(time)", "\(day) \(name), \(time)")
    }

    /// RFC 3339 with +08:00, for `datetime`.
    public var standard: String {
        "\(year)-\(Moment.two(month))-\(Moment.two(day))T\(Moment.two(hour)):\(Moment.two(minute)):\(Moment.two(second))+08:00"
    }
}

/// A length of time in the two largest units that matter to a reader.
public enum Span {
    /// `2 天 3 小时`, `3 小时 20 分`, `8 分钟`. Negative lengths count as their absolute value.
    public static func words(milliseconds: Int64) -> Text {
        let minutes = Int(min(milliseconds.magnitude / 60_000, 5_256_000))
        let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60)
        if days > 0 {
            return hours == 0
                ? Text("\(days) 天", "\(days) d") : Text("\(days) 天 \(hours) 小时", "\(days) d \(hours) h")
        }
        if hours > 0 {
            return rest == 0
                ? Text("\(hours) 小时", "\(hours) h") : Text("\(hours) 小时 \(rest) 分", "\(hours) h \(rest) min")
        }
        return rest == 0 ? Text("不到 1 分钟", "less than a minute") : Text("\(rest) 分钟", "\(rest) min")
    }

    /// How far `moment` is in the past: `2 天前`, `刚刚`.
    public static func ago(_ moment: Int64, now: Int64) -> Text {
        let (past, overflow) = now.subtractingReportingOverflow(moment)
        if overflow || past < 60_000 { return Text("刚刚", "just now") }
        let minutes = past / 60_000
        if minutes < 60 { return Text("\(minutes) 分钟前", "\(minutes) min ago") }
        if minutes < 1440 { return Text("\(minutes / 60) 小时前", "\(minutes / 60) h ago") }
        return Text("\(minutes / 1440) 天前", "\(minutes / 1440) d ago")
    }
}

extension Visit {
    /// A `<time>` element.
    public func time(_ milliseconds: Int64) -> HTML {
        let moment = Moment(milliseconds)
        return "<time datetime=\"\(moment.standard)\">\(self(moment.words))</time>"
    }
}
