import EventLoop
public import Postgres
import Synchronization
public import Telemetry

/// Rebuilds a service's projections, one at a time, beside the live ones and on a thread of its own.
public final class Rebuilder: Sendable {
    public let projections: [Projection]
    private let database: PostgresConfiguration
    private let live: PostgresPool
    private let hash: StreamHash
    private let owners: @Sendable () throws -> any StreamSource
    private let log: Log
    private let rebuilt: Counter, differed: Counter
    private let state = Mutex(State())

    private struct State {
        var journal: RebuildJournal?
        var work: Task<Void, Never>?
        var isRunning = false
        /// Made for the first rebuild and kept: a thread that waits costs nothing.
        var loop: EventLoop?
    }

    /// Events of one transaction: enough that a fold finds several of a subject, few enough to be some megabytes.
    static let batch = 5000
    static let lanes = 2

    /// - Parameters:
    ///   - database: of a role that may create schemas and owns the tables.
    ///   - live: the pool whose schema the live tables are in.
    ///   - owners: made anew for each rebuild.
    public init(
        projections: [Projection], database: PostgresConfiguration, live: PostgresPool, hash: StreamHash,
        owners: @escaping @Sendable () throws -> any StreamSource, log: Log, metrics: MetricsRegistry
    ) {
        self.projections = projections
        self.database = database
        self.live = live
        self.hash = hash
        self.owners = owners
        self.log = log
        rebuilt = metrics.counter("shao_rebuilds_total", "Projections that were rebuilt, or checked, to the end.")
        differed = metrics.counter("shao_rebuild_differences_total", "Rebuilds that found live tables different from the streams.")
    }

    /// Why a rebuild does not begin.
    public enum Refusal: Error, Sendable, Equatable {
        case unknown(names: [String])
        case running(RebuildProgress)
    }

    /// Begins; `progress` tells the rest.
    public func start(_ name: String, checkOnly: Bool) throws -> RebuildProgress {
        guard let projection = projections.first(where: { $0.name == name }) else {
            throw Refusal.unknown(names: projections.map(\.name))
        }
        let journal = RebuildJournal(RebuildProgress(projection: name, isCheck: checkOnly))
        let loop = try state.withLock { state throws in
            if state.isRunning, let running = state.journal { throw Refusal.running(running.now) }
            let loop = try state.loop ?? EventLoop(name: "rebuild")
            (state.loop, state.journal, state.isRunning) = (loop, journal, true)
            return loop
        }
        let work = Task(executorPreference: loop) {
            await self.perform(projection, journal, loop)
            self.state.withLock { $0.isRunning = false }
        }
        state.withLock { $0.work = work }
        return journal.now
    }

    /// Of the rebuild under way, or of the last one of this process.
    public var progress: RebuildProgress? { state.withLock { $0.journal }?.now }

    /// Ends a rebuild under way; nothing of it stays. Returns when it has.
    public func cancel() async {
        let work = state.withLock { $0.work }
        work?.cancel()
        await work?.value
    }

    /// Removes what a rebuild left that was killed, in this process' former life or another's.
    public func clear() async throws {
        guard !projections.isEmpty else { return }
        // The sessions of a process that was just killed end a moment after it. Held for longer, the lock is a replica's that is at
        // work: then nothing is left over.
        for _ in 0..<Self.patience {
            if try await clearOnce() { return }
            try await live.loop.sleep(for: .milliseconds(200))
        }
    }

    private static let patience = 25

    private func clearOnce() async throws -> Bool {
        // With the rights with which it was made.
        let pool = PostgresPool(database, on: live.loop, log: log)
        let running = Task(executorPreference: live.loop) { await pool.run() }
        defer { running.cancel() }
        return try await pool.withConnection { connection in
            guard try await connection.query(ShadowQueries.tryLock, as: Bool.self).first == true else { return false }
            for schema in try await connection.query(ShadowQueries.leftovers, as: String.self) {
                log.notice("removing what an interrupted rebuild left", ["schema": .string(schema)])
                try await connection.execute(ShadowQueries.drop(schema))
            }
            return true
        }
    }

