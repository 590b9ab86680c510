/// What a response says, as far as a load generator cares.
struct Answer {
    let status: Int
    /// Bytes of head and body.
    let length: Int
    let ticket: TicketKey?

    /// Nil while it has not come whole.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 16, let head = Self.find("\r\n\r\n", in: bytes) else { return nil }
        let start = head + 4
        guard let length = Self.contentLength(UnsafeRawBufferPointer(rebasing: bytes[..<start])), bytes.count >= start + length
        else { return nil }
        status = (9..<12).reduce(0) { $0 * 10 + Int(bytes[$1] &- 0x30) }
        self.length = start + length
        // `{"id":"…36…"`
        ticket = length >= 43 ? TicketKey(UnsafeRawBufferPointer(rebasing: bytes[(start + 7)..<(start + 43)])) : nil
    }

    private static func find(_ text: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        let wanted = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard let first = wanted.first, bytes.count >= wanted.count else { return nil }
        for place in 0...(bytes.count - wanted.count) where bytes[place] == first {
            if UnsafeRawBufferPointer(rebasing: bytes[place..<(place + wanted.count)]).elementsEqual(wanted) { return place }
        }
        return nil
    }

    private static func contentLength(_ head: UnsafeRawBufferPointer) -> Int? {
        guard let place = find("Content-Length: ", in: head) else { return nil }
        var length = 0
        for byte in head[(place + 16)...] {
            guard (0x30...0x39).contains(byte) else { break }
            length = min(length * 10 + Int(byte - 0x30), 1 << 20)
        }
        return length
    }
}

/// A ticket's id as two words: cheap to keep by the hundred thousand.
struct TicketKey: Hashable, Sendable {
    let high, low: UInt64

    /// From a UUID's 36 characters.
    init?(_ text: UnsafeRawBufferPointer) {
        guard text.count == 36 else { return nil }
        var (words, nibbles) = ((UInt64(0), UInt64(0)), 0)
        for byte in text where byte != 0x2D {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x61...0x66: digit = byte - 0x57
            default: return nil
            }
            if nibbles < 16 { words.0 = words.0 << 4 | UInt64(digit) } else { words.1 = words.1 << 4 | UInt64(digit) }
            nibbles += 1
        }
        guard nibbles == 32 else { return nil }
        (high, low) = words
    }

    /// As it was read.
    var text: String {
        let digits = [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
        var (text, place) = ("", 0)
        for digit in digits {
            if place == 8 || place == 12 || place == 16 || place == 20 { text.append("-") }
            text.append(digit)
            place += 1
        }
        return text
    }
}
