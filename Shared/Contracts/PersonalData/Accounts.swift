/// Finds accounts by which somebody is reached: WeChat and QQ, after the words that announce them.
enum Accounts {
    /// Ranges of signs, in order.
    static func all(in text: FoldedText) -> [Range<Int>] {
        var finds: [Range<Int>] = []
        var index = 0
        while index < text.signs.count {
            if let find = find(at: index, text) {
                finds.append(find)
                index = find.upperBound
            } else {
                index += 1
            }
        }
        return finds
    }

    private static func find(at index: Int, _ text: FoldedText) -> Range<Int>? {
        guard beginnings.contains(text.signs[index].value) else { return nil }
        for cue in cues where text.reads(cue.word, at: index) {
            let isLatin = cue.word.allSatisfy { $0 < 0x80 }
            // Within a longer word it is no cue: boxwx.
            if isLatin, text.isWordCharacter(index - 1) { continue }
            let behind = index + cue.word.count
            if isLatin, text.isWordCharacter(behind) {
                if let glued = glued(cue, index, behind, text) { return glued }
                continue
            }
            if let account = cue.isQQ ? number(after: behind, text) : name(after: behind, text) { return account }
        }
        return nil
    }

    private struct Cue {
        let word: [UInt32]
        let isQQ: Bool
        init(_ word: String, isQQ: Bool = false) { (self.word, self.isQQ) = (word.unicodeScalars.map(\.value), isQQ) }
    }

    private static let cues = [
        Cue("微信"), Cue("薇信"), Cue("威信"), Cue("微号"), Cue("v信"), Cue("加微"), Cue("加v"), Cue("wxid_"), Cue("weixin"), Cue("wechat"),
        Cue("wx"), Cue("vx"), Cue("qq", isQQ: true), Cue("扣扣", isQQ: true), Cue("企鹅号", isQQ: true),
    ]

    private static let beginnings = cues.compactMap(\.word.first)

    /// wx123456, qq123456, wxid_abc: cue and account in one word.
    private static func glued(_ cue: Cue, _ start: Int, _ behind: Int, _ text: FoldedText) -> Range<Int>? {
        var end = behind
        while end < text.signs.count, end - start < longest, isName(text.signs[end]) { end += 1 }
        let isNumber = text.signs[behind..<end].allSatisfy { $0.kind == .digit }
        let isOwnMark = cue.word.last == 0x5F
        return end - behind >= (isOwnMark ? 6 : 5) && (isNumber || isOwnMark) ? start..<end : nil
    }

    private static let longest = 32

    /// A letter and five to nineteen letters, digits, dashes; or five digits and more.
    private static func name(after index: Int, _ text: FoldedText) -> Range<Int>? {
        let start = behindConnectors(index, text)
        var end = start
        while end < text.signs.count, end - start < longest, isName(text.signs[end]) { end += 1 }
        let signs = text.signs[start..<end]
        guard let first = signs.first else { return nil }
        if first.kind == .digit || first.kind == .spelled { return number(after: start, text) }
        let word = String(String.UnicodeScalarView(signs.compactMap { $0.kind == .letter ? Unicode.Scalar($0.value) : nil }))
        guard first.kind == .letter, (6...20).contains(signs.count), !ordinary.contains(word) else { return nil }
        return start..<end
    }

    /// Five to twelve digits, perhaps in parts.
    private static func number(after index: Int, _ text: FoldedText) -> Range<Int>? {
        let start = behindConnectors(index, text)
        var next = start
        var end = start
        var count = 0
        while next < text.signs.count, next - end < 2, count < 13 {
            let sign = text.signs[next]
            if sign.kind == .digit || sign.kind == .spelled {
                count += 1
                end = next + 1
            } else if sign.kind != .blank && sign.kind != .link {
                break
            }
            next += 1
        }
        return (5...12).contains(count) && end > start ? start..<end : nil
    }

    /// What may stand between the cue and the account: 号码是：
    private static func behindConnectors(_ index: Int, _ text: FoldedText) -> Int {
        var next = index
        while next < text.signs.count, next - index < 8 {
            if text.reads([0x69, 0x64], at: next), !text.isWordCharacter(next + 2) {
                next += 2
            } else if connectors.contains(text.signs[next].value) {
                next += 1
            } else {
                break
            }
        }
        return next
    }

    private static let connectors = Set("号號码碼群我的为是账帐户同：:，,=＝（(「『“\"'”」- 　\n加邮箱".unicodeScalars.map(\.value))

    private static func isName(_ sign: FoldedText.Sign) -> Bool {
        sign.kind == .letter || sign.kind == .digit || sign.value == 0x5F || sign.value == 0x2D
    }

    /// Words that follow 微信 in a sentence and are nobody's account.
    private static let ordinary: Set<String> = [
        "wechat", "weixin", "alipay", "android", "iphone", "harmonyos", "service", "online", "online-pay",
    ]
}
