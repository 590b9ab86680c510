/// Digits in one go and in one way of writing, and what lies between two such groups.
struct DigitGroups {
    struct Group {
        /// Signs from the first digit to behind the last.
        var signs: Range<Int>
        /// Their values in ``DigitGroups/digits``.
        var digits: Range<Int>
        var isSpelled: Bool
    }

    /// What stands between a group and the next one.
    enum Gap {
        /// Nothing: only the way of writing changes.
        case none
        /// What people put into numbers.
        case usual
        /// Other signs, or too many of the usual ones.
        case odd
        /// Words or letters, as in 139哈8765哈4324.
        case worded
        /// Something is measured or counted, has been taken out, or the text ends: no number goes on behind it.
        case end
    }

    /// More signs than this end a number.
    static let longestGap = 9
    private static let longestUsualGap = 3

    private(set) var groups: [Group] = []
    private(set) var digits: [UInt8] = []
    private var gaps: [Gap] = []
    let text: FoldedText

    init(_ text: FoldedText) {
        self.text = text
        let letters = Self.lettersForDigits(text)
        for (index, sign) in text.signs.enumerated() {
            let digit: UInt8
            let isSpelled = sign.kind == .spelled
            switch sign.kind {
            case .digit, .spelled: digit = UInt8(truncatingIfNeeded: sign.value)
            case .letter:
                guard let known = letters[index] else { continue }
                digit = known
            default: continue
            }
            if let last = groups.last, last.signs.upperBound == index, last.isSpelled == isSpelled {
                groups[groups.count - 1].signs = last.signs.lowerBound..<(index + 1)
                groups[groups.count - 1].digits = last.digits.lowerBound..<(digits.count + 1)
            } else {
                groups.append(Group(signs: index..<(index + 1), digits: digits.count..<(digits.count + 1), isSpelled: isSpelled))
            }
            digits.append(digit)
        }
        gaps = groups.indices.map { judgedGap(after: $0) }
    }

    /// What lies behind group `place`.
    func gap(after place: Int) -> Gap { gaps[place] }

    private func judgedGap(after place: Int) -> Gap {
        guard place + 1 < groups.count else { return .end }
        let signs = groups[place].signs.upperBound..<groups[place + 1].signs.lowerBound
        if signs.isEmpty { return .none }
        guard signs.count <= Self.longestGap else { return .end }
        var isUsual = signs.count <= Self.longestUsualGap
        var isWorded = false
        for sign in text.signs[signs] {
            switch sign.kind {
            case .blank, .link: break
            case .weak: isUsual = false
            default:
                if sign.value == PersonalData.markScalar.value { return .end }
                isWorded = true
            }
        }
        guard isWorded else { return isUsual ? .usual : .odd }
        return isCounted(before: signs.upperBound) || isMeasured(behind: signs.lowerBound) ? .end : .worded
    }

    /// l, I and O among digits are 1, 1 and 0, as in l38OOl38OOO: only in a word of nothing else in which digits are not rare.
    private static func lettersForDigits(_ text: FoldedText) -> [Int: UInt8] {
        var found: [Int: UInt8] = [:]
        var start = 0
        while start < text.signs.count {
            guard text.isWordCharacter(start) else {
                start += 1
                continue
            }
            var end = start
            var written = 0
            var letters: [(Int, UInt8)] = []
            var isNumber = true
            while text.isWordCharacter(end) {
                let sign = text.signs[end]
                if sign.kind == .digit {
                    written += 1
                } else if let digit = lookalikes[sign.value] {
                    letters.append((end, digit))
                } else {
                    isNumber = false
                }
                end += 1
            }
            if isNumber, written * 2 >= letters.count { for (index, digit) in letters { found[index] = digit } }
            start = end
        }
        return found
    }

    private static let lookalikes: [UInt32: UInt8] = [0x6C: 1, 0x69: 1, 0x6F: 0]
}
