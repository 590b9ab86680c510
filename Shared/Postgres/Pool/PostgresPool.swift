public import EventLoop
import Synchronization
public import Telemetry

/// A bounded set of connections to one database. `run()` opens them, keeps them open and serves them: start it first.
///
/// Those who find none free wait in line until `leaseTimeout`. A broken connection is dropped and replaced; while the
/// server is away one connection at a time is tried, ever more slowly.
public final class PostgresPool: Sendable {
    public let configuration: PostgresConfiguration
    public let loop: EventLoop
    let log: Log
    let meter: PostgresMeter
    let state: Mutex<PoolState>
    /// Yields when another connection may be wanted.
    private let demand: AsyncStream<Void>
    private let wanted: AsyncStream<Void>.Continuation
    private static let lastWaiter = Atomic<UInt64>(0)

    /// Opens nothing yet. Metrics are named `postgres_…`; one pool per registry.
    public init(_ configuration: PostgresConfiguration, on loop: EventLoop, log: Log, metrics: MetricsRegistry? = nil) {
        self.configuration = configuration
        self.loop = loop
        self.log = log
        meter = PostgresMeter(metrics, log: log)
        state = Mutex(PoolState(size: configuration.poolSize, minimum: configuration.minimumConnections))
        (demand, wanted) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        wanted.yield()
        if let metrics { publish(to: metrics) }
    }

    /// Runs one statement, by itself one transaction, in one round trip; answers its rows.
    public func query<Value: PostgresRowDecodable>(
        _ sql: SQL, as type: Value.Type = Value.self, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> [Value] {
        let statement = Statement(sql, file, line)
        return try await perform(statement).decode(statement)
    }

    /// The same, each row read by `map`.
    public func query<Value: Sendable>(
        _ sql: SQL, file: StaticString = #fileID, line: UInt = #line, _ map: (borrowing PostgresRow) throws -> Value
    ) async throws -> [Value] {
        let statement = Statement(sql, file, line)
        return try await perform(statement).map(statement, map)
    }

    /// Runs one statement in one round trip; answers the number of rows it touched.
    @discardableResult
    public func execute(_ sql: SQL, file: StaticString = #fileID, line: UInt = #line) async throws -> Int {
        try await perform(Statement(sql, file, line)).affected
    }

    /// BEGIN … COMMIT around `body` on one connection.
    ///
    /// Rethrows the body's own error after a rollback. Throws `rolledBack` when the body passed over an SQL error.
    /// Conflicts (class 40) and plans outdated by a migration run the body again, as `retrying` says. A cancelled body is rolled back without being waited for.
    public func transaction<Value: Sendable>(
        _ mode: TransactionMode = .readWrite, retrying policy: RetryPolicy = .serializationFailures,
        _ body: (inout PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        var attempt = 1
        while true {
            do {
                return try await lending { connection in
                    try await connection.transaction(mode, body)
                }
            } catch let error as PostgresError where error.wantsAnotherRun && attempt < policy.attempts {
                log.debug("transaction runs again", ["attempt": .int(attempt), "error": .string(error.description)])
                try await loop.sleep(for: .backOff(initial: policy.pause, limit: .seconds(1), failures: attempt))
                attempt += 1
            }
        }
    }

    /// Lends a connection for several steps: advisory locks, settings, LISTEN. Afterwards all of that is undone.
    public func withConnection<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await lending { connection in
            let value: Value
            do { value = try await body(connection) } catch {
                await connection.tidy()
                throw error
            }
            await connection.tidy()
            return value
        }
    }

    /// Refuses new work, waits up to `grace` for what is lent, then closes everything; `run()` returns.
    public func close(within grace: Duration = .seconds(5)) async {
        shut()
        let force = Task(executorPreference: loop) { [self] in
            try await loop.sleep(for: grace)
            closeAll()
        }
        await withCheckedContinuation { continuation in
            if !state.withLock({ $0.awaitDrained(continuation) }) { continuation.resume() }
        }
        force.cancel()
        wanted.finish()
    }

    // MARK: running

    /// Opens and serves connections until cancelled or closed; then every connection is closed. Once per pool.
    public func run() async {
        guard state.withLock({ $0.start() }) else { return }
        await withDiscardingTaskGroup { group in
            group.addTask(executorPreference: loop) { await self.watchSilence() }
            for await _ in demand {
                while state.withLock({ $0.claim() }) {
                    group.addTask(executorPreference: loop) { await self.keepConnection() }
                }
            }
            group.cancelAll()
        }
        shut()
    }

    /// One connection's life, from the first try to its end.
    private func keepConnection() async {
        guard let connection = await open() else { return }
        guard state.withLock({ $0.adopt(connection) }) else {
            connection.close()
            return
        }
        release(connection)
        // Several may wait, and only one tried while connects failed.
        wanted.yield()
        await connection.serve()
        for continuation in state.withLock({ $0.lost(connection) }) { continuation.resume() }
        wanted.yield()
    }

    private func open() async -> PostgresConnection? {
        while true {
            let connection = PostgresConnection(configuration, on: loop, log: log, meter: meter)
            do {
                try await connection.connect()
                return connection
            } catch {
                let failures = state.withLock { $0.connectFailed(error) }
                if Task.isCancelled { break }
                meter.connectFailed()
                log.warning("no connection to postgres", ["error": .string(error.description), "failures": .int(failures)])
                let pause = Duration.backOff(
                    initial: configuration.initialBackOff, limit: configuration.maximumBackOff, failures: failures)
                do { try await loop.sleep(for: pause) } catch { break }
            }
        }
        state.withLock { $0.unclaim() }
        return nil
    }

    private func watchSilence() async {
        while (try? await loop.sleep(for: .seconds(5))) != nil {
            let now = ContinuousClock.now
            for connection in state.withLock({ Array($0.live.values) }) { connection.onLoop { $0.checkSilence(now) } }
        }
    }

    private func shut() {
        let (waiters, idle) = state.withLock { $0.close() }
        for waiter in waiters { waiter.answer.resume(returning: .failure(Self.poolClosed)) }
        for connection in idle { connection.close() }
    }

    private func closeAll() {
        for connection in state.withLock({ Array($0.live.values) }) { connection.close() }
    }

    // MARK: lending

    private func perform(_ statement: Statement) async throws -> PostgresResult {
        try await repeating { try await $0.perform(statement) }
    }

    func perform(snapshot statements: [Statement]) async throws -> [PostgresResult] {
        try await repeating { try await $0.perform(snapshot: statements) }
    }

    private func repeating<Value>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
        var attempt = 1
        while true {
            do {
                return try await lending(body)
            } catch let error as PostgresError where (error.isStalePlan || error.notSent) && attempt <= configuration.poolSize {
                // Nothing has happened: the connection was gone, or the table changed under the prepared statement.
                attempt += 1
            }
        }
    }

