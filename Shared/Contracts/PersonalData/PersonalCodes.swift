/// Finds papers whose numbers begin with letters or end in brackets: passports, permits, identity cards outside the mainland.
enum PersonalCodes {
    /// Ranges of signs, in order.
    static func all(in text: FoldedText) -> [Range<Int>] {
        var finds: [Range<Int>] = []
        var start = 0
        while start < text.signs.count {
            guard text.isWordCharacter(start) else {
                start += 1
                continue
            }
            var end = start
            while text.isWordCharacter(end) { end += 1 }
            if end - start <= longest, let found = find(start..<end, text, finds) {
                finds.append(found)
                end = max(end, found.upperBound)
            }
            start = end
        }
        return finds
    }

    private static let longest = 16

    /// A word of letters (`a`) and digits (`0`) as a pattern beside itself.
    private struct Word {
        let range: Range<Int>
        let letters: [UInt8]
        let digits: [UInt8]
        /// Letters first, digits behind them, nothing else.
        let isPlain: Bool

        init(_ range: Range<Int>, _ text: FoldedText) {
            self.range = range
            let signs = text.signs[range]
            letters = signs.filter { $0.kind == .letter }.map { UInt8(truncatingIfNeeded: $0.value) }
            digits = signs.filter { $0.kind == .digit }.map { UInt8(truncatingIfNeeded: $0.value) }
            isPlain = signs.prefix(letters.count).allSatisfy { $0.kind == .letter }
        }
    }

    private static func find(_ range: Range<Int>, _ text: FoldedText, _ finds: [Range<Int>]) -> Range<Int>? {
        let word = Word(range, text)
        if word.isPlain, isPaper(word) { return range }
        if let bracketed = bracketed(word, text, finds) { return bracketed }
        guard (6...10).contains(range.count + (word.digits.isEmpty ? 8 : 0)) else { return nil }
        let before = text.before(range.lowerBound, 10, without: finds)
        guard paperCues.contains(where: before.contains) else { return nil }
        if word.digits.count >= 5 || (word.isPlain && isTaiwanese(word)) { return range }
        return spaced(word, text)
    }

    private static let paperCues = ["护照", "通行证", "台胞证", "回乡证", "居住证", "证件号", "passport", "港澳证"]

    private static func isPaper(_ word: Word) -> Bool {
        let first = word.letters.first ?? 0
        switch (word.letters.count, word.digits.count) {
        // Passports of the mainland, Hong Kong and Macau; travel permits.
        case (1, 8): return "egdsphmcwtlk".utf8.contains(first)
        case (2, 7): return "ecsdpgkhm".utf8.contains(first)
        // The permit of people of Hong Kong and Macau with its number of issue.
        case (1, 10): return first == UInt8(ascii: "h") || first == UInt8(ascii: "m")
        // The residence permit of foreigners before 2023.
        case (3, 12): return true
        case (1, 9): return isTaiwanese(word)
        default: return false
        }
    }

    /// A letter and nine digits with their check sum.
    private static func isTaiwanese(_ word: Word) -> Bool {
        guard word.letters.count == 1, word.digits.count == 9, [1, 2, 8, 9].contains(word.digits[0]),
            let place = Array("abcdefghjklmnpqrstuvxywzio".utf8).firstIndex(of: word.letters[0])
        else { return false }
        let letter = place + 10
        let sum = zip(word.digits, [8, 7, 6, 5, 4, 3, 2, 1, 1]).reduce(letter / 10 + letter % 10 * 9) { $0 + Int($1.0) * $1.1 }
        return sum % 10 == 0
    }

    /// A123456(3) of Hong Kong, 5123456(7) of Macau.
    private static func bracketed(_ word: Word, _ text: FoldedText, _ finds: [Range<Int>]) -> Range<Int>? {
        let open = word.range.upperBound
        guard word.isPlain, open + 2 < text.signs.count, text.signs[open].value == 0x28, text.signs[open + 2].value == 0x29,
            text.isWordCharacter(open + 1)
        else { return plainHongKong(word, text, finds) }
        let check = text.signs[open + 1]
        let found = word.range.lowerBound..<(open + 3)
        if word.letters.isEmpty, word.digits.count == 7, check.kind == .digit { return [1, 5, 7].contains(word.digits[0]) ? found : nil }
        guard (1...2).contains(word.letters.count), word.digits.count == 6, check.kind == .digit || check.value == 0x61 else { return nil }
        return found
    }

    /// Without brackets only with a right check digit, and after a word that says so: it looks like many a thing's code.
    private static func plainHongKong(_ word: Word, _ text: FoldedText, _ finds: [Range<Int>]) -> Range<Int>? {
        let signs = text.signs[word.range]
        let letters = signs.prefix { $0.kind == .letter }.map { UInt8(truncatingIfNeeded: $0.value) }
        let digits = signs.dropFirst(letters.count).prefix { $0.kind == .digit }.map { UInt8(truncatingIfNeeded: $0.value) }
        let rest = signs.dropFirst(letters.count + digits.count)
        // A as the check digit stands for ten.
        let check = digits.count == 7 && rest.isEmpty ? digits[6] : rest.count == 1 && rest.first?.value == 0x61 ? 10 : 11
        guard (1...2).contains(letters.count), digits.count >= 6, hongKongSum(letters, Array(digits.prefix(6))) == check else { return nil }
        let before = text.before(word.range.lowerBound, 10, without: finds)
        return ["身份证", "身分证", "身份證", "香港", "hkid"].contains(where: before.contains) ? word.range : nil
    }

    private static func hongKongSum(_ letters: [UInt8], _ digits: [UInt8]) -> UInt8 {
        let values = (letters.count == 1 ? [36] : []) + letters.map { Int($0) - 0x61 + 10 } + digits.map { Int($0) }
        let sum = zip(values, [9, 8, 7, 6, 5, 4, 3, 2]).reduce(0) { $0 + $1.0 * $1.1 }
        return UInt8((11 - sum % 11) % 11)
    }

    /// E 1234 5678 after 护照: the letter, then seven or eight digits in parts.
    private static func spaced(_ word: Word, _ text: FoldedText) -> Range<Int>? {
        guard word.isPlain, (1...2).contains(word.letters.count) else { return nil }
        var count = word.digits.count
        var next = word.range.upperBound
        var end = next
        while next < text.signs.count, next - end < 2, count < 10 {
            if text.signs[next].kind == .digit {
                count += 1
                end = next + 1
            } else if text.signs[next].kind != .blank && text.signs[next].kind != .link {
                break
            }
            next += 1
        }
        return (7...9).contains(count) ? word.range.lowerBound..<end : nil
    }
}
