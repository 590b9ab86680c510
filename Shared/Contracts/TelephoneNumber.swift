/// A telephone number as people write it, read one way: at the door, where it can still be put right, and where text messages
/// are sent.
///
/// Mainland mobile numbers, landlines with their area code and 400 or 800 numbers as they are dialled; numbers abroad (Hong Kong,
/// Macau and Taiwan among them) with `+` or `00`. In any script's decimal digits, with blanks, dashes, dots and brackets between,
/// and with the invisible marks that address books put around numbers. An extension (转 801, `ext. 801`, `#801`) may follow.
public struct TelephoneNumber: Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case mobile
        case landline
        /// 400 and 800 numbers.
        case hotline
        /// Outside the mainland. Which of them take text messages nobody can tell from the digits.
        case abroad
    }

    public let kind: Kind
    /// `+8613800138000`, without the extension.
    public let international: String
    public let `extension`: String?
    /// As it is dialled in China: `13800138000`, `021-62345678转801`, `+85291234567`.
    public let description: String

    /// Longer input is no number, whatever it holds: 128 characters of any script.
    private static let longest = 512

    /// `nil` for what cannot be dialled: too few or too many digits, a prefix that nobody has, letters.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.longest, let read = Reading(text), let (reading, number) = Self.number(read) else { return nil }
        guard reading.extension == nil || number.kind != .mobile else { return nil }
        kind = number.kind
        international = number.international
        self.extension = reading.extension
        description = number.shown + (reading.extension.map { "转\($0)" } ?? "")
    }

    /// Whether a text message reaches it, where those abroad are sent to or not.
    public func takesTextMessages(abroad: Bool = false) -> Bool { kind == .mobile || (kind == .abroad && abroad) }

    // MARK: What the digits say

    private typealias Judged = (kind: Kind, international: String, shown: String)

    /// What is too long may end in an extension behind a dash: `021-62345678-801`.
    private static func number(_ reading: Reading) -> (Reading, Judged)? {
        if let number = judge(reading) { return (reading, number) }
        guard let shorter = reading.withLastGroupAsExtension, let number = judge(shorter), [.landline, .hotline].contains(number.kind)
        else { return nil }
        return (shorter, number)
    }

    private static func judge(_ reading: Reading) -> Judged? {
        let digits = reading.digits[...]
        if reading.hasPlus { return international(digits) }
        if digits.starts(with: [0, 0]) { return international(digits.dropFirst(2)) }
        // 86 without a plus is common; no area code and no mobile number begins with it.
        return national(digits) ?? (digits.starts(with: [8, 6]) ? mainland(digits.dropFirst(2)) : nil)
    }

    private static func international(_ digits: ArraySlice<UInt8>) -> Judged? {
        if digits.starts(with: [8, 6]) { return mainland(digits.dropFirst(2)) }
        guard let first = digits.first, first != 0, (8...15).contains(digits.count) else { return nil }
        return (.abroad, "+" + text(digits), "+" + text(digits))
    }

    /// Behind 86 an area code has lost its 0, or people have kept it: `+86 (0)21 …`.
    private static func mainland(_ digits: ArraySlice<UInt8>) -> Judged? {
        digits.first == 0 ? national(digits) : national(digits) ?? landline([0] + digits)
    }

    private static func national(_ digits: ArraySlice<UInt8>) -> Judged? {
        if isMobile(digits) { return (.mobile, "+86" + text(digits), text(digits)) }
        if digits.first == 0, isMobile(digits.dropFirst()) { return national(digits.dropFirst()) }
        if digits.count == 10, digits.starts(with: [4, 0, 0]) || digits.starts(with: [8, 0, 0]) {
            return (.hotline, "+86" + text(digits), text(digits))
        }
        return landline(Array(digits))
    }

    private static func landline(_ digits: [UInt8]) -> Judged? {
        guard let length = areaCode(digits[...]) else { return nil }
        let local = digits.dropFirst(length)
        let fits = length == 3 ? local.count == 8 : local.count == 7 || local.count == 8
        guard fits, let first = local.first, (2...8).contains(first) else { return nil }
        return (.landline, "+86" + text(digits.dropFirst()), text(digits.prefix(length)) + "-" + text(local))
    }

    /// 11 digits from 13 to 19.
    static func isMobile(_ digits: ArraySlice<UInt8>) -> Bool {
        digits.count == 11 && digits[digits.startIndex] == 1 && digits[digits.startIndex + 1] >= 3
    }

    /// How many of the digits are an area code, the 0 before it included: 3 for Beijing and the 02x cities, else 4.
    static func areaCode(_ digits: ArraySlice<UInt8>) -> Int? {
        let head = Array(digits.prefix(3))
        guard head.count == 3, head[0] == 0 else { return nil }
        switch (head[1], head[2]) {
        case (1, 0), (2, 0...5), (2, 7...9): return 3
        case (3...9, _): return unused.contains(head[1] * 10 + head[2]) ? nil : 4
        default: return nil
        }
    }

    /// Second and third digits with which no four-digit area code begins.
    private static let unused: Set<UInt8> = [30, 32, 36, 38, 40, 44, 49, 50, 60, 61, 62, 64, 65, 67, 68, 78, 80, 84, 86, 92, 96, 98]

    private static func text(_ digits: some Sequence<UInt8>) -> String {
        String(decoding: digits.map { $0 &+ 0x30 }, as: UTF8.self)
    }
}

