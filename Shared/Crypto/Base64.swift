/// Base64 (RFC 4648), strict: one text per byte sequence and the reverse.
public struct Base64: Sendable {
    private let alphabet: [UInt8]
    private let values: [UInt8]
    private let padded: Bool

    /// `+`, `/`, padding demanded and written.
    public static let standard = Base64("+/", padded: true)
    /// `-`, `_`, padding refused and never written: for links, tokens and JOSE.
    public static let url = Base64("-_", padded: false)

    private static let invalid: UInt8 = 0xff

    private init(_ lastTwo: String, padded: Bool) {
        alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\(lastTwo)".utf8)
        var values = [UInt8](repeating: Self.invalid, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(truncatingIfNeeded: value) }
        self.values = values
        self.padded = padded
    }

    public func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var held = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            held += 1
            if held == 3 {
                append(group, letters: 4, to: &text)
                group = 0
                held = 0
            }
        }
        if held > 0 {
            append(group << (held == 1 ? 16 : 8), letters: held + 1, to: &text)
            if padded { text.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - held)) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func append(_ group: UInt32, letters: Int, to text: inout [UInt8]) {
        for position in 0..<letters {
            text.append(alphabet[Int(group >> (18 - 6 * UInt32(position)) & 63)])
        }
    }

    /// `nil` for letters outside the alphabet, wrong padding, impossible lengths and left-over bits that are not zero.
    public func decode(_ text: some StringProtocol) -> [UInt8]? { decode(Array(text.utf8)) }

    public func decode(_ text: [UInt8]) -> [UInt8]? {
        var letters = text[...]
        if padded {
            guard text.count % 4 == 0 else { return nil }
            for _ in 0..<2 where letters.last == UInt8(ascii: "=") { letters.removeLast() }
        }
        let rest = letters.count % 4
        guard rest != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(letters.count / 4 * 3 + 2)
        var group: UInt32 = 0
        var bits: UInt32 = 0
        for letter in letters {
            let value = values[Int(letter)]
            guard value != Self.invalid else { return nil }
            group = (group << 6 | UInt32(value)) & 0xffff
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> bits))
            }
        }
        guard group & ((1 << bits) - 1) == 0 else { return nil }
        return bytes
    }
}

/// Lower-case hexadecimal.
public enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Takes both cases; `nil` for an odd length or anything but hexadecimal digits.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let letters = Array(text.utf8)
        guard letters.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(letters.count / 2)
        for index in stride(from: 0, to: letters.count, by: 2) {
            guard let high = value(letters[index]), let low = value(letters[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): letter - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): letter - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
