import CPosix
import Glibc

/// Who waits for a descriptor: at most one for reading and writing together.
struct DescriptorWaiters {
    var registered = false
    var interest: Readiness = []
    var once: OneShot<Readiness?>?
}

extension EventLoop {
    /// Suspends until `fd` is ready for one of `interest` or has hung up; empty when `deadline` passes first.
    ///
    /// Level-triggered and one-shot, so nothing is missed that was not drained (libpq, eventfds). Any thread may call;
    /// one waiter per descriptor at a time: a second one takes the place of the first, which gets nothing (empty).
    public func wait(
        _ fd: CInt, for interest: Readiness, until deadline: ContinuousClock.Instant? = nil
    ) async throws(CancellationError) -> Readiness {
        let once = OneShot<Readiness?>()
        let woken = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                once.arm(continuation)
                onLoop { self.begin(fd, interest, deadline, once) }
            }
        } onCancel: {
            self.execute { once.resume(nil) }
        }
        guard let woken else { throw CancellationError() }
        return woken
    }

    /// Drops the registration of `fd`; its waiter wakes with `.hangup`. Call before closing the descriptor.
    public func forget(_ fd: CInt) {
        onLoop {
            guard let waiters = self.waiters.removeValue(forKey: fd) else { return }
            if waiters.registered { _ = cpx_epoll_ctl(self.epoll, 2, fd, 0, 0) }
            waiters.once?.resume(.hangup)
        }
    }

    private func begin(
        _ fd: CInt, _ interest: Readiness, _ deadline: ContinuousClock.Instant?, _ once: OneShot<Readiness?>
    ) {
        var entry = waiters[fd] ?? DescriptorWaiters()
        entry.once?.resume([])
        entry.once = once
        entry.interest = interest
        if !arm(fd, interest, registered: &entry.registered) {
            once.resume(.hangup)
            return
        }
        waiters[fd] = entry
        guard let deadline else { return }
        let id = timers.add(deadline) { [weak self] in
            self?.settle(fd, once, [])
        }
        once.onSettled { [weak self] in self?.onLoop { self?.timers.cancel(id) } }
    }

    private func settle(_ fd: CInt, _ once: OneShot<Readiness?>, _ value: Readiness) {
        if waiters[fd]?.once === once { waiters[fd]?.once = nil }
        once.resume(value)
    }

    private func arm(_ fd: CInt, _ interest: Readiness, registered: inout Bool) -> Bool {
        var events = CPX_ONESHOT | CPX_RDHUP
        if interest.contains(.readable) { events |= CPX_IN }
        if interest.contains(.writable) { events |= CPX_OUT }
        let token = UInt64(fd) + 1
        if registered, cpx_epoll_ctl(epoll, 3, fd, events, token) == 0 { return true }
        // A closed and reused number is new to the kernel though we knew it, and the other way round.
        registered =
            cpx_epoll_ctl(epoll, 1, fd, events, token) == 0
            || (cpx_errno() == EEXIST && cpx_epoll_ctl(epoll, 3, fd, events, token) == 0)
        return registered
    }

    func wakeWaiters(fd: CInt, events: UInt32) {
        guard let once = waiters[fd]?.once else { return }
        waiters[fd]?.once = nil
        once.resume(Readiness(events: events))
    }
}
