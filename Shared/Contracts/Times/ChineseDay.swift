/// A calendar day in China, 0001-01-01 to 9999-12-31 (Gregorian).
public struct ChineseDay: WireText {
    public static var form: String { "a date such as 2026-11-21" }

    public let year: Int
    public let month: Int
    public let day: Int

    /// `nil` for a day that no calendar has.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9_999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.length(ofMonth: month, in: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Days outside the range become the nearest one within.
    public init(daysSince1970 days: Int64) {
        // Years counted from March make the leap day the last one: then months have a regular pattern of 153 days per five.
        let shifted = min(max(days, -719_162), 2_932_896) &+ 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra &- dayOfEra / 1_460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let monthFromMarch = (5 &* dayOfYear &+ 2) / 153
        day = Int(dayOfYear &- (153 &* monthFromMarch &+ 2) / 5 &+ 1)
        month = Int(monthFromMarch < 10 ? monthFromMarch &+ 3 : monthFromMarch &- 9)
        year = Int(yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0))
    }

    public var daysSince1970: Int64 {
        let year = Int64(month <= 2 ? self.year &- 1 : self.year)
        let monthFromMarch = Int64(month > 2 ? month &- 3 : month &+ 9)
        let dayOfYear = (153 &* monthFromMarch &+ 2) / 5 &+ Int64(day) &- 1
        let era = year / 400
        let yearOfEra = year % 400
        return era &* 146_097 &+ yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear &- 719_468
    }

    /// 1 is Monday, 7 is Sunday.
    public var weekday: Int { Int(((daysSince1970 &+ 3) % 7 &+ 7) % 7) &+ 1 }

    /// Midnight in China at the start of the day.
    public var start: Timestamp {
        Timestamp(milliseconds: daysSince1970 &* Timestamp.millisecondsPerDay &- Timestamp.chineseOffset)
    }

    public func adding(days: Int) -> ChineseDay {
        let (sum, overflow) = daysSince1970.addingReportingOverflow(Int64(days))
        return ChineseDay(daysSince1970: overflow ? (days < 0 ? .min : .max) : sum)
    }

    public init?(_ description: String) {
        let text = Array(description.utf8)
        guard text.count == 10, text[4] == 0x2D, text[7] == 0x2D,
            let compact = ChineseDay(compact: String(decoding: text[0..<4] + text[5..<7] + text[8..<10], as: UTF8.self))
        else { return nil }
        self = compact
    }

    /// From `20261121`.
    public init?(compact: String) {
        guard compact.utf8.count == 8, compact.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let number = Int(compact) else { return nil }
        self.init(year: number / 10_000, month: number / 100 % 100, day: number % 100)
    }

    /// `2026-11-21`.
    public var description: String {
        var text = Digits()
        text.add(year, 4, then: "-")
        text.add(month, 2, then: "-")
        text.add(day, 2)
        return text.text
    }

    /// `20261121`.
    public var compact: String {
        var text = Digits()
        text.add(compactly: self)
        return text.text
    }

    private static func length(ofMonth month: Int, in year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        default: 31
        }
    }
}

extension Digits {
    /// `20261121`.
    mutating func add(compactly day: ChineseDay) {
        add(day.year, 4)
        add(day.month, 2)
        add(day.day, 2)
    }
}
