/// Finds the numbers of people among a text's digits: telephones, identity cards, bank cards.
struct PersonalNumbers {
    let text: FoldedText
    let groups: DigitGroups
    /// What has been found by other means.
    private let fixed: [Range<Int>]
    private(set) var finds: [Range<Int>] = []

    /// No number that is looked for has more digits.
    private static let longest = 20

    init(_ text: FoldedText, apartFrom fixed: [Range<Int>]) {
        self.text = text
        self.fixed = fixed
        groups = DigitGroups(text)
    }

    /// Ranges of signs, in order.
    func all() -> [Range<Int>] {
        var search = self
        var place = 0
        var nextFixed = 0
        while place < groups.groups.count {
            let start = groups.groups[place].signs.lowerBound
            while nextFixed < fixed.count, fixed[nextFixed].upperBound <= start { nextFixed += 1 }
            if nextFixed < fixed.count, fixed[nextFixed].contains(start) {
                place += 1
            } else if let last = search.take(from: place) {
                place = last + 1
            } else {
                place += 1
            }
        }
        return search.finds
    }

    /// The number that begins with this group, when one does; then its last group.
    private mutating func take(from first: Int) -> Int? {
        var best: DigitWindow?
        for window in windows(from: first) where isPersonal(window) {
            // A telephone number stays one though more digits follow; a longer find is another kind, or of no set length.
            if best == nil || window.count > 12 || isAbroad(window) || isLocal(window) { best = window }
        }
        guard let best else { return nil }
        let signs = groups.groups[best.range.lowerBound].signs.lowerBound..<groups.groups[best.range.upperBound].signs.upperBound
        let end = best.count == 17 ? endWithCheckLetter(signs.upperBound) ?? signs.upperBound : endWithExtension(signs.upperBound, best)
        let find = Brackets.around(startWithCountry(best)..<end, in: text)
        var last = best.range.upperBound
        while last + 1 < groups.groups.count, groups.groups[last + 1].signs.lowerBound < find.upperBound { last += 1 }
        finds.append(max(find.lowerBound, finds.last?.upperBound ?? 0)..<find.upperBound)
        return last
    }

    private func windows(from first: Int) -> [DigitWindow] {
        var found: [DigitWindow] = []
        var shape = [groups.groups[first].digits.count]
        var gaps: [[UInt32]] = []
        var hasOddGap = false
        var isWorded = false
        let start = groups.groups[first].digits.lowerBound
        var last = first
        while true {
            let digits = groups.digits[start..<groups.groups[last].digits.upperBound]
            // A longer run is a number too, but only as one group.
            guard digits.count <= Self.longest || last == first else { break }
            found.append(
                DigitWindow(
                    range: first...last, digits: digits, shape: shape, hasOddGap: hasOddGap, isWorded: isWorded,
                    isUniform: gaps.allSatisfy { $0 == gaps[0] }, gaps: gaps))
            let gap = groups.gap(after: last)
            if gap == .end { break }
            let length = groups.groups[last + 1].digits.count
            if gap == .none {
                shape[shape.count - 1] += length
            } else {
                hasOddGap = hasOddGap || gap != .usual
                isWorded = isWorded || gap == .worded
                let signs = groups.groups[last].signs.upperBound..<groups.groups[last + 1].signs.lowerBound
                gaps.append(text.signs[signs].map(\.value))
                shape.append(length)
            }
            last += 1
        }
        return found
    }

    private func isPersonal(_ window: DigitWindow) -> Bool {
        if window.isWorded { return isWordedNumber(window) }
        return isMobile(window) || isLandline(window) || isAbroad(window) || isIdentity(window) || isBankCard(window) || isLongRun(window)
            || isLocal(window)
    }

    // MARK: Telephones

    /// 11 digits from 13 to 19, perhaps with 0 before; in one run also with one digit too many.
    private func isMobile(_ window: DigitWindow) -> Bool {
        let digits = window.digits
        if window.count == 12, window.isOneGroup, TelephoneNumber.isMobile(digits.prefix(11)) { return true }
        let core = window.count == 12 && digits.first == 0 ? digits.dropFirst() : digits
        return TelephoneNumber.isMobile(core) && window.isCutLikeATelephoneNumber
    }

    /// In one run any 10 to 12 digits behind 0, but for what is said to be a thing's number; in parts a real area code.
    private func isLandline(_ window: DigitWindow) -> Bool {
        guard (10...12).contains(window.count), window.digits.first == 0, window.digits.dropFirst().first != 0 else { return false }
        if window.shape.count == 1 {
            return !cued(window, by: ["编号", "编码", "灯杆", "井盖", "设备", "牌号", "杆号", "箱号", "序号", "批号", "表号"])
        }
        guard let area = TelephoneNumber.areaCode(window.digits), window.shape.count <= 4, !window.hasOddGap || window.shape.count <= 3
        else { return false }
        let local = window.digits.dropFirst(area)
        return window.shape[0] == area && (7...8).contains(local.count) && (2...8).contains(local.first ?? 0)
    }