/// A number's digits with what stands around them taken off.
private struct Reading {
    private(set) var hasPlus = false
    private(set) var digits: [UInt8] = []
    private(set) var `extension`: String?
    /// How many digits stood before the last dash.
    private var dash: Int?

    /// The digits behind the last dash as an extension; nil where there is none already, or no dash.
    var withLastGroupAsExtension: Reading? {
        guard `extension` == nil, let dash, (1...6).contains(digits.count - dash) else { return nil }
        var reading = self
        reading.extension = digits[dash...].map(\.description).joined()
        reading.digits.removeLast(digits.count - dash)
        return reading
    }

    /// `nil` when anything but a number stands in the text.
    init?(_ text: String) {
        // No database takes it; of the other invisible marks some stand around every number out of an address book.
        guard !text.utf8.contains(0) else { return nil }
        var scalars = text.unicodeScalars.filter { !$0.isInvisible }.map(\.asciiTwin)[...]
        if String(String.UnicodeScalarView(scalars.prefix(4))).lowercased() == "tel:" { scalars = scalars.dropFirst(4) }
        while let scalar = scalars.first {
            if let digit = scalar.decimalDigit {
                digits.append(digit)
            } else if scalar == "+", digits.isEmpty, !hasPlus {
                hasPlus = true
            } else if !scalar.separatesTelephoneDigits {
                break
            } else if scalar == "-" {
                dash = digits.count
            }
            scalars = scalars.dropFirst()
        }
        guard !digits.isEmpty, scalars.isEmpty || readExtension(scalars) else { return nil }
    }

    private mutating func readExtension(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
        let text = String(String.UnicodeScalarView(scalars)).lowercased()
        guard let mark = Self.marks.first(where: { text.hasPrefix($0) }) else { return false }
        var found = ""
        for scalar in text.dropFirst(mark.count).unicodeScalars {
            if let digit = scalar.decimalDigit {
                found += "\(digit)"
            } else if !scalar.separatesTelephoneDigits && scalar != ":" {
                return false
            }
        }
        `extension` = found
        return (1...6).contains(found.utf8.count)
    }

    private static let marks = ["转分机", "轉分機", "转", "轉", "分机号", "分机", "分機", "ext.", "ext", ";ext=", "x", "#", ","]
}

extension Unicode.Scalar {
    fileprivate var separatesTelephoneDigits: Bool {
        switch self {
        case " ", "\t", "\r", "\n", "-", ".", "(", ")", "/", "·", "・", "_", "−": true
        default: properties.generalCategory == .spaceSeparator || properties.generalCategory == .dashPunctuation
        }
    }
}
