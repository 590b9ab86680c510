import CPosix
import Glibc

extension EventLoop {
    /// Registers `fd` edge-triggered for its whole life. Loop thread only; `close()` of the watch closes the descriptor.
    public func watch(_ fd: CInt) throws(SystemError) -> Watch {
        let token = freshToken()
        guard cpx_epoll_ctl(epoll, 1, fd, CPX_IN | CPX_OUT | CPX_RDHUP | CPX_EDGE, token) == 0 else {
            throw SystemError(call: "epoll_ctl")
        }
        let watch = Watch(loop: self, fd: fd, token: token)
        watches[token] = watch
        return watch
    }

    /// Deadlines of watches are fields, looked through at most ten times a second: no heap entry per request.
    func scanDeadlines(_ now: ContinuousClock.Instant) {
        var earliest: ContinuousClock.Instant?
        var late: [Watch] = []
        for watch in watches.values {
            guard let deadline = watch.deadline else { continue }
            if deadline <= now { late.append(watch) } else { earliest = min(earliest ?? deadline, deadline) }
        }
        nextDeadlineScan = earliest.map { max($0, now + Self.deadlineGrain) }
        for watch in late { watch.timedOut() }
    }

    func scanDeadlines(by deadline: ContinuousClock.Instant) {
        if let scan = nextDeadlineScan, scan <= deadline { return }
        nextDeadlineScan = deadline
    }

    static var deadlineGrain: Duration { .milliseconds(100) }
}

/// An edge-triggered descriptor, registered once for reading, writing and hang-up. Not Sendable: the loop's thread only.
///
/// The flags say what the kernel last told; the user clears them when a call answers EAGAIN (or a short read).
public final class Watch {
    /// Set by the loop, cleared by the user on EAGAIN.
    public var readable = true
    /// Set by the loop, cleared by the user on EAGAIN.
    public var writable = true
    /// The other side has closed at least its sending half.
    public private(set) var hungUp = false
    /// Called on the loop when the hang-up arrives.
    public var onHangup: (() -> Void)?
    /// The descriptor; -1 after `close()`.
    public private(set) var fd: CInt

    /// How a wait ended.
    public enum Wake: Sendable {
        /// The flag asked for is set.
        case ready
        /// The deadline passed (at most 0.1 s ago).
        case timeout
        /// The watch was closed.
        case gone
    }

    private let loop: EventLoop
    private let token: UInt64
    private var interest: Readiness = []
    private var continuation: UnsafeContinuation<Wake, Never>?
    private(set) var deadline: ContinuousClock.Instant?

    init(loop: EventLoop, fd: CInt, token: UInt64) {
        self.loop = loop
        self.fd = fd
        self.token = token
    }

    /// Suspends until a flag of `interest` is set, the deadline passes or the watch is closed. One waiter at a time.
    public nonisolated(nonsending) func wait(for interest: Readiness, until deadline: ContinuousClock.Instant? = nil) async -> Wake {
        if fd < 0 { return .gone }
        if isReady(interest) { return .ready }
        return await withUnsafeContinuation { continuation in
            self.interest = interest
            self.continuation = continuation
            self.deadline = deadline
            if let deadline { loop.scanDeadlines(by: deadline) }
        }
    }

    /// Unregisters and closes the descriptor; a waiter wakes with `.gone`.
    public func close() {
        guard fd >= 0 else { return }
        _ = cpx_epoll_ctl(loop.epoll, 2, fd, 0, 0)
        _ = Glibc.close(fd)
        fd = -1
        loop.watches[token] = nil
        onHangup = nil
        resume(.gone)
    }

    func arrived(_ events: UInt32) {
        if events & CPX_IN != 0 { readable = true }
        if events & CPX_OUT != 0 { writable = true }
        if events & (CPX_RDHUP | CPX_HUP | CPX_ERR) != 0, !hungUp {
            hungUp = true
            readable = true
            if events & (CPX_HUP | CPX_ERR) != 0 { writable = true }
            onHangup?()
        }
        if continuation != nil, isReady(interest) { resume(.ready) }
    }

    func timedOut() { resume(.timeout) }

    private func isReady(_ interest: Readiness) -> Bool {
        (interest.contains(.readable) && readable) || (interest.contains(.writable) && writable)
            || (interest.contains(.hangup) && hungUp)
    }

    private func resume(_ wake: Wake) {
        deadline = nil
        guard let waiting = continuation else { return }
        continuation = nil
        waiting.resume(returning: wake)
    }
}
