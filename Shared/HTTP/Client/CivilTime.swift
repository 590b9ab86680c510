/// Dates as HTTP and mail write them, without a calendar library. Seconds since 1970, leap seconds unknown.
enum CivilTime {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let daySeconds: Int64 = 86_400

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110's preferred form only).
    static func parse(_ text: String) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[0].count == 4, parts[5] == "GMT", let day = digits(parts[1], 2), let year = digits(parts[3], 4),
            let month = months.firstIndex(of: String(parts[2])), (1...31).contains(day), year >= 1970
        else { return nil }
        let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, let hour = digits(clock[0], 2), let minute = digits(clock[1], 2), let second = digits(clock[2], 2),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        return days(year, month + 1, day) * daySeconds + Int64(hour * 3600 + minute * 60 + second)
    }

    /// `Sat, 21 Nov 2026 19:04:05 +0800`: RFC 5322, always in China's time.
    static func mailDate(_ seconds: Int64) -> String {
        let local = min(max(seconds, 0), 253_370_000_000) + 8 * 3600
        let (day, rest) = local.quotientAndRemainder(dividingBy: daySeconds)
        let (year, month, dayOfMonth) = date(day)
        let clock = [rest / 3600, rest / 60 % 60, rest % 60].map(twoDigits).joined(separator: ":")
        return "\(weekdays[Int(day % 7)]), \(twoDigits(Int64(dayOfMonth))) \(months[month - 1]) \(year) \(clock) +0800"
    }

    private static func digits(_ text: Substring, _ count: Int) -> Int? {
        text.utf8.count == count && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// Days since 1970-01-01; the year is counted from March so that the leap day comes last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let y = month > 2 ? year : year - 1
        let yearOfEra = y % 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return Int64(y / 400 * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
    }

    private static func date(_ days: Int64) -> (year: Int64, month: Int, day: Int) {
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), Int(month), Int(dayOfYear - (153 * fromMarch + 2) / 5 + 1))
    }
}

extension HTTPClient.Response {
    /// What `Retry-After` asks for, in seconds or as a date, at most an hour; `nil` when absent or unreadable.
    /// - Parameter now: seconds since 1970, for the date form.
    public func retryAfter(now: Int64) -> Duration? {
        guard let text = header("retry-after") else { return nil }
        let seconds: Int64
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            seconds = Int64(text) ?? .max
        } else if let then = CivilTime.parse(text) {
            seconds = then - now
        } else {
            return nil
        }
        return .seconds(min(max(seconds, 0), 3_600))
    }
}
