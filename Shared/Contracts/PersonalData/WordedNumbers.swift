/// Numbers of people with words or letters between their digits: 139哈8765哈4324, 139，然后8765，最后4324.
///
/// Texts of a street are full of numbers among words, so such a number must be cut as people cut theirs, be no list of amounts,
/// years or house numbers, and have no unit behind it. Where the text says that a telephone number comes, any cut will do.
extension PersonalNumbers {
    func isWordedNumber(_ window: DigitWindow) -> Bool {
        // Most windows are too short: what they are is asked before what stands around them.
        guard window.count >= Self.shortestWorded, isWrittenAlike(window) else { return false }
        let isOne = isWordedMobile(window) || isWordedLandline(window) || isWordedIdentity(window) || isWordedBankCard(window)
        return isOne && !isMeasured(window)
    }

    /// A landline with its area code.
    private static let shortestWorded = 11

    private func isWordedMobile(_ window: DigitWindow) -> Bool {
        let isLong = window.count == 12 && window.digits.first == 0
        guard TelephoneNumber.isMobile(isLong ? window.digits.dropFirst() : window.digits), window.shape.count <= 5 || isOneByOne(window)
        else { return false }
        if isAnnounced(window) { return window.shape[0] >= 3 && window.shape.count <= 5 || isOneByOne(window) }
        guard !isThing(window), !isGluedToLetters(window), hasShortGaps(window) else { return false }
        if isOneByOne(window) { return true }
        let shape = isLong ? [window.shape[0] - 1] + window.shape.dropFirst() : window.shape
        return Self.mobileCuts.contains(shape) && !isList(window)
    }

    private static let mobileCuts = [[3, 4, 4], [4, 3, 4], [3, 8], [7, 4]]

    private func isWordedLandline(_ window: DigitWindow) -> Bool {
        guard let area = TelephoneNumber.areaCode(window.digits), window.shape[0] == area, hasShortGaps(window),
            !isThing(window), !isGluedToLetters(window)
        else { return false }
        let local = window.digits.dropFirst(area)
        let isCut = window.shape.count == 2 || window.shape.count == 3 && window.shape[2] == 4
        return isCut && (area == 3 ? local.count == 8 : (7...8).contains(local.count)) && (2...8).contains(local.first ?? 0)
    }

    private func isWordedIdentity(_ window: DigitWindow) -> Bool {
        guard window.shape == [6, 8, 4] || window.shape == [6, 8, 3], window.isDay(at: 6, length: 8), hasShortGaps(window) else {
            return false
        }
        let end = groups.groups[window.range.upperBound].signs.upperBound
        return window.count == 18 || endWithCheckLetter(end) != nil
    }

    private func isWordedBankCard(_ window: DigitWindow) -> Bool {
        guard window.count >= 16, window.shape.prefix(4) == [4, 4, 4, 4], window.shape.count <= 5, hasShortGaps(window) else {
            return false
        }
        return window.hasLuhnSum
    }

    // MARK: How it is written

    /// Digits and digits' names are not mixed: 一 and 两 are words as well.
    private func isWrittenAlike(_ window: DigitWindow) -> Bool {
        let groups = groups.groups[window.range]
        return groups.allSatisfy { $0.isSpelled == groups[window.range.lowerBound].isSpelled }
    }

    /// One digit each, the same between all of them.
    private func isOneByOne(_ window: DigitWindow) -> Bool { window.isUniform && window.shape.allSatisfy { $0 == 1 } }

    private func hasShortGaps(_ window: DigitWindow) -> Bool {
        window.gaps.allSatisfy { gap in
            let isLatin = gap.allSatisfy { $0 < 0x80 }
            return gap.count <= (isLatin ? 7 : 4) && gap != [0x78]
        }
    }

    /// Part of a code: LD138A1234B5678.
    private func isGluedToLetters(_ window: DigitWindow) -> Bool {
        let (first, last) = (groups.groups[window.range.lowerBound].signs, groups.groups[window.range.upperBound].signs)
        return text.isWordCharacter(first.lowerBound - 1) || text.isWordCharacter(last.upperBound)
    }

    // MARK: What the text says that it is

    private func isMeasured(_ window: DigitWindow) -> Bool {
        groups.isMeasured(behind: groups.groups[window.range.upperBound].signs.upperBound)
            || groups.isCounted(before: groups.groups[window.range.lowerBound].signs.lowerBound)
    }

    private func isAnnounced(_ window: DigitWindow) -> Bool {
        cued(
            window,
            by: [
                "电话", "電話", "手机", "手機", "号码", "號碼", "联系", "聯繫", "拨打", "致电", "打给", "回电", "找我", "呼我", "微信", "tel", "phone",
                "call",
            ], within: 4) || cued(window, by: ["打"], within: 1)
    }

    /// The number of a thing, or a price.
    private func isThing(_ window: DigitWindow) -> Bool {
        cued(window, by: ["编", "灯", "杆", "井盖", "设备", "牌", "箱", "序号", "批号", "表", "房", "室", "价", "费", "票", "型", "规格", "尺寸", "款"])
    }

    /// Round amounts, years, or numbers that lie near each other.
    private func isList(_ window: DigitWindow) -> Bool {
        let parts = window.parts
        guard parts.count > 2 else { return false }
        if parts.allSatisfy({ $0 % 10 == 0 }) || parts.dropFirst().allSatisfy({ (1_900...2_099).contains($0) }) { return true }
        return zip(parts.dropFirst(), parts.dropFirst(2)).allSatisfy { $0 < $1 && $1 - $0 <= 20 }
    }
}

extension DigitGroups {
    /// Whether a unit stands at `index`, directly behind digits or behind one blank.
    func isMeasured(behind index: Int) -> Bool {
        var next = index
        if text.signs.indices.contains(next), text.signs[next].kind == .blank { next += 1 }
        guard text.signs.indices.contains(next) else { return false }
        if text.signs[next].kind == .letter {
            return Self.letterUnits.contains { text.reads($0, at: next) && !isLetter(next + $0.count) }
        }
        return Self.units.contains(text.signs[next].value)
    }

    private func isLetter(_ index: Int) -> Bool { text.signs.indices.contains(index) && text.signs[index].kind == .letter }

    /// Whether what stands before `index` makes an ordinal number or an amount of the digits there.
    func isCounted(before index: Int) -> Bool { index > 0 && Self.counters.contains(text.signs[index - 1].value) }

    private static let counters = Set("第￥¥$€".unicodeScalars.map(\.value))
    private static let units = Set(
        """
        号號栋棟幢座室楼樓层層单弄户戶元块塊角分年月日时時点點秒天周岁人名个個只台辆輛盏根条條件次遍回趟倍米厘毫升斤克公吨噸里度伏瓦\
        路线線班站期区區段排级級页册本张套间家门車车平亩成折届代型级%‰°℃㎡²³万千百亿
        """.unicodeScalars.map(\.value))
    private static let letterUnits = ["m", "mm", "cm", "km", "kg", "v", "kv", "kw", "hz", "db", "mpa", "kpa"].map {
        $0.unicodeScalars.map(\.value)
    }
}
