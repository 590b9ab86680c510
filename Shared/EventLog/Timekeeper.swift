public import Contracts
public import EventLoop

/// The wall clock and its timers, passed in so that tests move time by hand.
public protocol Timekeeper: Sendable {
    func now() -> Timestamp
    /// Suspends until the wall clock reaches `deadline`. Throws when the task is cancelled.
    func sleep(until deadline: Timestamp) async throws(CancellationError)
}

extension Timekeeper {
    /// Suspends for so many milliseconds of this clock.
    public func sleep(milliseconds: Int64) async throws(CancellationError) {
        try await sleep(until: now().adding(milliseconds: milliseconds))
    }
}

extension Timestamp {
    /// For metrics: two machines' clocks differ a little, and nothing happens before it happened.
    func secondsSince(_ earlier: Timestamp) -> Double { Double(max(0, milliseconds(since: earlier))) / 1000 }
}

/// The machine's clock.
public struct SystemTimekeeper: Timekeeper {
    private let loop: EventLoop
    public init(loop: EventLoop = .shared) { self.loop = loop }

    public func now() -> Timestamp {
        .now()
    }

    public func sleep(until deadline: Timestamp) async throws(CancellationError) {
        let distance = max(0, deadline.milliseconds(since: now()))
        try await loop.sleep(for: .milliseconds(distance))
    }
}
