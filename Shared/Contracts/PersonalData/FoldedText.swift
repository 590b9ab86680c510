/// A text's visible signs, each with the place it came from.
struct FoldedText {
    enum Kind: UInt8 {
        /// `value` is 0 to 9.
        case digit, spelled
        /// `value` is a small ASCII letter.
        case letter
        /// Between the digits of one number as people write it: blanks, dashes, dots, brackets.
        case blank, link
        /// Between the digits of one number as few would write it: other punctuation, symbols, line ends, 转.
        case weak
        case other
    }

    struct Sign {
        var kind: Kind
        var value: UInt32
        /// Index of its scalar in the text.
        var place: Int
    }

    let signs: [Sign]

    init(_ scalars: [Unicode.Scalar]) {
        var signs: [Sign] = []
        signs.reserveCapacity(scalars.count)
        for (place, scalar) in scalars.enumerated() {
            if (0x4E00...0x9FFF).contains(scalar.value) {
                // Most signs of most texts.
                let digit = scalar.spelledDigit
                let isTurn = scalar == "转" || scalar == "轉"
                let kind: Kind = digit != nil ? .spelled : isTurn ? .weak : .other
                signs.append(Sign(kind: kind, value: digit.map { UInt32($0) } ?? scalar.value, place: place))
                continue
            }
            if scalar.isInvisible { continue }
            if let letter = scalar.shownLetter {
                signs.append(Sign(kind: .letter, value: UInt32(letter), place: place))
            } else if let (first, second) = scalar.shownDigits {
                signs.append(Sign(kind: .digit, value: UInt32(first), place: place))
                if let second { signs.append(Sign(kind: .digit, value: UInt32(second), place: place)) }
            } else if let digit = scalar.spelledDigit {
                signs.append(Sign(kind: .spelled, value: UInt32(digit), place: place))
            } else {
                let twin = scalar.asciiTwin
                signs.append(Sign(kind: Self.kind(twin), value: twin.value, place: place))
            }
        }
        self.signs = signs
    }

    /// The scalars that these signs, at least one, came from; invisible ones between them included.
    func places(_ range: Range<Int>) -> Range<Int> { signs[range.lowerBound].place..<(signs[range.upperBound - 1].place + 1) }

    func isWordCharacter(_ index: Int) -> Bool {
        signs.indices.contains(index) && (signs[index].kind == .letter || signs[index].kind == .digit)
    }

    /// Whether the signs from `index` on read like this (small letters, no digits).
    func reads(_ word: [UInt32], at index: Int) -> Bool {
        guard index >= 0, index + word.count <= signs.count else { return false }
        for offset in word.indices where signs[index + offset].value != word[offset] || signs[index + offset].kind == .digit {
            return false
        }
        return true
    }

    /// Up to `count` signs before `index`, as text in small letters. What has been taken out does not count, so that a second
    /// scrubbing sees what the first one saw.
    func before(_ index: Int, _ count: Int, without finds: [Range<Int>]) -> String {
        var text = String.UnicodeScalarView()
        var next = index - 1
        var find = finds.count - 1
        while next >= 0, text.count < count {
            while find >= 0, finds[find].lowerBound > next { find -= 1 }
            if find >= 0, finds[find].contains(next) {
                next = finds[find].lowerBound - 1
                continue
            }
            let sign = signs[next]
            if sign.value != PersonalData.markScalar.value {
                let value = sign.kind == .digit || sign.kind == .spelled ? sign.value + 0x30 : sign.value
                if let scalar = Unicode.Scalar(value) { text.append(scalar) }
            }
            next -= 1
        }
        return String(String.UnicodeScalarView(text.reversed()))
    }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        switch scalar {
        case " ", "\t", "\u{A0}", "\u{3000}": return .blank
        case "-", ".", "_", "(", ")", "·", "・", "−", "–", "—": return .link
        case "\n", "\r", "\u{2028}", "\u{2029}": return .weak
        // Behind these something is measured or counted, or has been taken out.
        case "%", "‰", "°", "℃", "㎡", PersonalData.markScalar: return .other
        default: break
        }
        switch scalar.value {
        case 0x3400...0x9FFF, 0xAC00...0xD7FF, 0x3041...0x30FA: return .other
        default: break
        }
        switch scalar.properties.generalCategory {
        case .spaceSeparator: return .blank
        case .dashPunctuation: return .link
        case .connectorPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation,
            .mathSymbol, .modifierSymbol, .otherSymbol:
            return .weak
        default: return .other
        }
    }
}
