/// Takes out of free text what tells who somebody is or how to reach them, before it may travel.
///
/// Found: mobile numbers, landlines with an area code (without one after a word such as 电话), identity card numbers of
/// 18 (also ending in X) and 15 digits, runs of 13 digits or more as bank cards have them, e-mail addresses; in any
/// script's decimal digits, full-width, spelled 一三八…, and with blanks, dots, dashes or brackets between. Names are not found.
/// When in doubt it takes out too much: a handler can ask, a leak cannot be taken back. Ticket numbers stay.
public enum PersonalData {
    public static let mark = "▇▇▇"

    /// The text with each find replaced by ``mark``. Scrubbing twice changes nothing more.
    public static func scrub(_ text: String) -> String {
        if !mayHold(text) { return text }
        var scalars = Array(text.unicodeScalars)
        // Replacing brings a cue such as 电话 closer to the next number; a few passes reach the end.
        while true {
            let finds = finds(in: scalars)
            if finds.isEmpty { return String(String.UnicodeScalarView(scalars)) }
            scalars = replacing(finds, in: scalars)
        }
    }

    private static func replacing(_ finds: [Range<Int>], in scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var out: [Unicode.Scalar] = []
        var index = 0
        for find in finds where find.lowerBound >= index {
            out += scalars[index..<find.lowerBound]
            out += mark.unicodeScalars
            index = find.upperBound
        }
        return out + scalars[index...]
    }

    /// False only where there can be no find: no @, and nowhere seven digits that are near each other. Most texts end here,
    /// which matters because every submission is scrubbed.
    private static func mayHold(_ text: String) -> Bool {
        var digits = 0
        var gap = 0
        for scalar in text.unicodeScalars {
            if scalar == "@" || scalar == "\u{FF20}" { return true }
            if DigitRun.mayBeDigit(scalar) {
                digits += 1
                gap = 0
                if digits == DigitRun.shortest { return true }
            } else if digits > 0 {
                gap += 1
                if gap > DigitRun.maxGap { digits = 0 }
            }
        }
        return false
    }

    /// In order; e-mail addresses win over numbers within them.
    private static func finds(in scalars: [Unicode.Scalar]) -> [Range<Int>] {
        let mails = mailAddresses(in: scalars)
        let numbers = DigitRun.all(in: scalars).compactMap { $0.personalRange(in: scalars) }
        return (mails + numbers.filter { number in !mails.contains { $0.overlaps(number) } })
            .sorted { $0.lowerBound < $1.lowerBound }
    }

    // MARK: E-mail

    private static func mailAddresses(in scalars: [Unicode.Scalar]) -> [Range<Int>] {
        var finds: [Range<Int>] = []
        for at in scalars.indices where ascii(scalars[at]) == "@" {
            var start = at
            // RFC 5321's lengths also bound the work when a text is nothing but such characters.
            while start > 0, at - start < 64, isLocal(ascii(scalars[start - 1])) { start -= 1 }
            var end = at + 1
            var dot: Int?
            while end < scalars.count, end - at < 255, isDomain(ascii(scalars[end])) {
                if ascii(scalars[end]) == "." { dot = end }
                end += 1
            }
            guard start < at, let dot, dot > at + 1 else { continue }
            // A sentence's full stop is not part of the address.
            if dot == end - 1 { end = dot }
            guard scalars[(at + 1)..<end].contains(where: { ascii($0) == "." }) else { continue }
            finds.append(max(start, finds.last?.upperBound ?? 0)..<end)
        }
        return finds
    }

    private static func isLocal(_ scalar: Unicode.Scalar) -> Bool { isDomain(scalar) || "_%+".unicodeScalars.contains(scalar) }

    private static func isDomain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", ".", "-": true
        default: false
        }
    }

    /// Full-width forms as their ASCII twins.
    static func ascii(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard (0xFF01...0xFF5E).contains(scalar.value) else { return scalar }
        return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
    }
}

/// Digits with nothing but separators between them.
private struct DigitRun {
    /// From the first digit to behind the last.
    var range: Range<Int>
    var digits: [UInt8]

    /// More than this many separators in a row end a run.
    static let maxGap = 3
    /// Fewer digits than this tell nothing about a person.
    static let shortest = 7

    static func all(in scalars: [Unicode.Scalar]) -> [DigitRun] {
        var runs: [DigitRun] = []
        var current: (run: DigitRun, isSpelled: Bool)?
        for (index, scalar) in scalars.enumerated() {
            if let (digit, isSpelled) = digit(scalar) {
                // 13800138000一直: a spelled digit after a written one starts something else.
                if let known = current, known.isSpelled == isSpelled {
                    current?.run.range = known.run.range.lowerBound..<(index + 1)
                    current?.run.digits.append(digit)
                } else {
                    if let known = current { runs.append(known.run) }
                    current = (DigitRun(range: index..<(index + 1), digits: [digit]), isSpelled)
                }
            } else if let known = current, !isSeparator(scalar) || index - known.run.range.upperBound >= maxGap {
                runs.append(known.run)
                current = nil
            }
        }
        if let known = current { runs.append(known.run) }
        return runs
    }

