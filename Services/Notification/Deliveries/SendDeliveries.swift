import Contracts
import EventLog
import EventLoop
import Postgres
import Synchronization
import Telemetry

/// Sends what is due, as long as the service runs: woken by commits, by its own finished work and by due times.
///
/// Any number of replicas share the work: a claim is committed before the first byte leaves, and is one process's alone until its
/// lease ends. What a dead process left behind is sent again where receivers recognise repetitions, and called unknown elsewhere.
final class SendDeliveries: Sendable {
    /// Longest pause without a look: another replica may have died.
    private static let patience: Int64 = 30_000

    private struct State {
        var running = 0
        var stopping = false
    }
    private let state = Mutex(State())
    private let limit: Int
    private let pool: PostgresPool
    private let courier: Courier
    private let settle: SettleDelivery
    private let gates: OutletGates
    private let clock: any Timekeeper
    private let wake: Signal
    private let loop: EventLoop
    private let log: Log

    /// - Parameters:
    ///   - limit: messages under way at the same time.
    ///   - wake: raised after every commit that leaves something to send.
    init(
        limit: Int, pool: PostgresPool, courier: Courier, settle: SettleDelivery, gates: OutletGates, clock: any Timekeeper,
        wake: Signal, loop: EventLoop, log: Log
    ) {
        self.limit = limit
        self.pool = pool
        self.courier = courier
        self.settle = settle
        self.gates = gates
        self.clock = clock
        self.wake = wake
        self.loop = loop
        self.log = log
    }

    /// Returns after `stop()`, when what is under way has ended, or at cancellation.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            while !isStopping {
                var next = clock.now().adding(milliseconds: Self.patience)
                do {
                    let now = clock.now()
                    try await settle.abandoned(now: now)
                    for claim in try await claim(now) {
                        group.addTask { await self.deliver(claim) }
                    }
                    next = min(next, try await nextDue(after: now) ?? next, gates.nextTry(after: now) ?? next)
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    log.warning("looking for due deliveries failed", ["error": "\(error)"])
                    next = clock.now().adding(milliseconds: 1_000)
                }
                if !isStopping { try await rest(until: next) }
            }
        }
    }

    /// Claims nothing more; what is under way ends by itself.
    func stop() {
        state.withLock { $0.stopping = true }
        wake.raise()
    }

    private var isStopping: Bool { state.withLock { $0.stopping } }

    /// The claim's commit waits for the disk: after it, and only after it, a message may leave.
    private func claim(_ now: Timestamp) async throws -> [Claim] {
        let free = limit - state.withLock { $0.running }
        guard free > 0 else { return [] }
        let (look, lease) = (gates.look(now), now + Retrying.lease)
        let claims = try await pool.transaction { transaction in
            var claims: [Claim] = []
            for outlet in look.tries where claims.count < free {
                claims += try await transaction.query(DeliveryQueries.claimOne(by: outlet, now: now, lease: lease), as: Claim.self)
            }
            guard claims.count < free else { return claims }
            let others = DeliveryQueries.claim(free - claims.count, now: now, lease: lease, except: look.held)
            return claims + (try await transaction.query(others, as: Claim.self))
        }
        for claim in claims where look.held.contains(claim.outlet) { gates.begin(claim.id, by: claim.outlet) }
        if !claims.isEmpty { CrashPoint.pass(.notificationAfterClaim) }
        state.withLock { $0.running += claims.count }
        return claims
    }

    private func nextDue(after now: Timestamp) async throws -> Timestamp? {
        try await pool.query(DeliveryQueries.next(after: now)) { row throws(PostgresError) -> Timestamp? in try row.value(at: 0) }
            .first ?? nil
    }

    private func deliver(_ claim: Claim) async {
        let attempt = gates.judge(await courier.carry(claim), of: claim, now: clock.now())
        if attempt == .sent { CrashPoint.pass(.notificationAfterSend) }
        await settle.record(claim, attempt)
        CrashPoint.pass(.notificationAfterOutcome)
        state.withLock { $0.running -= 1 }
        wake.raise()
    }

    private func rest(until moment: Timestamp) async throws(CancellationError) {
        let (clock, wake) = (clock, wake)
        let alarm = Task(executorPreference: loop) {
            do {
                try await clock.sleep(until: moment)
                wake.raise()
            } catch {
                // Woken before.
            }
        }
        defer { alarm.cancel() }
        try await wake.wait()
    }
}
