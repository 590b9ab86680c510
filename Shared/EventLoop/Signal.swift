import Synchronization

/// A coalescing wake-up: raised any number of times before a wait, it wakes that wait once. For one waiter.
public final class Signal: Sendable {
    private struct State {
        var raised = false
        var waiter: OneShot<Bool?>?
    }
    private let state = Mutex(State())
    private let loop: EventLoop

    public init(on loop: EventLoop = .shared) { self.loop = loop }

    /// Wakes the waiter, or the next one. From any thread, never blocks.
    public func raise() {
        let waiter = state.withLock { state -> OneShot<Bool?>? in
            guard let waiter = state.waiter else {
                state.raised = true
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume(true)
    }

    /// Suspends until raised (true) or `deadline` (false). Throws when the task is cancelled.
    @discardableResult
    public func wait(until deadline: ContinuousClock.Instant? = nil) async throws(CancellationError) -> Bool {
        let once = OneShot<Bool?>()
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                once.arm(continuation)
                let already = state.withLock { state -> Bool in
                    if state.raised {
                        state.raised = false
                        return true
                    }
                    state.waiter = once
                    return false
                }
                if already { return once.resume(true) }
                guard let deadline else { return }
                loop.onLoop { self.timeOut(once, deadline) }
            }
        } onCancel: {
            once.resume(nil)
        }
        if result != true { forget(once) }
        guard let result else { throw CancellationError() }
        return result
    }

    private func timeOut(_ once: OneShot<Bool?>, _ deadline: ContinuousClock.Instant) {
        let loop = loop
        let id = loop.timers.add(deadline) { once.resume(false) }
        once.onSettled { loop.onLoop { loop.timers.cancel(id) } }
    }

    /// A raise between time-out and here was given to a waiter that had gone: keep it.
    private func forget(_ once: OneShot<Bool?>) {
        state.withLock { state in
            if state.waiter === once { state.waiter = nil } else { state.raised = true }
        }
    }
}