    private func lending<Value>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
        let connection = try await lease()
        defer { release(connection) }
        return try await body(connection)
    }

    private func lease() async throws(PostgresError) -> PostgresConnection {
        if let connection = state.withLock({ $0.takeIdle() }) { return connection }
        let id = Self.lastWaiter.wrappingAdd(1, ordering: .relaxed).newValue
        let deadline = ContinuousClock.now + configuration.leaseTimeout
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue(PoolState.Waiter(id: id, deadline: deadline, answer: continuation))
            }
        } onCancel: {
            withdraw(id)
        }
        return try answer.get()
    }

    private func queue(_ waiter: PoolState.Waiter) {
        switch state.withLock({ $0.admit(waiter) }) {
        case .lent(let connection): waiter.answer.resume(returning: .success(connection))
        case .closed: waiter.answer.resume(returning: .failure(Self.poolClosed))
        case .waiting(let startTimer):
            wanted.yield()
            // Cancelled before it stood in line: the handler did not find it.
            if Task.isCancelled { withdraw(waiter.id) }
            if startTimer { Task(executorPreference: loop) { await self.expireWaiters() } }
        }
    }

    private func withdraw(_ id: UInt64) {
        state.withLock { $0.withdraw(id) }?.answer.resume(returning: .failure(.cancelled))
    }

    private func release(_ connection: PostgresConnection) {
        // A cancelled task's answer is still to come: the next one would wait behind it.
        if connection.isSettling { return connection.whenSettled { [self] in release(connection) } }
        switch state.withLock({ $0.giveBack(connection) }) {
        case .lend(let waiter): waiter.answer.resume(returning: .success(connection))
        case .keep: break
        case .close: connection.close()
        }
    }

    private func expireWaiters() async {
        while let deadline = state.withLock({ $0.nextDeadline() }) {
            do { try await loop.sleep(until: deadline) } catch { return }
            let (late, reason) = state.withLock { ($0.takeLate(.now), $0.reason) }
            let error = PostgresError(.timeout, "\(reason) (no free connection within \(configuration.leaseTimeout))")
            for waiter in late { waiter.answer.resume(returning: .failure(error)) }
        }
    }

    private func publish(to metrics: MetricsRegistry) {
        let inUse = metrics.gauge("postgres_connections_in_use", "Connections lent out.")
        let open = metrics.gauge("postgres_connections_open", "Connections open.")
        let waiting = metrics.gauge("postgres_leases_waiting", "Tasks that wait for a connection.")
        metrics.collect { [weak self] in
            guard let self else { return }
            let now = state.withLock { ($0.inUse, $0.live.count, $0.waiters.count) }
            inUse.set(Double(now.0))
            open.set(Double(now.1))
            waiting.set(Double(now.2))
        }
    }

    private static let poolClosed = PostgresError(.connection, "the pool is closed")
}
