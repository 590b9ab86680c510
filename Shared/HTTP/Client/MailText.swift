/// Words in mail headers and texts in mail bodies.
enum MailText {
    /// Plain ASCII stays; anything else becomes encoded words (RFC 2047) of at most 39 source bytes, folded, no character split.
    /// With `Subject: ` before it such a line has 73 letters; RFC 2047 allows 76.
    static func word(_ text: String) -> String {
        let plain =
            text.utf8.count <= 60 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20) || $0 == 0x20 }
        if plain { return text }
        var words: [String] = []
        var current: [UInt8] = []
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if current.count + bytes.count > 39 {
                words.append(encoded(current))
                current = []
            }
            current += bytes
        }
        words.append(encoded(current))
        return words.joined(separator: "\r\n ")
    }

    private static func encoded(_ bytes: [UInt8]) -> String { "=?UTF-8?B?\(base64(bytes))?=" }

    /// Small and here, because HTTP does not stand on Crypto.
    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for position in 0...group.count { text.append(alphabet[bits >> (18 - 6 * position) & 63]) }
            text += String(repeating: "=", count: 3 - group.count)
        }
        return text
    }

    static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || "-._~".utf8.contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    /// Each line ended by CR LF, as RFC 2046 wants texts before they are encoded. One that ends with none gets none.
    static func canonical(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var last: UInt8 = 0
        for byte in text.utf8 {
            if last == 0x0d, byte != 0x0a { bytes.append(0x0a) }
            if byte == 0x0a, last != 0x0d { bytes.append(0x0d) }
            bytes.append(byte)
            last = byte
        }
        if last == 0x0d { bytes.append(0x0a) }
        return bytes
    }
}
