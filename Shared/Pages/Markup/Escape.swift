/// Turns a text from outside into a text that markup cannot mistake, and that cannot disguise itself.
enum Escape {
    /// Appends `text` with `& < > " '` as references. Control characters, bidirectional overrides and invisible fillers are dropped:
    /// they let one name pass for another and turn the rest of a line around. The joiners U+200C and U+200D stay, since scripts and
    /// emoji need them.
    static func append(_ text: String, to markup: inout String) {
        if text.utf8.allSatisfy(isPlain) {
            markup += text
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": markup += "&amp;"
            case "<": markup += "&lt;"
            case ">": markup += "&gt;"
            case "\"": markup += "&quot;"
            case "'": markup += "&#39;"
            default: if !isUnwanted(scalar) { markup.unicodeScalars.append(scalar) }
            }
        }
    }

    /// The address itself when it is relative or of a harmless scheme, else `#`.
    static func address(_ text: String) -> String {
        // Browsers ignore white space and controls inside a scheme, so they are gone before it is judged.
        let bytes = text.utf8.filter { $0 > 0x20 && $0 != 0x7F }
        let cleaned = String(decoding: bytes, as: UTF8.self)
        let head = bytes.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        if bytes.contains(UInt8(ascii: "\\")) || cleaned.hasPrefix("//") { return "#" }
        guard let colon = head.firstIndex(of: UInt8(ascii: ":")) else { return cleaned }
        let scheme = String(decoding: head[..<colon], as: UTF8.self).lowercased()
        return ["http", "https", "tel", "mailto"].contains(scheme) ? cleaned : "#"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00..<0x20: byte == 0x0A || byte == 0x09
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"), 0x7F: false
        // The lead bytes of everything that may have to go: U+0080…, U+0600…, U+1000…–U+2FFF and U+F000… (CJK text does not start so).
        case 0xC2, 0xD8, 0xE1, 0xE2, 0xEF, 0xF3: false
        default: true
        }
    }

    private static func isUnwanted(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x09: false
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0xAD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
        case 0xE0000...0xE007F: true
        default: false
        }
    }
}
