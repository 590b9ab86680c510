/// Finds e-mail addresses: with @, 艾特, 圈a, "(at)" or the word "at", and with dots written as 点 or "dot".
enum MailAddresses {
    /// Ranges of signs, in order.
    static func all(in text: FoldedText) -> [Range<Int>] {
        var finds: [Range<Int>] = []
        for index in text.signs.indices {
            guard let at = at(index, text) else { continue }
            let end = domainEnd(after: at.end, text, isWord: at.isWord)
            guard let end, let start = localStart(before: index, text, spaced: at.isWord) else { continue }
            finds.append(max(start, finds.last?.upperBound ?? 0)..<end)
        }
        return finds
    }

    private static let (aite, circled, word) = ([0x827E, 0x7279] as [UInt32], [0x5708, 0x61] as [UInt32], [0x61, 0x74] as [UInt32])

    // RFC 5321's lengths also bound the work when a text is nothing but such characters.
    private static let longestLocal = 64
    private static let longestDomain = 255

    /// What stands for @ at this place: where it ends, and whether it is a word that may mean something else.
    private static func at(_ index: Int, _ text: FoldedText) -> (end: Int, isWord: Bool)? {
        let sign = text.signs[index]
        switch sign.value {
        case 0x40: return (index + 1, false)
        case 0x827E: return text.reads(aite, at: index) ? (index + 2, true) : nil
        case 0x5708: return text.reads(circled, at: index) && !text.isWordCharacter(index + 2) ? (index + 2, true) : nil
        case 0x61:
            let isWord = text.reads(word, at: index) && !text.isWordCharacter(index - 1) && !text.isWordCharacter(index + 2)
            return isWord ? (index + 2, true) : nil
        default: return nil
        }
    }

    private static func localStart(before at: Int, _ text: FoldedText, spaced: Bool) -> Int? {
        var end = at
        while end > 0, at - end < 2, isFiller(text.signs[end - 1]) { end -= 1 }
        var start = end
        while start > 0, end - start < longestLocal, isLocal(text.signs[start - 1]) { start -= 1 }
        // A sentence's full stop or a list's dash is no part of it.
        while start < end, !isAlphanumeric(text.signs[start]) { start += 1 }
        return start < end ? start : nil
    }

    private static func domainEnd(after at: Int, _ text: FoldedText, isWord: Bool) -> Int? {
        var next = at
        while next < text.signs.count, next - at < 2, isFiller(text.signs[next]) { next += 1 }
        let start = next
        var end: Int?
        var label: [UInt32] = []
        var isFirst = true
        while next - start < longestDomain {
            label = []
            let labelStart = next
            while next < text.signs.count, label.count < 64, isLabel(text.signs[next]) {
                label.append(text.signs[next].value)
                next += 1
            }
            guard labelStart < next else { break }
            let name = String(String.UnicodeScalarView(label.compactMap { Unicode.Scalar($0) }))
            if isFirst, !isWord, providers.contains(name) { end = next }
            if !isFirst, isTop(name, strict: isWord) { end = next }
            isFirst = false
            guard let dot = dotEnd(next, text) else { break }
            next = dot
        }
        return end
    }

    /// Behind a dot, however it is written.
    private static func dotEnd(_ index: Int, _ text: FoldedText) -> Int? {
        var next = index
        while next < text.signs.count, next - index < 2, isFiller(text.signs[next]) { next += 1 }
        guard next < text.signs.count else { return nil }
        if [0x2E, 0x3002, 0xFF61, 0x70B9].contains(text.signs[next].value) {  // . 。 ｡ 点
            next += 1
        } else if text.reads([0x64, 0x6F, 0x74], at: next) {
            next += 3
        } else {
            return nil
        }
        let behind = next
        while next < text.signs.count, next - behind < 2, isFiller(text.signs[next]) { next += 1 }
        return next
    }

    /// Behind @ any last label will do; behind a mere word only one that domains end in.
    private static func isTop(_ label: String, strict: Bool) -> Bool {
        strict ? tops.contains(label) : label.utf8.count >= 2 || label.utf8.allSatisfy { $0 < 10 }
    }

    private static func isFiller(_ sign: FoldedText.Sign) -> Bool {
        sign.kind == .blank || [0x28, 0x29, 0x5B, 0x5D, 0x7B, 0x7D, 0x23, 0x3010, 0x3011].contains(sign.value)
    }
    private static func isAlphanumeric(_ sign: FoldedText.Sign) -> Bool { sign.kind == .letter || sign.kind == .digit }
    private static func isLocal(_ sign: FoldedText.Sign) -> Bool {
        isAlphanumeric(sign) || [0x2E, 0x5F, 0x2D, 0x25, 0x2B].contains(sign.value)
    }
    private static func isLabel(_ sign: FoldedText.Sign) -> Bool { isAlphanumeric(sign) || sign.value == 0x2D }

    /// Behind @ these are enough: 123456@qq
    private static let providers: Set<String> = [
        "qq", "foxmail", "gmail", "outlook", "hotmail", "yahoo", "icloud", "sina", "sohu", "aliyun", "yeah", "live",
    ]
    private static let tops: Set<String> = [
        "com", "cn", "net", "org", "edu", "gov", "top", "xyz", "me", "cc", "hk", "tw", "mo", "jp", "uk", "us", "de", "fr", "io", "info",
        "biz", "vip", "club", "site", "tech", "example",
    ]
}
