/// Neighbouring groups of digits, looked at as one number.
struct DigitWindow {
    /// Of the groups.
    let range: ClosedRange<Int>
    let digits: ArraySlice<UInt8>
    /// Digits between two gaps: 3, 4, 4 for 138 0013 8000.
    let shape: [Int]
    let hasOddGap: Bool
    /// Words or letters lie between the digits.
    let isWorded: Bool
    /// Every gap looks the same.
    let isUniform: Bool
    /// The gaps' signs in order.
    let gaps: [[UInt32]]

    var count: Int { digits.count }
    var isOneGroup: Bool { range.count == 1 }

    /// How the parts read as numbers.
    var parts: [Int] {
        var next = digits.startIndex
        return shape.map { length in
            defer { next += length }
            return digits[next..<(next + length)].prefix(9).reduce(0) { $0 * 10 + Int($1) }
        }
    }

    /// Whether somebody who writes a telephone number would cut it so, told apart from lists, measures, amounts and addresses of
    /// computers.
    var isCutLikeATelephoneNumber: Bool {
        if shape.count == 1 || shape.allSatisfy({ $0 == 1 }) { return true }
        if isAmount || isNetworkAddress { return false }
        if !hasOddGap { return shape[0] >= 3 && shape.count <= 5 || shape.count <= 3 || isPairs }
        return (shape[0] == 3 && shape.count <= 5) || (shape[0] >= 5 && shape.count == 2) || isPairs
    }

    private var isPairs: Bool {
        guard isUniform, shape.dropLast().allSatisfy({ $0 == 2 }), (shape.last ?? 0) <= 3 else { return false }
        let parts = parts
        return !zip(parts, parts.dropFirst()).allSatisfy { $0 < $1 }
    }

    /// 138,001,380.00
    private var isAmount: Bool {
        let isDecimal = gaps.last == [0x2E] && shape.last == 2
        let commas = isDecimal ? gaps.dropLast() : gaps[...]
        let whole = isDecimal ? shape.dropLast() : shape[...]
        return !commas.isEmpty && commas.allSatisfy { $0 == [0x2C] } && whole.dropFirst().allSatisfy { $0 == 3 }
    }

    private var isNetworkAddress: Bool {
        shape.count == 4 && gaps.allSatisfy { $0 == [0x2E] } && parts.allSatisfy { $0 <= 255 }
    }

    // MARK: Check sums and dates

    /// As on bank cards.
    var hasLuhnSum: Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let value = Int(digit) * (place % 2 == 0 ? 1 : 2)
            sum += value > 9 ? value - 9 : value
        }
        return sum % 10 == 0
    }

    /// ISO 7064 MOD 11-2 over 17 digits, as on identity cards; 10 stands for X.
    var identitySum: Int {
        let sum = zip(digits, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]).reduce(0) { $0 + Int($1.0) * $1.1 }
        return (12 - sum % 11) % 11
    }

    /// A day from 1900 to 2099 as eight digits, or without the century as six.
    func isDay(at offset: Int, length: Int) -> Bool {
        guard offset + length <= digits.count else { return false }
        let start = digits.startIndex + offset
        let all = digits[start..<(start + length)].map { Int($0) }
        let century = length == 8 ? all[0] * 10 + all[1] : 19
        let rest = all.suffix(6).map { $0 }
        let (month, day) = (rest[2] * 10 + rest[3], rest[4] * 10 + rest[5])
        return (century == 19 || century == 20) && (1...12).contains(month) && (1...31).contains(day)
    }

    /// 20261121093015: how programs write a moment.
    var isMoment: Bool {
        guard count == 14, isDay(at: 0, length: 8) else { return false }
        let rest = digits.suffix(6).map { Int($0) }
        return rest[0] * 10 + rest[1] < 24 && rest[2] < 6 && rest[4] < 6
    }
}