    /// Behind a plus or 00 and a country's code.
    private func isAbroad(_ window: DigitWindow) -> Bool {
        guard !window.hasOddGap, window.shape.count <= 6 else { return false }
        if window.digits.starts(with: [0, 0, 8, 6]) { return TelephoneNumber.isMobile(window.digits.dropFirst(4)) }
        if window.digits.starts(with: [0, 0, 8, 5]) { return window.count == 13 }
        if window.digits.starts(with: [0, 0, 8, 8, 6]) { return (13...14).contains(window.count) }
        guard (8...15).contains(window.count), hasPlus(window) else { return false }
        return window.digits.starts(with: [8, 6]) ? window.count >= 12 : true
    }

    private func hasPlus(_ window: DigitWindow) -> Bool {
        let start = groups.groups[window.range.lowerBound].signs.lowerBound
        return start > 0 && text.signs[start - 1].value == 0x2B && !(start > 1 && text.isWordCharacter(start - 2))
    }

    /// Seven or eight digits are a telephone number only where the text says so.
    private func isLocal(_ window: DigitWindow) -> Bool {
        guard window.count == 7 || window.count == 8, (2...9).contains(window.digits.first ?? 0) else { return false }
        guard window.shape.count == 1 || window.shape == [4, 4] || window.shape == [3, 4] || window.shape.allSatisfy({ $0 == 1 }) else {
            return false
        }
        let isDay = window.count == 8 && window.isDay(at: 0, length: 8)
        return cued(
            window, by: ["电话", "電話", "电話", "座机", "拨打", "致电", "联系", "打给", "号码", "號碼", "手机", "回电", "呼我", "tel", "phone"],
            within: isDay ? 3 : 8)
    }

    // MARK: Cards

    private func isIdentity(_ window: DigitWindow) -> Bool {
        let shape = window.shape
        if window.count == 15 { return shape == [6, 6, 3] && window.isDay(at: 6, length: 6) }
        let end = groups.groups[window.range.upperBound].signs.upperBound
        guard window.count == 18 || (window.count == 17 && endWithCheckLetter(end) != nil), window.isDay(at: 6, length: 8) else {
            return false
        }
        if shape.count == 1 || shape[0] == 6 && shape.count <= 5 { return true }
        return window.identitySum == (window.count == 18 ? Int(window.digits.last ?? 0) : 10)
    }

    private func isBankCard(_ window: DigitWindow) -> Bool {
        guard (13...19).contains(window.count), window.shape.count > 1 || !window.isOneGroup else { return false }
        let shape = window.shape
        if shape.count >= 4, shape.prefix(4).allSatisfy({ $0 == 4 }), shape.count <= 5 { return true }
        if shape == [4, 6, 5] || shape == [4, 4, 4, 3] || shape == [4, 4, 4, 1] { return window.hasLuhnSum }
        return window.count >= 16 && shape.count <= 2 && window.hasLuhnSum
    }

    /// 13 digits and more in one go: cards and accounts of all kinds, but for ticket numbers and moments.
    private func isLongRun(_ window: DigitWindow) -> Bool {
        window.isOneGroup && window.count >= 13 && !window.isMoment
    }

    // MARK: What belongs to a number besides

    func cued(_ window: DigitWindow, by cues: [String], within signs: Int = 8) -> Bool {
        let before = text.before(groups.groups[window.range.lowerBound].signs.lowerBound, signs, without: finds)
        return cues.contains { before.contains($0) }
    }

    /// An identity number's check digit may be an X. The place behind it; `nil` where there is none.
    func endWithCheckLetter(_ end: Int) -> Int? {
        var next = end
        while next < text.signs.count, next - end < 3, text.signs[next].kind == .blank || text.signs[next].kind == .link { next += 1 }
        guard next < text.signs.count, text.signs[next].value == 0x78, text.signs[next].kind == .letter, !text.isWordCharacter(next + 1)
        else { return nil }
        return next + 1
    }

    /// With `+86`, `0086` or a plus before it.
    private func startWithCountry(_ window: DigitWindow) -> Int {
        var first = window.range.lowerBound
        if first > 0, groups.gap(after: first - 1) == .usual, (10...12).contains(window.count) {
            let code = groups.digits[groups.groups[first - 1].digits]
            if code == [8, 6] || code == [0, 0, 8, 6] || code == [0, 8, 6] { first -= 1 }
        }
        let start = groups.groups[first].signs.lowerBound
        return start > 0 && text.signs[start - 1].value == 0x2B ? start - 1 : start
    }

    /// 转801, 分机 801, ext. 801 behind a telephone number.
    private func endWithExtension(_ end: Int, _ window: DigitWindow) -> Int {
        guard (7...13).contains(window.count) else { return end }
        var next = end
        func skip(_ limit: Int) {
            var left = limit
            while left > 0, next < text.signs.count, [.blank, .link].contains(text.signs[next].kind) || text.signs[next].value == 0x3A {
                (next, left) = (next + 1, left - 1)
            }
        }
        skip(2)
        guard let mark = Self.extensionMarks.first(where: { text.reads($0, at: next) }) else { return end }
        next += mark.count
        skip(2)
        let first = next
        while next < text.signs.count, next - first < 7, text.signs[next].kind == .digit || text.signs[next].kind == .spelled { next += 1 }
        return (1...6).contains(next - first) ? next : end
    }

    private static let extensionMarks = ["转分机号", "转分机", "转", "轉", "分机号", "分机", "分機", "ext", "#"].map { $0.unicodeScalars.map(\.value) }
}
