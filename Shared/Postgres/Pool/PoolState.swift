/// The pool's book-keeping, without a clock and without a continuation resumed: those happen outside its lock.
struct PoolState {
    typealias Answer = CheckedContinuation<Result<PostgresConnection, PostgresError>, Never>

    struct Waiter {
        let id: UInt64
        let deadline: ContinuousClock.Instant
        let answer: Answer
    }

    enum Phase { case ready, running, closed }

    let size: Int
    let minimum: Int
    private(set) var phase = Phase.ready
    /// The last one returned is lent first: its caches are warm.
    private(set) var idle: [PostgresConnection] = []
    private(set) var live: [ObjectIdentifier: PostgresConnection] = [:]
    private(set) var opening = 0
    private(set) var waiters = Queue<Waiter>()
    /// Connects that failed in a row.
    private(set) var failures = 0
    private(set) var lastFailure: PostgresError?
    private var timerRuns = false
    private var drained: [CheckedContinuation<Void, Never>] = []

    init(size: Int, minimum: Int) {
        self.size = size
        self.minimum = minimum
    }

    var inUse: Int { live.count - idle.count }

    /// Why somebody had to wait too long.
    var reason: String {
        if let lastFailure { return lastFailure.message }
        if phase == .ready { return "the pool does not run" }
        return live.isEmpty ? "none is open yet" : "\(inUse) of \(size) are in use"
    }

    mutating func start() -> Bool {
        guard phase == .ready else { return false }
        phase = .running
        return true
    }

    mutating func takeIdle() -> PostgresConnection? {
        while let connection = idle.popLast() {
            if connection.isOpen { return connection }
        }
        return nil
    }

    enum Admission {
        case lent(PostgresConnection)
        case closed
        case waiting(startTimer: Bool)
    }

    mutating func admit(_ waiter: Waiter) -> Admission {
        if phase == .closed { return .closed }
        if let connection = takeIdle() { return .lent(connection) }
        waiters.append(waiter)
        defer { timerRuns = true }
        return .waiting(startTimer: !timerRuns)
    }

    mutating func withdraw(_ id: UInt64) -> Waiter? { waiters.remove { $0.id == id } }

    /// The deadline to sleep until; nil ends the timer. All wait equally long, so the first in line is the first due.
    mutating func nextDeadline() -> ContinuousClock.Instant? {
        if waiters.isEmpty { timerRuns = false }
        return waiters.first?.deadline
    }

    mutating func takeLate(_ now: ContinuousClock.Instant) -> [Waiter] {
        var late: [Waiter] = []
        while let first = waiters.first, first.deadline <= now {
            late.append(first)
            waiters.popFirst()
        }
        return late
    }

    /// Whether another connection shall be opened. While connects fail, one at a time tries.
    mutating func claim() -> Bool {
        guard phase == .running, live.count + opening < size, failures == 0 || opening == 0 else { return false }
        guard live.count + opening < minimum || waiters.count > opening else { return false }
        opening += 1
        return true
    }

    mutating func unclaim() { opening -= 1 }

    mutating func connectFailed(_ error: PostgresError) -> Int {
        failures += 1
        lastFailure = error
        return failures
    }

    /// A new connection; false when the pool was closed meanwhile.
    mutating func adopt(_ connection: PostgresConnection) -> Bool {
        opening -= 1
        guard phase == .running else { return false }
        failures = 0
        lastFailure = nil
        live[ObjectIdentifier(connection)] = connection
        return true
    }

    enum Return {
        case lend(Waiter)
        case keep, close
    }

    mutating func giveBack(_ connection: PostgresConnection) -> Return {
        guard phase == .running, connection.isOpen, !connection.isInTransaction else { return .close }
        if let waiter = waiters.popFirst() { return .lend(waiter) }
        idle.append(connection)
        return .keep
    }

    /// A connection that is closed. Answers those who wait for the pool to be empty.
    mutating func lost(_ connection: PostgresConnection) -> [CheckedContinuation<Void, Never>] {
        live[ObjectIdentifier(connection)] = nil
        idle.removeAll { $0 === connection }
        return takeDrained()
    }

    mutating func close() -> (waiters: [Waiter], idle: [PostgresConnection]) {
        phase = .closed
        defer { idle = [] }
        return (waiters.removeAll(), idle)
    }

    /// Keeps the continuation until no connection is left; false when there is none.
    mutating func awaitDrained(_ continuation: CheckedContinuation<Void, Never>) -> Bool {
        if live.isEmpty { return false }
        drained.append(continuation)
        return true
    }

    private mutating func takeDrained() -> [CheckedContinuation<Void, Never>] {
        guard live.isEmpty else { return [] }
        defer { drained = [] }
        return drained
    }
}
