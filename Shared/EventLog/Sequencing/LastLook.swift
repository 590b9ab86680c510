import Synchronization

/// When something that is done again and again was last done; at first, when it might have been.
final class LastLook: Sendable {
    private let last: Mutex<Duration>

    init(_ now: Duration) { last = Mutex(now) }

    func note(_ now: Duration) { last.withLock { $0 = now } }
    func age(at now: Duration) -> Duration { last.withLock { now - $0 } }
}