    /// What to take out for this run; `nil` when it tells nothing about a person.
    func personalRange(in scalars: [Unicode.Scalar]) -> Range<Int>? {
        if isTicketNumber(in: scalars) { return nil }
        var range = range
        let hasPlus = range.lowerBound > 0 && PersonalData.ascii(scalars[range.lowerBound - 1]) == "+"
        guard digits.count >= 13 || isMobile || isLandline || (hasPlus && digits.count >= 10) || isLocalNumber(in: scalars)
        else { return nil }
        if hasPlus { range = (range.lowerBound - 1)..<range.upperBound }
        return range.lowerBound..<endWithCheckLetter(scalars, range.upperBound)
    }

    /// An identity number's check digit may be an X.
    private func endWithCheckLetter(_ scalars: [Unicode.Scalar], _ end: Int) -> Int {
        guard digits.count >= 17 else { return end }
        var next = end
        while next < scalars.count, next - end < Self.maxGap, Self.isSeparator(scalars[next]) { next += 1 }
        guard next < scalars.count, ["X", "x"].contains(PersonalData.ascii(scalars[next])) else { return end }
        return next + 1
    }

    /// 11 digits starting 13 to 19, perhaps with 0 before or one digit too many.
    private var isMobile: Bool {
        guard digits.count == 11 || digits.count == 12 else { return false }
        func starts(_ place: Int) -> Bool { digits[place] == 1 && digits[place + 1] >= 3 }
        return starts(0) || (digits.count == 12 && digits[0] == 0 && starts(1))
    }

    /// Area code 0 and two or three digits, then seven or eight.
    private var isLandline: Bool { (10...12).contains(digits.count) && digits[0] == 0 && digits[1] != 0 }

    /// Seven or eight digits are a telephone number only where the text says so.
    private func isLocalNumber(in scalars: [Unicode.Scalar]) -> Bool {
        guard digits.count == 7 || digits.count == 8, digits[0] >= 2 else { return false }
        let before = String(String.UnicodeScalarView(scalars[max(0, range.lowerBound - 8)..<range.lowerBound])).lowercased()
        return ["电话", "座机", "拨打", "致电", "联系", "打给", "號碼", "号码", "tel", "phone"].contains { before.contains($0) }
    }

    /// `GD-20261121-000123-7` with a right check digit.
    private func isTicketNumber(in scalars: [Unicode.Scalar]) -> Bool {
        guard digits.count == 15 else { return false }
        var start = range.lowerBound
        while start > 0, range.lowerBound - start < 5, scalars[start - 1] == "-" || ("A"..."Z").contains(scalars[start - 1]) {
            start -= 1
        }
        return TicketNumber(String(String.UnicodeScalarView(scalars[start..<range.upperBound]))) != nil
    }

    private static func digit(_ scalar: Unicode.Scalar) -> (digit: UInt8, isSpelled: Bool)? {
        if scalar.value < 0x80 { return ("0"..."9").contains(scalar) ? (UInt8(scalar.value - 0x30), false) : nil }
        guard mayBeDigit(scalar) else { return nil }
        if let place = spelled.firstIndex(of: scalar) { return (UInt8(place % 10), true) }
        guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else { return nil }
        return (UInt8(value), false)
    }

    /// Cheap and never wrongly false: the blocks that Chinese texts are made of, told apart without the character database.
    static func mayBeDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39: true
        // Letters before the first script with digits of its own, CJK punctuation but 〇, full-width forms but digits.
        case ..<0x660, 0x3000...0x3006, 0x3008...0x33FF, 0xFF01...0xFF0F, 0xFF1A...0xFF5E: false
        case 0x4E00, 0x4E03, 0x4E09, 0x4E5D, 0x4E8C, 0x4E94, 0x516B, 0x516D, 0x56DB, 0x5E7A, 0x96F6: true
        case 0x4E00...0x9FFF: false
        default: true
        }
    }

    /// Digits as words (`mayBeDigit` knows them by number), twice: on the telephone 0 is 〇 or 零 and 1 is 一 or 幺.
    private static let spelled = Array("零一二三四五六七八九〇幺".unicodeScalars)

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch PersonalData.ascii(scalar).value {
        case 0x20, 0x28, 0x29, 0x2D, 0x2E, 0x5F, 0xA0, 0xB7, 0x2000...0x200D, 0x2010...0x2015, 0x2212, 0x3000, 0x30FB, 0xFEFF:
            true
        default: false
        }
    }
}
