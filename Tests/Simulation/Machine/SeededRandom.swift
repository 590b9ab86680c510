/// Chance from a seed (xoshiro256++): the same seed gives the same history. Every model has its own stream, so that leaving out
/// one fault while shrinking does not change what another one draws.
struct SeededRandom: RandomNumberGenerator, Sendable {
    private var a: UInt64, b: UInt64, c: UInt64, d: UInt64

    /// - Parameter purpose: tells streams of one seed apart.
    init(seed: UInt64, purpose: UInt64 = 0) {
        var mix = seed &* 0x9E37_79B9_7F4A_7C15 &+ purpose &* 0xD1B5_4A32_D192_ED03 &+ 0x2545_F491_4F6C_DD1D
        func word() -> UInt64 {
            mix &+= 0x9E37_79B9_7F4A_7C15
            var z = mix
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return z ^ z >> 31
        }
        (a, b, c, d) = (word(), word(), word(), word())
    }

    mutating func next() -> UInt64 {
        let sum = a &+ d
        let result = (sum << 23 | sum >> 41) &+ a
        let t = b << 17
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= t
        d = d << 45 | d >> 19
        return result
    }

    /// 0 ..< `count`; 0 for an empty range.
    mutating func below(_ count: Int) -> Int {
        count <= 1 ? 0 : Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(count)).high)
    }

    mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// True `permille` times out of a thousand.
    mutating func chance(_ permille: Int) -> Bool { permille > 0 && below(1000) < permille }

    mutating func pick<Element>(_ all: [Element]) -> Element? { all.isEmpty ? nil : all[below(all.count)] }

    /// Microseconds, mostly small: a few waits are much longer than all the others, as on real machines.
    mutating func delay(upTo most: Int) -> Int {
        if most <= 0 { return 0 }
        return chance(50) ? below(most) : below(max(1, most / 20))
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}
