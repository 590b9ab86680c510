public import EventLoop

/// Monotonic time, pauses and chance, as the loops of the event log see them. A simulation passes its own and decides all three.
public protocol Pace: Sendable {
    /// Time since some fixed moment; never goes back.
    func elapsed() -> Duration
    /// Suspends for so long. Throws when the task is cancelled.
    func pause(for duration: Duration) async throws(CancellationError)
    /// A number by chance.
    func random(in range: ClosedRange<Int>) -> Int
    /// A new bell, rung by whoever has work for a loop.
    func bell() -> any Bell
}

/// A coalescing wake-up for one waiter: rung any number of times before a wait, it ends that wait at once.
public protocol Bell: Sendable {
    /// From any thread; never blocks.
    func ring()
    /// Suspends until rung, or for so long. Throws when the task is cancelled.
    func wait(atMost duration: Duration) async throws(CancellationError)
}

/// The machine's time, over an event loop.
public struct LoopPace: Pace {
    private let loop: EventLoop
    private let start = ContinuousClock.now

    public init(_ loop: EventLoop = .shared) { self.loop = loop }

    public func elapsed() -> Duration { ContinuousClock.now - start }
    public func pause(for duration: Duration) async throws(CancellationError) { try await loop.sleep(for: duration) }
    public func random(in range: ClosedRange<Int>) -> Int { Int.random(in: range) }
    public func bell() -> any Bell { Signal(on: loop) }
}

extension Signal: Bell {
    public func ring() { raise() }
    public func wait(atMost duration: Duration) async throws(CancellationError) { try await wait(until: .now + duration) }
}

extension Duration {
    /// With its parts, for metrics.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// Pauses that double from 50 ms to the longest, with jitter so that replicas do not move in step.
struct BackOff {
    private let pace: any Pace
    private let longest: Int
    private var step = 0

    /// - Parameter longest: milliseconds.
    init(_ pace: any Pace = LoopPace(), longest: Int = 5000) {
        self.pace = pace
        self.longest = longest
    }

    mutating func reset() { step = 0 }

    mutating func pause() async throws(CancellationError) {
        let base = min(longest, 50 << min(step, 7))
        step += 1
        try await pace.pause(for: .milliseconds(pace.random(in: base / 2...base)))
    }
}
