import CLibpq
import EventLoop
import Synchronization
import Telemetry

/// One connection, pinned to its event loop, always in pipeline mode. Leased from a `PostgresPool`.
///
/// Statements queue in the order they were given; each call is a group with one sync, so it is a transaction of its
/// own unless one is open. A cancelled task gets its error at once, and neither the connection nor its neighbours notice: see `abandon`.
public actor PostgresConnection {
    nonisolated let loop: EventLoop
    nonisolated let log: Log
    nonisolated let meter: PostgresMeter
    nonisolated let configuration: PostgresConfiguration
    private nonisolated let open = Atomic<Bool>(true)
    private nonisolated let inTransaction = Atomic<Bool>(false)
    /// What must come before the connection may be lent again: answers nobody waits for, and the ROLLBACK behind them.
    nonisolated let unsettled = Atomic<Int>(0)

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.serialExecutor.asUnownedSerialExecutor() }

    /// Nil before it is made and after it is closed.
    var handle: ConnectionHandle?
    var socket: CInt = -1
    var cache: StatementCache
    var groups = Queue<StatementGroup>()
    var slots = Queue<Slot>()
    /// Whether the first slot has its answer and only the NULL behind it is missing.
    var answered = false
    var flushPending = false
    /// COPY or a script, outside pipeline mode.
    var alone: ExclusiveOperation?
    var lastProgress: ContinuousClock.Instant = .now
    /// Silence longer than this closes the connection; nil waits for ever.
    var patience: Duration?
    var parameters = ParameterBuffers()
    var onNotification: (@Sendable (PostgresNotification) -> Void)?
    /// Transactions left by cancelled tasks.
    var owesRollback = 0
    var watchesAbandoned = false
    var onSettled: [@Sendable () -> Void] = []

    init(_ configuration: PostgresConfiguration, on loop: EventLoop, log: Log, meter: PostgresMeter) {
        self.configuration = configuration
        self.loop = loop
        self.log = log
        self.meter = meter
        cache = StatementCache(capacity: configuration.statementCacheSize)
        patience = configuration.statementTimeout + .seconds(10)
    }

    /// False once it broke or was closed.
    public nonisolated var isOpen: Bool { open.load(ordering: .acquiring) }

    /// Whether the last group left a transaction open.
    nonisolated var isInTransaction: Bool { inTransaction.load(ordering: .acquiring) }

    /// Closes it, and asks the server to stop what is under way: that fails with a `connection` error.
    public nonisolated func close() {
        // At once, because the pool may ask before the loop has come to it.
        open.store(false, ordering: .releasing)
        onLoop { $0.stop(because: .closed) }
    }

    /// Receives what other sessions NOTIFY on channels this one LISTENs to; called on the loop, so keep it short.
    public nonisolated func onNotification(_ handler: @escaping @Sendable (PostgresNotification) -> Void) {
        onLoop { $0.onNotification = handler }
    }

    /// Runs `body` isolated to the connection: at once on the loop's thread, else soon.
    nonisolated func onLoop(_ body: @escaping @Sendable (isolated PostgresConnection) -> Void) {
        if loop.isCurrent {
            assumeIsolated { body($0) }
        } else {
            loop.execute { self.assumeIsolated { body($0) } }
        }
    }

    /// Sends the statements with one sync and waits for the answers: all of them, or the last.
    ///
    /// Not isolated on purpose: the answer resumes the caller directly, without two hops through the actor.
    nonisolated func perform(_ statements: [Statement], keepAll: Bool = false) async throws(PostgresError) -> [PostgresResult] {
        if Task.isCancelled { throw .cancelled }
        let group = StatementGroup(statements, keepAll: keepAll)
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                group.arm(continuation)
                onLoop { $0.submit(group) }
            }
        } onCancel: {
            group.cancelled.store(true, ordering: .releasing)
            loop.execute { self.assumeIsolated { $0.abandon(group) } }
        }
        return try answer.get()
    }

    /// One statement, its answer.
    nonisolated func perform(_ statement: Statement) async throws(PostgresError) -> PostgresResult {
        guard let result = try await perform([statement]).last else {
            throw PostgresError(.protocolViolation, "no answer").adding(
                statement: statement.sql.text, location: statement.location)
        }
        return result
    }

    // MARK: the end

    /// Asks the server to stop what it does, then closes.
    func stop(because error: PostgresError) {
        if let pointer = handle?.pointer { cancelOnServer(pointer) }
        fail(error)
    }

    /// Ends the connection and everything that waits for it.
    func fail(_ error: PostgresError) {
        guard handle != nil else { return }
        loop.forget(socket)
        handle = nil
        open.store(false, ordering: .releasing)
        _ = slots.removeAll()
        let work = alone
        alone = nil
        if error.message != PostgresError.closed.message {
            log.warning("connection lost", ["error": .string(error.description)])
        }
        work?.finish(.failure(error))
        for group in groups.removeAll() {
            group.failed(error)
            meter.failed(group)
            ended(group)
        }
        if owesRollback > 0 { payRollback() }
    }

    /// PQcancel blocks on a connection of its own, so it gets a thread; the handle it needs outlives ours.
    private func cancelOnServer(_ pointer: OpaquePointer) {
        guard !groups.isEmpty || alone != nil, let request = PQgetCancel(pointer) else { return }
        let box = CancelRequest(pointer: request)
        OwnThread.start("pg-cancel") { box.send() }
    }

    func noteTransaction(_ pointer: OpaquePointer) {
        inTransaction.store(PQtransactionStatus(pointer) != PQTRANS_IDLE, ordering: .releasing)
    }

    /// Closes when nothing has come for longer than `patience` while answers are outstanding.
    func checkSilence(_ now: ContinuousClock.Instant) {
        guard let patience, !slots.isEmpty || alone != nil, now - lastProgress > patience else { return }
        stop(because: PostgresError(.timeout, "no answer for \(patience)"))
    }
}

/// What another session sent with NOTIFY.
public struct PostgresNotification: Sendable {
    public let channel: String
    public let payload: String
    /// The backend that sent it.
    public let processID: Int32
}

/// Owns the `PGconn`: whoever drops it closes it.
struct ConnectionHandle: ~Copyable {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { PQfinish(pointer) }
}

/// Unchecked: a `PGcancel` is a copy of address and key that one thread uses and frees.
private final class CancelRequest: @unchecked Sendable {
    private let pointer: OpaquePointer
    init(pointer: OpaquePointer) { self.pointer = pointer }
    deinit { PQfreeCancel(pointer) }

    func send() {
        var message = [CChar](repeating: 0, count: 256)
        _ = PQcancel(pointer, &message, CInt(message.count))
    }
}
