import Synchronization
public import Telemetry

/// Holds every key to one limit; what is over it is answered 429 with `Retry-After`. Safe from any thread.
public final class RateLimiter<Key: Hashable & Sendable>: Sendable {
    /// Of the limit, in its metric: `reports`, `sign-in`, …
    public let name: String
    private let buckets: Mutex<TokenBuckets<Key>?>
    private let now: @Sendable () -> ContinuousClock.Instant
    private let refused: Counter?

    /// - Parameter limit: nil for none: everything is granted.
    public init(
        _ name: String, _ limit: RateLimit?, capacity: Int = 16_384, metrics: MetricsRegistry? = nil,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.name = name
        self.now = now
        buckets = Mutex(limit.map { TokenBuckets($0, capacity: capacity) })
        refused = metrics?.counter("shao_rate_limited_total", "Requests answered 429, by limit.", labels: [("limit", name)])
    }

    /// Takes `cost`; throws 429 `too-many-requests` when the key has not that much left.
    public func take(_ cost: Double = 1, for key: Key) throws(Problem) {
        let verdict = buckets.withLock { $0?.take(cost, for: key, at: now()) } ?? .granted
        if case .refused(let wait) = verdict { throw refusal(wait) }
    }

    /// Throws as `take` would, and takes nothing.
    public func check(_ cost: Double = 1, for key: Key) throws(Problem) {
        let wait = buckets.withLock { $0?.wait(toTake: cost, for: key, at: now()) } ?? .zero
        if wait > .zero { throw refusal(wait) }
    }

    /// Takes `cost` whether it is there or not: for what is known only afterwards.
    public func charge(_ cost: Double = 1, to key: Key) {
        buckets.withLock { $0?.charge(cost, to: key, at: now()) }
    }

    /// What was taken and not used goes back.
    public func giveBack(_ cost: Double = 1, to key: Key) {
        buckets.withLock { $0?.giveBack(cost, to: key, at: now()) }
    }

    private func refusal(_ wait: Duration) -> Problem {
        refused?.add()
        return .tooManyRequests(retryAfter: wait)
    }
}

extension Problem {
    /// 429; how long until another try is granted, told in whole seconds.
    public static func tooManyRequests(retryAfter wait: Duration) -> Problem {
        let seconds = wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0)
        return Problem(429, "too-many-requests", detail: "too much came from here in too short a time")
            .with("Retry-After", String(max(1, seconds)))
    }
}
