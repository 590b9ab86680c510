import Contracts
import EventLog
import EventLoop
import Postgres
import Telemetry

/// The due scan: fires what has run out and warns of what will, oldest first and to the end, whoever holds the case.
///
/// Several replicas may scan at once: each takes what no other has locked. What is due is found by instants alone; a case whose rows
/// cannot be read, or cannot be written, is left as it is and stops no other.
struct FireClocks: Sendable {
    let pool: PostgresPool
    let city: CurrentCity
    let write: WriteCases
    let clock: any Timekeeper
    let wake: Signal
    let log: Log
    let metrics: MetricsRegistry
    let damaged: DamagedCases

    /// Another replica's new clocks are seen no later than this.
    static let horizon: Int64 = 15_000
    /// What could not be fired now is tried again after this.
    private static let pause: Int64 = 1_000
    /// What was refused, or cannot be read, is looked at again after this, so that it neither stops the others nor is tried for ever.
    static let postponement: Int64 = 600_000
    private static let batch: Int32 = 200

    func run() async throws {
        let fired = metrics.counter("shao_clocks_fired_total", "Warnings and ends of clocks that were announced.")
        let lastSuccess = metrics.gauge("shao_due_scan_last_success_seconds", "When the due scan last came to its end, since 1970.")
        while !Task.isCancelled {
            var next = clock.now().adding(milliseconds: Self.horizon)
            do {
                fired.add(try await scan())
                lastSuccess.set(Double(clock.now().milliseconds) / 1000)
                try await countOverdue()
                if let first = try await pool.query(ClockQueries.next, as: Timestamp.self).first { next = min(next, first) }
            } catch is CancellationError {
                return
            } catch {
                log.warning("the due scan failed, trying again", ["error": "\(error)"])
            }
            try await rest(until: max(next, clock.now().adding(milliseconds: Self.pause)))
        }
    }

    /// Until the next clock fires, or a case with a new clock was written here.
    private func rest(until next: Timestamp) async throws {
        let (clock, wake) = (clock, wake)
        let alarm = Task {
            try await clock.sleep(until: next)
            wake.raise()
        }
        defer { alarm.cancel() }
        try await wake.wait()
    }

    /// One pass over everything that is due. Answers how many changes were announced.
    @discardableResult
    func scan() async throws -> Int {
        let now = clock.now()
        var place = ClockQueries.beginning
        var count = 0
        while true {
            let due = try await pool.query(ClockQueries.due(until: now, after: place, limit: Self.batch), as: DuePosition.self)
            guard let last = due.last else { return count }
            count += try await fire(due.map(\.ticket), at: now)
            place = last
        }
    }

    /// All in one transaction; where a row is refused, each case in one of its own, so that the one at fault stops no other.
    private func fire(_ ids: [CaseID], at now: Timestamp) async throws -> Int {
        do {
            return try await fireTogether(ids, at: now)
        } catch let error as PostgresError where error.isOneRowsFault {
            guard let first = ids.first, ids.count == 1 else {
                var count = 0
                for id in ids { count += try await fire([id], at: now) }
                return count
            }
            damaged.report(CaseDamaged(ticket: first, cause: error))
            try await pool.execute(ClockQueries.postpone(ids, until: now.adding(milliseconds: Self.postponement), past: now))
            return 0
        }
    }

    private func fireTogether(_ ids: [CaseID], at now: Timestamp) async throws -> Int {
        try await pool.transaction { transaction in
            // A case that is being written is left to the next scan: whoever writes it brings its clocks up to date.
            let found = try await transaction.lockCases(.tickets(ids), .skipping)
            let outcomes = damaged.sound(found).compactMap { fire($0, at: now) }
            write.write(outcomes, in: &transaction)
            // What fired has left the past by now; what is still there would be found again at once.
            transaction.enqueue(
                ClockQueries.postpone(found.map(\.ticket), until: now.adding(milliseconds: Self.postponement), past: now))
            return outcomes.reduce(0) { $0 + $1.decisions.count }
        }
    }

    /// Everything that is due in one case, one decision after the other.
    func fire(_ file: CaseFile, at now: Timestamp) -> CaseOutcome? {
        var outcome: CaseOutcome?
        var refused: Set<Firing> = []
        var serviceCase = file.serviceCase
        while refused.count < Self.patience, let firing = due(serviceCase, at: now, except: refused) {
            do {
                let decision = try serviceCase.decide(firing.action, by: .clock, at: now, in: city.now.context(of: serviceCase))
                if outcome == nil {
                    outcome = CaseOutcome(before: file.serviceCase, report: file.report, decision: decision)
                } else {
                    outcome?.add(decision)
                }
                serviceCase = decision.after
            } catch {
                refused.insert(firing)
                log.error(
                    "a clock could not fire",
                    ["ticket": "\(serviceCase.id)", "clock": .string(firing.clock.rawValue), "code": .string(error.code)])
            }
        }
        return outcome
    }
    private static let patience = 32

    /// The oldest end, else the first warning.
    private func due(_ serviceCase: ServiceCase, at now: Timestamp, except refused: Set<Firing>) -> Firing? {
        let running = serviceCase.clocks.filter { !$0.isHeld && !$0.isOverdue }.sorted { $0.dueAt < $1.dueAt }
        for clock in running where clock.dueAt <= now {
            let end = Firing(clock: clock.kind, department: clock.department)
            if !refused.contains(end) { return end }
        }
        guard !serviceCase.state.isFinal else { return nil }
        let calendar = city.now.calendar(of: serviceCase)
        for clock in running {
            guard let percent = calendar.warning(for: clock, at: now) else { continue }
            let warning = Firing(clock: clock.kind, department: clock.department, percent: percent)
            if !refused.contains(warning) { return warning }
        }
        return nil
    }

    /// A warning of a clock, or its end.
    private struct Firing: Hashable {
        let clock: ClockKind, department: DepartmentCode?
        var percent: Int?

        var action: any CaseAction {
            percent.map { Warn(clock, department, percent: $0) } ?? Expire(clock, department)
        }
    }

    private func countOverdue() async throws {
        let rows = try await pool.query(ClockQueries.overdue) { row in (try row["kind"] as String, try row["count"] as Int64) }
        let counts = Dictionary(rows, uniquingKeysWith: { first, _ in first })
        for kind in ClockKind.allCases {
            metrics.gauge("shao_clocks_overdue", "Clocks that have run out and still run.", labels: [("clock", kind.rawValue)])
                .set(Double(counts[kind.rawValue] ?? 0))
        }
    }
}
