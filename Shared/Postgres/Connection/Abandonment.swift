import CLibpq
import EventLoop
import Synchronization

/// What becomes of a statement when the task that waits for it is cancelled: the task goes on at once, the answer is read and dropped when
/// it comes, and the connection lives on. Only where nobody else waits on the connection and the answer does not come within
/// `abandonedTimeout` is the server asked to stop, and the connection closed.
extension PostgresConnection {
    /// Whether the server still owes an answer that nobody waits for, or a ROLLBACK is to follow it.
    nonisolated var isSettling: Bool { unsettled.load(ordering: .acquiring) > 0 }

    /// The task that waits for the group was cancelled.
    func abandon(_ group: StatementGroup) {
        guard !group.isDone, handle != nil else { return }
        group.error = .cancelled
        group.results = []
        if group.isSent {
            group.abandonedAt = .now
            unsettled.add(1, ordering: .acquiringAndReleasing)
            watchAbandoned()
        }
        group.finish()
    }

    /// Leaves the transaction of a cancelled task, behind what is still under way; whoever leases the connection next waits for it.
    nonisolated func rollBackUnwaited() {
        unsettled.add(1, ordering: .acquiringAndReleasing)
        onLoop { connection in
            guard connection.handle != nil else { return connection.settled() }
            connection.owesRollback += 1
            connection.payRollback()
        }
    }

    /// Runs `body` once nothing is owed any more, or the connection is closed.
    nonisolated func whenSettled(_ body: @escaping @Sendable () -> Void) {
        onLoop { connection in
            if connection.isSettling { connection.onSettled.append(body) } else { body() }
        }
    }

    /// Wakes the group's task, if one still waits, and counts what was abandoned as come.
    func ended(_ group: StatementGroup) {
        group.finish()
        if group.abandonedAt != nil { settled() }
        if owesRollback > 0 { payRollback() }
    }

    private func settled() {
        guard unsettled.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        let waiting = onSettled
        onSettled = []
        for body in waiting { body() }
    }

    /// Only once everything has come is it known whether a transaction is open: what was cancelled may have been its COMMIT.
    func payRollback() {
        guard groups.isEmpty || handle == nil else { return }
        if let pointer = handle?.pointer, PQtransactionStatus(pointer) != PQTRANS_IDLE {
            let group = StatementGroup([Statement("ROLLBACK", #fileID, #line)], keepAll: false)
            group.abandonedAt = .now
            unsettled.add(1, ordering: .acquiringAndReleasing)
            watchAbandoned()
            submit(group)
        }
        let paid = owesRollback
        owesRollback = 0
        for _ in 0..<paid { settled() }
    }

    private func watchAbandoned() {
        guard !watchesAbandoned else { return }
        watchesAbandoned = true
        let patience = configuration.abandonedTimeout
        Task(executorPreference: loop) { [self] in
            try? await loop.sleep(for: patience)
            onLoop { $0.checkAbandoned(patience) }
        }
    }

    /// Whoever stands behind the abandoned statement would be failed by its end: then the statement's own deadline must do.
    private func checkAbandoned(_ patience: Duration) {
        watchesAbandoned = false
        guard handle != nil, isSettling else { return }
        if let since = groups.first?.abandonedAt, .now - since >= patience, groups.allSatisfy({ $0.abandonedAt != nil }) {
            return stop(because: PostgresError(.connection, "closed: a cancelled statement went on for more than \(patience)"))
        }
        watchAbandoned()
    }
}