    // MARK: the work

    private func perform(_ projection: Projection, _ journal: RebuildJournal, _ loop: EventLoop) async {
        log.notice("rebuilding a projection", ["projection": .string(projection.name), "check": .bool(journal.now.isCheck)])
        do {
            let schema = try await live.query(ShadowQueries.liveSchema, as: String.self).first ?? "public"
            let pool = PostgresPool(sessions(projection, schema), on: loop, log: log)
            let running = Task(executorPreference: loop) { await pool.run() }
            defer { running.cancel() }
            try await locked(pool, Shadow(projection: projection, pool: pool, live: schema), journal, loop)
            await pool.close()
            journal.end(.done)
            rebuilt.add()
            if journal.now.differs { differed.add() }
        } catch {
            journal.end(Task.isCancelled ? .cancelled : .failed, Task.isCancelled ? nil : "\(error)")
        }
        report(journal.now)
    }

    /// Across replicas too: an advisory lock of the database, held by one session until the end.
    private func locked(_ pool: PostgresPool, _ shadow: Shadow, _ journal: RebuildJournal, _ loop: EventLoop) async throws {
        try await pool.withConnection { connection in
            try await connection.liftDeadlines()
            guard try await connection.query(ShadowQueries.tryLock, as: Bool.self).first == true else {
                throw EventLogError(.refused, "another replica of this service is rebuilding")
            }
            let loader = ShadowLoader(
                shadow: shadow, owners: try owners(), hash: hash, loop: loop, lanes: Self.lanes, batch: Self.batch,
                applied: { journal.applied($0) })
            do {
                try await Rebuild(shadow: shadow, loader: loader, loop: loop, log: log, progress: journal).run()
            } catch {
                // Not cancelled with us: what is half made must go.
                await Task(executorPreference: loop) { await self.dropHalfMade(shadow, loop) }.value
                throw error
            }
        }
    }

    /// Another lane's transaction may be at work on the tables a moment longer, and win where the two wait for each other. What stays
    /// behind all the same is removed at the next start.
    private func dropHalfMade(_ shadow: Shadow, _ loop: EventLoop) async {
        for attempt in 1...5 {
            do { return try await shadow.drop() } catch {
                log.warning("what was half rebuilt could not be removed", ["attempt": .int(attempt), "error": "\(error)"])
                try? await loop.sleep(for: .milliseconds(200 * attempt))
            }
        }
    }

    private func sessions(_ projection: Projection, _ schema: String) -> PostgresConfiguration {
        var sessions = database
        sessions.poolSize = Self.lanes + 4
        sessions.applicationName += "-rebuild"
        sessions.statementTimeout = .seconds(1800)
        sessions.idleTransactionTimeout = .seconds(1800)
        sessions.settings += [
            ("search_path", "\(projection.schema),\(schema)"), ("jit", "off"), ("work_mem", "64MB"), ("maintenance_work_mem", "256MB"),
        ]
        return sessions
    }

    private func report(_ progress: RebuildProgress) {
        for table in progress.tables where !table.isEqual {
            log.warning(
                "a live table was not what its streams say",
                [
                    "table": .string(table.table), "liveRows": .int(Int(table.liveRows)), "rebuiltRows": .int(Int(table.rebuiltRows)),
                    "onlyLive": .int(Int(table.onlyLive)), "onlyRebuilt": .int(Int(table.onlyRebuilt)),
                ])
        }
        log.notice(
            "a rebuild ended",
            [
                "projection": .string(progress.projection), "phase": .string(progress.phase.rawValue),
                "events": .int(Int(progress.applied)), "milliseconds": .int(Int(progress.milliseconds)),
                "differs": .bool(progress.differs), "swapped": .bool(progress.isSwapped), "trouble": .string(progress.trouble ?? ""),
            ])
    }
}
