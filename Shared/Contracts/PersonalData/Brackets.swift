/// Brackets of which a find holds one half: the other half goes with it, as in (138)0013-8000.
enum Brackets {
    /// What opens, with what closes it; full-width forms are folded before.
    private static let pairs: [UInt32: UInt32] = [
        0x28: 0x29, 0x5B: 0x5D, 0x7B: 0x7D, 0x3C: 0x3E, 0x3008: 0x3009, 0x300A: 0x300B, 0x300C: 0x300D, 0x3010: 0x3011, 0x3014: 0x3015,
    ]
    private static let closing = Dictionary(uniqueKeysWithValues: pairs.map { ($1, $0) })
    /// Between the bracket and the digits.
    private static let mostBlanks = 2

    /// The find with the halves that stand right beside it.
    static func around(_ find: Range<Int>, in text: FoldedText) -> Range<Int> {
        var open: [UInt32] = []
        var unopened: UInt32?
        for sign in text.signs[find] where sign.kind != .digit && sign.kind != .spelled {
            if pairs[sign.value] != nil {
                open.append(sign.value)
            } else if let opening = closing[sign.value] {
                if open.last == opening { open.removeLast() } else { unopened = unopened ?? opening }
            }
        }
        let before = unopened.flatMap { place(of: $0, from: find.lowerBound - 1, by: -1, text) }
        let behind = open.last.flatMap { pairs[$0] }.flatMap { place(of: $0, from: find.upperBound, by: 1, text) }
        return (before ?? find.lowerBound)..<(behind.map { $0 + 1 } ?? find.upperBound)
    }

    private static func place(of value: UInt32, from start: Int, by step: Int, _ text: FoldedText) -> Int? {
        var next = start
        while text.signs.indices.contains(next), abs(next - start) <= mostBlanks {
            let sign = text.signs[next]
            if sign.kind != .digit, sign.kind != .spelled, sign.value == value { return next }
            guard sign.kind == .blank else { return nil }
            next += step
        }
        return nil
    }
}
