/// What a scalar stands for once the ways of writing it are evened out.
extension Unicode.Scalar {
    /// The ASCII character of a full-width form, itself otherwise.
    var asciiTwin: Unicode.Scalar {
        guard (0xFF01...0xFF5E).contains(value) else { return self }
        return Unicode.Scalar(value - 0xFEE0) ?? self
    }

    /// Nothing is seen of it: zero-width and direction marks, variation selectors, combining marks (a keycap's among them),
    /// control characters other than tab and line ends.
    var isInvisible: Bool {
        switch value {
        case 0x20...0x7E, 0x09, 0x0A, 0x0D, 0x85, 0x2028, 0x2029, 0x3000...0x3029, 0x3030...0x3098, 0x309B...0x3163, 0x3165...0xD7FF: false
        case 0x115F, 0x1160, 0x3164, 0xFFA0: true
        default:
            switch properties.generalCategory {
            case .format, .nonspacingMark, .enclosingMark, .control: true
            default: false
            }
        }
    }

    /// A combining mark or a variation selector.
    var standsOnAnother: Bool {
        guard value >= 0x300 else { return false }
        return properties.generalCategory == .nonspacingMark || properties.generalCategory == .enclosingMark
    }

    /// A decimal digit of any script: 1, １, ١, 𝟏.
    var decimalDigit: UInt8? {
        if value < 0x80 { return (0x30...0x39).contains(value) ? UInt8(value - 0x30) : nil }
        guard (0x660...0x2FFF).contains(value) || value > 0x9FFF, properties.numericType == .decimal else { return nil }
        return properties.numericValue.map { UInt8($0) }
    }

    /// The digits that a sign shows: one, or two for ⑩ to ⑳. Decimal digits, circled, bracketed, raised and lowered ones.
    var shownDigits: (UInt8, UInt8?)? {
        if let digit = decimalDigit { return (digit, nil) }
        switch value {
        case 0xB2, 0xB3, 0xB9, 0x2070...0x2089, 0x2460...0x249B, 0x24EA...0x24FF, 0x2776...0x2793, 0x3220...0x3229, 0x3280...0x3289,
            0x1F100...0x1F10C:
            guard let number = properties.numericValue, number >= 0, number <= 20, number == number.rounded() else { return nil }
            let whole = UInt8(number)
            return whole < 10 ? (whole, nil) : (whole / 10, whole % 10)
        case 0x1F51F: return (1, 0)
        default: return nil
        }
    }

    /// A digit written as a word: common, financial and the ways of saying it on the telephone. By number, because most signs of
    /// every text come by here.
    var spelledDigit: UInt8? {
        switch value {
        case 0x3007, 0x96F6, 0x25CB, 0x25EF, 0x6D1E: 0  // 〇零○◯洞
        case 0x4E00, 0x58F9, 0x5F0C, 0x5E7A, 0x4E48: 1  // 一壹弌幺么
        case 0x4E8C, 0x8D30, 0x8CB3, 0x5F0D, 0x4E24, 0x5169: 2  // 二贰貳弍两兩
        case 0x4E09, 0x53C1, 0x53C3, 0x53C4, 0x5F0E: 3  // 三叁參叄弎
        case 0x56DB, 0x8086: 4  // 四肆
        case 0x4E94, 0x4F0D: 5  // 五伍
        case 0x516D, 0x9646, 0x9678: 6  // 六陆陸
        case 0x4E03, 0x67D2, 0x62D0: 7  // 七柒拐
        case 0x516B, 0x634C: 8  // 八捌
        case 0x4E5D, 0x7396, 0x52FE: 9  // 九玖勾
        default: nil
        }
    }

    /// The small ASCII letter of a full-width, circled, bracketed or mathematical one.
    var shownLetter: UInt8? {
        switch value {
        case 0x41...0x5A: UInt8(value + 0x20)
        case 0x61...0x7A: UInt8(value)
        case 0xFF21...0xFF3A: UInt8(value - 0xFF21 + 0x61)
        case 0xFF41...0xFF5A: UInt8(value - 0xFF41 + 0x61)
        case 0x249C...0x24B5: UInt8(value - 0x249C + 0x61)
        case 0x24B6...0x24CF: UInt8(value - 0x24B6 + 0x61)
        case 0x24D0...0x24E9: UInt8(value - 0x24D0 + 0x61)
        case 0x1D400...0x1D6A3: UInt8((value - 0x1D400) % 26 + 0x61)
        case 0x1F130...0x1F149: UInt8(value - 0x1F130 + 0x61)
        default: nil
        }
    }
}
