import EventLoop
import Postgres
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
    /// While the live consumer waits at its cursors. What is missing then came within some milliseconds.
    private static let longestHold = Duration.seconds(3)
    /// So close that the rest is applied while the live consumer waits.
    private static let nearEnough: Int64 = 500

    func run() async throws {
        try await shadow.make()
        var cursors = try await catchUp(from: [:])
        progress.enter(.finishing)
        try await shadow.finish()
        progress.enter(.comparing)
        let tables = try await compare(&cursors)
        progress.compared(tables)
        if progress.now.isCheck {
            try await shadow.drop()
        } else {
            progress.enter(.swapping)
            try await holding(&cursors) { held in try await shadow.exchange(&held) }
            progress.swapped()
        }
    }

    /// Folds until the live tables are near; they go on meanwhile.
    private func catchUp(from start: [StreamPartition: Cursor]) async throws -> [StreamPartition: Cursor] {
        var cursors = start
        for _ in 0..<20 {
            let target = try await shadow.pool.transaction { try await shadow.cursors(of: shadow.live, &$0) }
            progress.aim(at: target.values.reduce(0) { $0 + $1.seq })
            let missing = target.reduce(Int64(0)) { $0 + $1.value.seq - (cursors[$1.key]?.seq ?? 0) }
            if missing <= Self.nearEnough { break }
            progress.enter(.applying)
            cursors = try await loader.load(from: cursors, to: target)
        }
        return cursors
    }

    /// Both sides at the same place, in one snapshot: taken while the live consumer is held, read after it has gone on.
    private func compare(_ cursors: inout [StreamPartition: Cursor]) async throws -> [TableComparison] {
        let (tables, after) = try await shadow.pool.transaction(.readOnlySnapshot, retrying: .never) { snapshot in
            var after = cursors
            try await holding(&after) { _ in _ = try await snapshot.query("SELECT 1", as: Int32.self) }
            return (try await shadow.compare(&snapshot), after)
        }
        cursors = after
        return tables
    }

    /// Runs `body` while the live consumer waits at its cursors and the shadow stands exactly there.
    private func holding(
        _ cursors: inout [StreamPartition: Cursor], _ body: (inout PostgresTransaction) async throws -> Void
    ) async throws {
        var attempt = 1
        while true {
            cursors = try await catchUp(from: cursors)
            do {
                let began = ContinuousClock.now
                let start = cursors
                cursors = try await shadow.pool.transaction(.readWrite, retrying: .never) { held in
                    held.enqueue(ShadowQueries.patience)
                    held.enqueue(ShadowQueries.holdCursors(shadow.live))
                    let target = try await shadow.cursors(of: shadow.live, &held)
                    let reached = try await within(Self.longestHold) { try await loader.load(from: start, to: target) }
                    try await body(&held)
                    return reached
                }
                progress.held(ContinuousClock.now - began)
                return
            } catch where Self.isPassing(error) && attempt < Self.attempts {
                log.notice("the live tables are busy, trying again", ["error": "\(error)", "attempt": .int(attempt)])
                // Whatever of the difference was applied stays applied: the cursors in the shadow tell.
                cursors = try await shadow.pool.transaction { try await shadow.cursors(of: shadow.projection.schema, &$0) }
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

private struct TookTooLong: Error, CustomStringConvertible {
    var description: String { "the last difference took too long to read" }
}
