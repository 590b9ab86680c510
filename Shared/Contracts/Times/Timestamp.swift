import FoundationEssentials
public import JSON

/// A moment: milliseconds since 1970 UTC. Printed in Chinese time, `2026-11-21T09:30:00.123+08:00`.
///
/// China has had one zone and no summer time since 1991, so the offset is a constant. Years 0001 to 9999; arithmetic
/// stops at the ends instead of trapping.
public struct Timestamp: Sendable, Hashable, Comparable, LosslessStringConvertible, JSONDecodable, JSONEncodable {
    /// 0001-01-01T00:00:00Z.
    public static let earliest = Timestamp(unchecked: -62_135_596_800_000)
    /// 9999-12-31T15:59:59.999Z, the last moment of year 9999 in Chinese time.
    public static let latest = Timestamp(unchecked: 253_402_271_999_999)
    /// Chinese time's distance from UTC in milliseconds.
    static let chineseOffset: Int64 = 28_800_000
    static let millisecondsPerDay: Int64 = 86_400_000

    public let milliseconds: Int64

    /// Moments outside years 0001 to 9999 become the nearest one within.
    public init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, Self.earliest.milliseconds), Self.latest.milliseconds)
    }

    private init(unchecked milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The machine's clock. Decisions get their time passed in; this is for the outermost layer.
    public static func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1_000))
    }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    // MARK: Arithmetic

    public func adding(milliseconds other: Int64) -> Timestamp {
        let (sum, overflow) = milliseconds.addingReportingOverflow(other)
        if overflow { return other < 0 ? .earliest : .latest }
        return Timestamp(milliseconds: sum)
    }

    /// Parts of a millisecond are cut off.
    public func adding(_ duration: Duration) -> Timestamp { adding(milliseconds: duration.wholeMilliseconds) }

    /// Milliseconds from `other` to this moment; negative when this one is earlier.
    public func milliseconds(since other: Timestamp) -> Int64 {
        // Both lie within ±2.6e14, so the difference always fits.
        milliseconds &- other.milliseconds
    }

    public static func + (moment: Timestamp, duration: Duration) -> Timestamp { moment.adding(duration) }
    public static func - (moment: Timestamp, duration: Duration) -> Timestamp {
        moment.adding(milliseconds: 0 &- max(duration.wholeMilliseconds, -.max))
    }
    public static func - (a: Timestamp, b: Timestamp) -> Duration { .milliseconds(a.milliseconds(since: b)) }

    // MARK: Days

    /// The calendar day in China.
    public var day: ChineseDay { ChineseDay(daysSince1970: chineseClock.days) }

    /// Milliseconds since midnight in China.
    public var millisecondOfDay: Int64 { chineseClock.rest }

    private var chineseClock: (days: Int64, rest: Int64) {
        let local = milliseconds &+ Self.chineseOffset
        let rest = ((local % Self.millisecondsPerDay) &+ Self.millisecondsPerDay) % Self.millisecondsPerDay
        return ((local &- rest) / Self.millisecondsPerDay, rest)
    }

    // MARK: Text

    /// RFC 3339 with milliseconds and `+08:00`.
    public var description: String {
        let (days, rest) = chineseClock
        let day = ChineseDay(daysSince1970: days)
        var text = Digits()
        text.add(day.year, 4, then: "-")
        text.add(day.month, 2, then: "-")
        text.add(day.day, 2, then: "T")
        text.add(Int(rest / 3_600_000), 2, then: ":")
        text.add(Int(rest / 60_000 % 60), 2, then: ":")
        text.add(Int(rest / 1_000 % 60), 2, then: ".")
        text.add(Int(rest % 1_000), 3, then: "+")
        text.add(8, 2, then: ":")
        text.add(0, 2)
        return text.text
    }

    /// Parses RFC 3339 strictly: real dates only, no leap second, upper-case `T` and `Z`, an offset. A fraction may have
    /// one to nine digits; what is finer than a millisecond is cut off.
    public init?(_ description: String) {
        var text = TimeText(description)
        guard let year = text.digits(4), text.take("-"), let month = text.digits(2), text.take("-"),
            let dayOfMonth = text.digits(2), let day = ChineseDay(year: year, month: month, day: dayOfMonth),
            text.take("T"), let hour = text.digits(2), hour < 24, text.take(":"), let minute = text.digits(2), minute < 60,
            text.take(":"), let second = text.digits(2), second < 60, let fraction = text.fraction(),
            let offset = text.offset(), text.isAtEnd
        else { return nil }
        let seconds = Int64(hour &* 3_600 &+ minute &* 60 &+ second) &- offset
        let moment = day.daysSince1970 &* Self.millisecondsPerDay &+ seconds &* 1_000 &+ Int64(fraction)
        guard moment >= Self.earliest.milliseconds, moment <= Self.latest.milliseconds else { return nil }
        milliseconds = moment
    }

    /// As ``init(_:)``.
    public init?(rfc3339 text: String) { self.init(text) }

    public init(json reader: inout JSONReader) throws(JSONError) {
        self = try reader.parsed("an RFC 3339 time with an offset") { Timestamp($0) }
    }

    public func write(to json: inout JSONWriter) { json.string(description) }
}

extension Duration {
    /// Parts of a millisecond are cut off; the ends of `Int64` instead of a trap.
    public var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        let (sum, overflow2) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        if overflow || overflow2 { return seconds < 0 ? .min : .max }
        return sum
    }
}

/// Reads the parts of a time text from left to right.
private struct TimeText {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == wanted.value else { return false }
        rest.removeFirst()
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let first = rest.first, first &- 0x30 < 10 else { return nil }
            value = value &* 10 &+ Int(first &- 0x30)
            rest.removeFirst()
        }
        return value
    }

    /// Milliseconds; 0 when there is no fraction.
    mutating func fraction() -> Int? {
        guard take(".") else { return 0 }
        var value = 0
        var count = 0
        while let digit = digits(1) {
            if count < 3 { value = value &* 10 &+ digit }
            count &+= 1
        }
        guard (1...9).contains(count) else { return nil }
        return count == 1 ? value &* 100 : count == 2 ? value &* 10 : value
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int64? {
        if take("Z") { return 0 }
        let isEast = take("+")
        guard isEast || take("-"), let hours = digits(2), hours < 24, take(":"), let minutes = digits(2), minutes < 60 else {
            return nil
        }
        let seconds = Int64(hours &* 3_600 &+ minutes &* 60)
        return isEast ? seconds : 0 &- seconds
    }
}

/// Builds ASCII text from numbers of fixed width, in place: at most 32 bytes, what goes beyond is left out.
struct Digits {
    private var bytes = InlineArray<32, UInt8>(repeating: 0)
    private var count = 0

    /// The last `width` decimal digits of a number that is not negative.
    mutating func add(_ value: Int, _ width: Int, then separator: Unicode.Scalar? = nil) {
        guard count &+ width < 32 else { return }
        var rest = value
        var place = count &+ width
        while place > count {
            place &-= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes[place] = 0x30 &+ UInt8(truncatingIfNeeded: digit)
            rest = quotient
        }
        count &+= width
        if let separator { add(byte: UInt8(truncatingIfNeeded: separator.value)) }
    }

    mutating func add(_ text: String) { for byte in text.utf8 { add(byte: byte) } }

    private mutating func add(byte: UInt8) {
        guard count < 32 else { return }
        bytes[count] = byte
        count &+= 1
    }

    var text: String {
        let (bytes, count) = (self.bytes, self.count)
        return String(unsafeUninitializedCapacity: count) { out in
            for place in 0..<count { out[place] = bytes[place] }
            return count
        }
    }
}
