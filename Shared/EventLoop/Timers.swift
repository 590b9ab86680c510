import Synchronization

/// A heap of the loop's one-shot timers. A cancelled one stays until it is due and then does nothing.
struct Timers {
    private var heap: [Entry] = []
    private var cancelled: Set<UInt64> = []
    private var serial: UInt64 = 0

    struct Entry {
        let due: ContinuousClock.Instant
        let id: UInt64
        let fire: () -> Void
    }

    var next: ContinuousClock.Instant? { heap.first?.due }

    mutating func add(_ due: ContinuousClock.Instant, _ fire: @escaping () -> Void) -> UInt64 {
        serial &+= 1
        heap.append(Entry(due: due, id: serial, fire: fire))
        var child = heap.count - 1
        while child > 0, heap[child].due < heap[(child - 1) / 2].due {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
        return serial
    }

    mutating func cancel(_ id: UInt64) {
        cancelled.insert(id)
        if cancelled.count > 64, cancelled.count > heap.count / 2 { sweep() }
    }

    /// The earliest entry due at `now`, cancelled ones skipped.
    mutating func pop(dueAt now: ContinuousClock.Instant) -> Entry? {
        while let first = heap.first, first.due <= now {
            removeFirst()
            if cancelled.remove(first.id) == nil { return first }
        }
        return nil
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].due < heap[least].due {
                least = child
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private mutating func sweep() {
        heap.removeAll { cancelled.contains($0.id) }
        cancelled = []
        heap.sort { $0.due < $1.due }
    }
}

extension EventLoop {
    /// Suspends until `deadline` (at most 1 ms late on an idle loop). Throws when the task is cancelled.
    public func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        let once = OneShot<Bool>()
        let elapsed = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                once.arm(continuation)
                onLoop {
                    let id = self.timers.add(deadline) { once.resume(true) }
                    once.onSettled { [weak self] in self?.onLoop { self?.timers.cancel(id) } }
                }
            }
        } onCancel: {
            self.execute { once.resume(false) }
        }
        if !elapsed { throw CancellationError() }
    }

    /// Suspends for `duration`. Throws when the task is cancelled.
    public func sleep(for duration: Duration) async throws(CancellationError) {
        try await sleep(until: .now + duration)
    }

    /// Now when already on the loop, else soon.
    func onLoop(_ body: @escaping @Sendable () -> Void) {
        if isCurrent { body() } else { execute(body) }
    }

    func fireTimers(_ now: ContinuousClock.Instant) {
        while let timer = timers.pop(dueAt: now) { timer.fire() }
        if let scan = nextDeadlineScan, scan <= now { scanDeadlines(now) }
    }
}

/// A continuation that is resumed exactly once, by whoever comes first; a result that comes before it is kept.
final class OneShot<Value: Sendable>: Sendable {
    private struct State {
        var continuation: UnsafeContinuation<Value, Never>?
        var early: Value?
        var settled = false
        var cleanUp: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    func arm(_ continuation: UnsafeContinuation<Value, Never>) {
        let early = state.withLock { state -> Value? in
            if let early = state.early { return early }
            state.continuation = continuation
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    /// Runs on the loop when another way than the timer settled it.
    func onSettled(_ body: @escaping @Sendable () -> Void) {
        let late = state.withLock { state in
            if !state.settled { state.cleanUp = body }
            return state.settled
        }
        if late { body() }
    }

    func resume(_ value: Value) {
        let (continuation, cleanUp) = state.withLock { state -> (UnsafeContinuation<Value, Never>?, (@Sendable () -> Void)?) in
            guard !state.settled else { return (nil, nil) }
            state.settled = true
            guard let continuation = state.continuation else {
                state.early = value
                return (nil, state.cleanUp)
            }
            state.continuation = nil
            return (continuation, state.cleanUp)
        }
        cleanUp?()
        continuation?.resume(returning: value)
    }
}
