import Synchronization
import Telemetry

/// What a publisher says of itself. None of it makes the service not ready: it takes reports all the same, and consumers of ours pull.
extension Publisher {
    /// How long without progress is no longer usual.
    static let patience = Duration.seconds(60)

    /// What an operator should know; nil when all that is due reaches Kafka.
    public var remark: String? {
        let (lastFailure, shared) = memory.withLock { ($0.lastFailure, $0.isLeading ? $0.shared : nil) }
        let stalled = stalledFor.map { time in
            "for \(time.components.seconds) s nothing that is due has reached Kafka: \(lastFailure ?? "no answer yet")"
        }
        let told = [stalled].compactMap { $0 } + (shared?.remarks ?? [])
        return told.isEmpty ? nil : told.joined(separator: "; ")
    }

    /// For how long records have been due and none was acknowledged; nil below a minute.
    var stalledFor: Duration? {
        guard let since = memory.withLock({ $0.dueSince }) else { return nil }
        let time = pace.elapsed() - since
        return time >= Self.patience ? time : nil
    }

    /// Looks every five seconds whether there is progress, for the log and the gauge. Until cancelled.
    public func report() async throws(CancellationError) {
        var told: Duration?
        while !Task.isCancelled {
            let stalled = stalledFor
            aside.stalled.set(Double(stalled?.components.seconds ?? 0))
            if let stalled, told == nil || stalled - (told ?? .zero) >= .seconds(600) {
                log.error("nothing that is due reaches Kafka", ["seconds": .int(stalled.components.seconds), "why": .string(remark ?? "")])
                told = stalled
            } else if stalled == nil, told != nil {
                log.notice("records reach Kafka again")
                told = nil
            }
            try await pace.pause(for: .seconds(5))
        }
    }

    /// Records are due, and why the last attempt failed.
    func noteLag(_ failure: (any Error)? = nil) {
        let now = pace.elapsed()
        memory.withLock { memory in
            memory.isCaughtUp = false
            memory.dueSince = memory.dueSince ?? now
            if let failure { memory.lastFailure = "\(failure)" }
        }
    }

    /// So many records were acknowledged.
    func noteProgress(_ count: Int) {
        guard count > 0 else { return }
        published.add(count)
        memory.withLock { $0.dueSince = nil }
    }

    /// Nothing is due.
    func noteRest() {
        memory.withLock { memory in
            memory.isCaughtUp = true
            memory.dueSince = nil
            memory.lastFailure = nil
        }
    }

    /// Another publisher of this database leads: what is due, held or to be sent again is that one's to tell.
    func noteFollowing() {
        for gauge in [lag, remaining, aside.held] { gauge.set(0) }
        memory.withLock { memory in
            memory.dueSince = nil
            memory.isLeading = false
        }
    }
}
