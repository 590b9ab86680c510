/// How much one client may take: `burst` at once, and one more each `secondsEach`.
public struct RateLimit: Sendable, Hashable, CustomStringConvertible {
    public enum Verdict: Sendable, Hashable {
        case granted
        /// Nothing was taken; so long until the same would be granted.
        case refused(wait: Duration)
    }

    public let burst: Double
    public let secondsEach: Double
    public let description: String

    /// `300+60/min`: 300 at once, 60 more each minute. Units are `s`, `min`, `h` and `d`; nil for any other text.
    public init?(_ text: String) {
        let halves = text.split(separator: "+", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let rate = halves[1].split(separator: "/", omittingEmptySubsequences: false)
        let seconds: [Substring: Double] = ["s": 1, "min": 60, "h": 3_600, "d": 86_400]
        guard rate.count == 2, let burst = Self.number(halves[0]), let more = Self.number(rate[0]), let unit = seconds[rate[1]] else {
            return nil
        }
        self.burst = burst
        secondsEach = unit / more
        description = text
    }

    /// A whole number from 1 to a million million, in digits alone.
    private static func number(_ text: Substring) -> Double? {
        guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Double(text), number >= 1
        else { return nil }
        return number
    }
}

/// Token buckets, one for each key (a client's block, a plate, a telephone number), all of one limit.
///
/// Memory is bounded: a full bucket is not kept, and when `capacity` keys hold buckets, the half that lacks least is forgotten.
/// A value without a clock: time is told with each call and may come from anywhere, as long as it does not go back.
public struct TokenBuckets<Key: Hashable & Sendable>: Sendable {
    public let limit: RateLimit
    public let capacity: Int
    /// When each bucket is full again; a bucket that lacks nothing is not here.
    private var fullAt: [Key: ContinuousClock.Instant] = [:]

    public init(_ limit: RateLimit, capacity: Int = 16_384) {
        self.limit = limit
        self.capacity = max(2, capacity)
    }

    /// Buckets that lack something, or did not long ago.
    public var count: Int { fullAt.count }

    /// Takes `cost` from the key's bucket, all or nothing. A cost above the burst is taken as the whole burst, so that it is
    /// granted to whoever took nothing before.
    public mutating func take(_ cost: Double = 1, for key: Key, at now: ContinuousClock.Instant) -> RateLimit.Verdict {
        let wait = wait(toTake: cost, for: key, at: now)
        guard wait <= .zero else { return .refused(wait: wait) }
        charge(cost, to: key, at: now)
        return .granted
    }

    /// How long until `cost` would be granted; zero when it would be now. Takes nothing.
    public func wait(toTake cost: Double = 1, for key: Key, at now: ContinuousClock.Instant) -> Duration {
        let lacking = max(now, fullAt[key] ?? now) - now
        return max(.zero, lacking + time(for: cost) - time(for: limit.burst))
    }

    /// Takes `cost` whether it is there or not, down to an empty bucket: for what is known only afterwards.
    public mutating func charge(_ cost: Double = 1, to key: Key, at now: ContinuousClock.Instant) {
        guard cost > 0 else { return }
        if fullAt[key] == nil, fullAt.count >= capacity { makeRoom(now) }
        let empty = now + time(for: limit.burst)
        fullAt[key] = min(empty, max(now, fullAt[key] ?? now) + time(for: cost))
    }

    /// What was taken and not used goes back.
    public mutating func giveBack(_ cost: Double, to key: Key, at now: ContinuousClock.Instant) {
        guard let full = fullAt[key] else { return }
        let earlier = full - time(for: cost)
        fullAt[key] = earlier > now ? earlier : nil
    }

    /// The time in which so much flows in; of a cost above the burst, what the burst takes.
    private func time(for cost: Double) -> Duration {
        .nanoseconds(Int64(min(min(max(cost, 0), limit.burst) * limit.secondsEach * 1e9, 1e18).rounded()))
    }

    private mutating func makeRoom(_ now: ContinuousClock.Instant) {
        fullAt = fullAt.filter { $0.value > now }
        guard fullAt.count > capacity / 2 else { return }
        let later = fullAt.sorted { $0.value > $1.value }.prefix(capacity / 2)
        fullAt = Dictionary(uniqueKeysWithValues: later.map { ($0.key, $0.value) })
    }
}
