import CPosix
import Glibc
import Synchronization

/// One thread, one epoll set, and a Swift executor: tasks that prefer it run only between two `epoll_wait`s.
///
/// HTTP, Postgres and Kafka of a service ride one loop, so a request becomes a commit becomes an answer without
/// changing threads. Whatever blocks or computes for long needs its own thread: it would stop everything here.
/// Why a task executor, with figures: docs/adr/0002.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    /// The loop of a process that needs only one. Never stops.
    public static let shared: EventLoop = {
        do {
            return try EventLoop(name: "loop")
        } catch {
            // Without an epoll set and a thread no service can do anything, not even log.
            let message = Array("no event loop: \(error)\n".utf8)
            _ = write(2, message, message.count)
            exit(71)
        }
    }()

    let epoll: CInt
    let wakeUp: CInt
    private let name: String
    private let inbox = Mutex(Inbox())
    /// The thread's `pthread_t`, 0 before it runs.
    private let thread = Atomic<UInt>(0)

    // Below: the loop's thread only.
    private var local: [LoopWork] = []
    var timers = Timers()
    var watches: [UInt64: Watch] = [:]
    var waiters: [CInt: DescriptorWaiters] = [:]
    private var nextToken: UInt64 = 1 << 32
    var nextDeadlineScan: ContinuousClock.Instant?

    struct Inbox {
        var work: [LoopWork] = []
        var asleep = false
        var stopped = false
    }

    /// Starts the thread. Throws when the system gives no epoll set, eventfd or thread.
    public init(name: String) throws(SystemError) {
        self.name = name
        epoll = cpx_epoll_create()
        guard epoll >= 0 else { throw SystemError(call: "epoll_create1") }
        wakeUp = cpx_eventfd()
        guard wakeUp >= 0 else {
            close(epoll)
            throw SystemError(call: "eventfd")
        }
        guard cpx_epoll_ctl(epoll, 1, wakeUp, CPX_IN | CPX_EDGE, 0) == 0 else { throw SystemError(call: "epoll_ctl") }
        serialExecutor.loop = self
        try OwnThread.engine(name) { [self] in
            thread.store(pthread_self(), ordering: .relaxed)
            run()
        }
    }

    /// For actors that must live on this thread: `nonisolated var unownedExecutor { loop.serialExecutor.asUnownedSerialExecutor() }`.
    public let serialExecutor = LoopSerialExecutor()

    /// Whether the caller is on the loop's thread.
    public var isCurrent: Bool {
        thread.load(ordering: .relaxed) == pthread_self()
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        submit(.job(UnownedJob(job)))
    }

    /// Runs `body` on the loop's thread soon; callable from any thread.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        submit(.call(body))
    }

    /// Ends the thread when its current work is done. Tasks that wait on this loop afterwards never resume: stop them first.
    public func stop() {
        inbox.withLock { $0.stopped = true }
        wake()
    }

    func submit(_ work: LoopWork) {
        if isCurrent {
            local.append(work)
            return
        }
        let mustWake = inbox.withLock { inbox in
            inbox.work.append(work)
            defer { inbox.asleep = false }
            return inbox.asleep
        }
        if mustWake { wake() }
    }

    func freshToken() -> UInt64 {
        nextToken &+= 1
        return nextToken
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeUp, &one, 8)
    }

    // MARK: the thread

    private func run() {
        var events = [cpx_event](repeating: cpx_event(), count: 256)
        while true {
            runWork()
            let now = ContinuousClock.now
            fireTimers(now)
            guard let timeout = timeoutBeforeWait(now) else { break }
            let count = cpx_epoll_wait(epoll, &events, 256, timeout)
            inbox.withLock { $0.asleep = false }
            if count > 0 { for event in events.prefix(Int(count)) { dispatch(event) } }
        }
        close(epoll)
        close(wakeUp)
    }

    /// Milliseconds to wait; nil when the loop shall end. Marks the loop asleep when it may block.
    private func timeoutBeforeWait(_ now: ContinuousClock.Instant) -> CInt? {
        let state = inbox.withLock { inbox -> (stopped: Bool, busy: Bool) in
            let busy = !inbox.work.isEmpty || !local.isEmpty
            inbox.asleep = !busy
            return (inbox.stopped, busy)
        }
        if state.stopped { return nil }
        if state.busy { return 0 }
        let next = [timers.next, nextDeadlineScan].compactMap { $0 }.min()
        guard let next else { return -1 }
        return Self.milliseconds(from: now, to: next)
    }

    /// Rounded up, so that a timer is never early; at most a minute.
    private static func milliseconds(from now: ContinuousClock.Instant, to then: ContinuousClock.Instant) -> CInt {
        let (seconds, attoseconds) = (then - now).components
        if seconds < 0 { return 0 }
        if seconds >= 60 { return 60_000 }
        return CInt(seconds) * 1000 + CInt((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    /// All work there is, and what it makes, but not for ever: the descriptors must have their turn.
    private func runWork() {
        for _ in 0..<64 {
            let arrived = inbox.withLock { inbox -> [LoopWork] in
                if inbox.work.isEmpty { return [] }
                defer { inbox.work = [] }
                return inbox.work
            }
            local.append(contentsOf: arrived)
            if local.isEmpty { return }
            let batch = local
            local = []
            for work in batch { perform(work) }
        }
    }

    private func perform(_ work: LoopWork) {
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
        case .isolated(let job):
            job.runSynchronously(isolatedTo: serialExecutor.asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        case .call(let body): body()
        }
    }

    private func dispatch(_ event: cpx_event) {
        if event.token == 0 {
            var count: UInt64 = 0
            _ = read(wakeUp, &count, 8)
        } else if event.token < 1 << 32 {
            wakeWaiters(fd: CInt(truncatingIfNeeded: event.token) - 1, events: event.events)
        } else {
            watches[event.token]?.arrived(event.events)
        }
    }
}

enum LoopWork {
    case job(UnownedJob)
    case isolated(UnownedJob)
    case call(@Sendable () -> Void)
}

/// Actors with this executor run on the loop's thread, whoever calls them.
public final class LoopSerialExecutor: SerialExecutor, @unchecked Sendable {
    /// Set once, before the loop is handed out.
    fileprivate(set) weak var loop: EventLoop?

    public func enqueue(_ job: consuming ExecutorJob) {
        loop?.submit(.isolated(UnownedJob(job)))
    }

    public func checkIsolated() {
        precondition(loop?.isCurrent == true, "not on the loop's thread")
    }
}

/// What a system call refused, with the call's name.
public struct SystemError: Error, Sendable, CustomStringConvertible {
    /// The system's error number.
    public let errno: CInt
    /// The call that failed.
    public let call: String

    public init(errno: CInt, call: String) {
        self.errno = errno
        self.call = call
    }

    public init(call: String) {
        self.init(errno: cpx_errno(), call: call)
    }

    public var description: String {
        "\(call): \(strerror(errno).map { String(cString: $0) } ?? "error") (\(errno))"
    }
}

/// What a descriptor is ready for, or waited for.
public struct Readiness: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let readable = Readiness(rawValue: 1)
    public static let writable = Readiness(rawValue: 2)
    /// The other side is gone, or the descriptor was forgotten.
    public static let hangup = Readiness(rawValue: 4)

    init(events: UInt32) {
        var found: Readiness = []
        if events & CPX_IN != 0 { found.insert(.readable) }
        if events & CPX_OUT != 0 { found.insert(.writable) }
        if events & (CPX_HUP | CPX_ERR | CPX_RDHUP) != 0 { found.formUnion([.hangup, .readable, .writable]) }
        self = found
    }
}
