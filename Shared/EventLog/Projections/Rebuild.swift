import EventLoop
import Postgres
import Synchronization
import Telemetry

/// One rebuild, from empty tables to the verdict.
struct Rebuild: Sendable {
    let shadow: Shadow
    let loader: ShadowLoader
    let loop: EventLoop
    let log: Log
    let progress: RebuildJournal

    /// How often a lock that others hold is tried for.
    private static let attempts = 40
    private static let shortAttempts = 3
    /// While the live consumer waits at its cursors. What is missing then came within some milliseconds.
    private static let longestHold = Duration.seconds(3)
    /// So close that the rest is applied while the live consumer waits.
    private static let nearEnough: Int64 = 500

    func run() async throws {
        for _ in 0..<Self.beginnings {
            do {
                return try await once()
            } catch is Outdated {
                log.notice("something parked was replayed meanwhile, beginning again")
                progress.beginAgain()
            }
        }
        throw EventLogError(.refused, "parked subjects are being replayed: try again when that is done")
    }

    private static let beginnings = 3

    private func once() async throws {
        try await shadow.make()
        var state = Reached()
        try await catchUp(&state)
        progress.enter(.finishing)
        try await shadow.finish()
        progress.enter(.comparing)
        progress.compared(try await compare(&state))
        if progress.now.isCheck {
            try await shadow.drop()
        } else {
            progress.enter(.swapping)
            try await holding(&state) { held in try await shadow.exchange(&held) }
            progress.swapped()
        }
    }

    /// Where the shadow is, and what it may have passed without effect, as the live tables had.
    private struct Reached {
        var cursors: [StreamPartition: Cursor] = [:]
        let absent = Absent()
    }

    /// Folds until the live tables are near; they go on meanwhile.
    private func catchUp(_ state: inout Reached) async throws {
        for _ in 0..<20 {
            let aim = try await shadow.pool.transaction(.readOnlySnapshot) { try await shadow.aim(&$0) }
            progress.aim(at: aim.total)
            if aim.missing(from: state.cursors) <= Self.nearEnough { break }
            progress.enter(.applying)
            try await load(&state, to: aim)
        }
    }

    private func load(_ state: inout Reached, to aim: Aim) async throws {
        // Replayed since: the live tables have its effects now, the shadow has not, and later ones may stand on it.
        guard state.absent.agrees(with: aim.absent) else { throw Outdated() }
        state.cursors = try await loader.load(from: state.cursors, to: aim)
    }

    /// Both sides at the same place, in one snapshot: taken while the live consumer is held, read after it has gone on.
    private func compare(_ state: inout Reached) async throws -> [TableComparison] {
        let (tables, after) = try await shadow.pool.transaction(.readOnlySnapshot, retrying: .never) { snapshot in
            var after = state
            try await holding(&after) { _ in _ = try await snapshot.query("SELECT 1", as: Int32.self) }
            return (try await shadow.compare(&snapshot), after)
        }
        state = after
        return tables
    }

    /// Runs `body` while the live consumer waits at its cursors and the shadow stands exactly there.
    private func holding(_ state: inout Reached, _ body: (inout PostgresTransaction) async throws -> Void) async throws {
        var attempt = 1
        while true {
            try await catchUp(&state)
            do {
                let began = ContinuousClock.now
                let start = state
                let isLong = attempt > Self.shortAttempts
                state = try await shadow.pool.transaction(.readWrite, retrying: .never) { held in
                    held.enqueue(ShadowQueries.patience(isLong: isLong))
                    held.enqueue(ShadowQueries.hold(shadow.live))
                    let aim = try await shadow.aim(&held)
                    let reached = try await within(Self.longestHold) {
                        var state = start
                        try await load(&state, to: aim)
                        return state
                    }
                    try await body(&held)
                    return reached
                }
                progress.held(ContinuousClock.now - began)
                return
            } catch  where Self.isPassing(error) && attempt < Self.attempts {
                log.notice("the live tables are busy, trying again", ["error": "\(error)", "attempt": .int(attempt)])
                // Whatever of the difference was applied stays applied: the cursors in the shadow tell.
                state.cursors = try await shadow.reached()
                try await loop.sleep(for: .milliseconds(Int.random(in: 20...100) * min(attempt, 10)))
                attempt += 1
            }
        }
    }

    private static func isPassing(_ error: any Error) -> Bool {
        !(error is CancellationError) && (error is TookTooLong || FailureClass(of: error) == .passing)
    }

    private func within<R: Sendable>(_ limit: Duration, _ work: @escaping @Sendable () async throws -> R) async throws -> R {
        try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await loop.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else { throw TookTooLong() }
            return value
        }
    }
}

private struct Outdated: Error {}

/// Kept apart from the steps that add to it: a step that fails may have passed something all the same.
private final class Absent: Sendable {
    private let passed = Mutex<Set<Aim.Place>>([])

    /// Adds what will be passed; false when something passed before is no longer absent.
    func agrees(with now: Set<Aim.Place>) -> Bool {
        passed.withLock { passed in
            guard passed.isSubset(of: now) else { return false }
            passed = now
            return true
        }
    }
}

private struct TookTooLong: Error, CustomStringConvertible {
    var description: String { "the last difference took too long to read" }
}
