/// The code on a QR plate: eight characters of Crockford's base 32 (no I, L, O, U), the last one a check character.
///
/// People type it when the camera fails, so input may be lower case, and I, L, O are read as 1, 1, 0. The check is a
/// polynomial over GF(32): it finds every single wrong character and every two neighbours exchanged.
public struct PlateCode: WireText {
    public static var form: String { "a plate code of eight characters" }
    /// Codes are numbers below this one (35 bits).
    public static let limit: UInt64 = 1 << 35

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// The 35 bits without the check character.
    public let value: UInt64

    /// Higher bits are cut off, so that random numbers can be used as they come.
    public init(value: UInt64) { self.value = value & (Self.limit &- 1) }

    /// Parses what a person typed; `nil` when it is no code or the check character is wrong.
    public init?(_ description: String) {
        guard description.utf8.count == 8 else { return nil }
        var number: UInt64 = 0
        var check: UInt8 = 0
        for (index, character) in description.utf8.enumerated() {
            guard let digit = Self.digit(character) else { return nil }
            if index == 7 {
                guard digit == Self.timesAlpha(check) else { return nil }
            } else {
                number = number &<< 5 | UInt64(digit)
                check = Self.timesAlpha(check) ^ digit
            }
        }
        value = number
    }

    /// Canonical form: upper case, never I, L, O.
    public var description: String {
        var text: [UInt8] = []
        var check: UInt8 = 0
        for shift in stride(from: 30, through: 0, by: -5) {
            let digit = UInt8(truncatingIfNeeded: value &>> UInt64(shift)) & 31
            text.append(Self.alphabet[Int(digit)])
            check = Self.timesAlpha(check) ^ digit
        }
        text.append(Self.alphabet[Int(Self.timesAlpha(check))])
        return String(decoding: text, as: UTF8.self)
    }

    /// Multiplies by the generator of GF(32) modulo x⁵ + x² + 1.
    private static func timesAlpha(_ digit: UInt8) -> UInt8 {
        let doubled = digit &<< 1
        return doubled & 32 == 0 ? doubled : (doubled ^ 0b100101) & 31
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        let upper = (0x61...0x7A).contains(character) ? character &- 0x20 : character
        switch upper {
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
        case UInt8(ascii: "O"): return 0
        default: return alphabet.firstIndex(of: upper).map { UInt8(truncatingIfNeeded: $0) }
        }
    }
}
