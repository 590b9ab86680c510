public import Contracts
public import EventLog
import EventLoop
import Synchronization

/// A clock that moves only when told; sleepers wake when it reaches them.
public final class ManualTimekeeper: Timekeeper {
    private struct State {
        var now: Timestamp
        var sleepers: [(deadline: Timestamp, signal: Signal)] = []
    }
    private let state: Mutex<State>

    /// Starts on a working day's morning in China unless told otherwise.
    public init(_ start: String = "2026-11-23T09:00:00.000+08:00") {
        state = Mutex(State(now: Timestamp(start) ?? Timestamp(milliseconds: 1_795_000_000_000)))
    }

    public func now() -> Timestamp { state.withLock { $0.now } }

    public func sleep(until deadline: Timestamp) async throws(CancellationError) {
        let signal = Signal()
        let mustWait = state.withLock { state in
            guard state.now < deadline else { return false }
            state.sleepers.append((deadline, signal))
            return true
        }
        if mustWait { try await signal.wait() }
    }

    /// Moves the clock and wakes who is due.
    public func advance(_ duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.adding(duration)
            let due = state.sleepers.filter { $0.deadline <= state.now }
            state.sleepers.removeAll { $0.deadline <= state.now }
            return due
        }
        for sleeper in due { sleeper.signal.raise() }
    }
}
