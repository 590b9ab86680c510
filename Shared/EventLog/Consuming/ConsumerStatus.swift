import Synchronization

/// What a consumer's loop and those beside it know in common: halted partitions, what owners said last, what readiness says.
final class ConsumerStatus: Sendable {
    struct Halt: Sendable, Equatable {
        let reason: String
        /// Tried again from then on; nil: not before an operator has looked and started the service again.
        let until: Duration?
    }

    /// One look at an owner's heads.
    struct Look: Sendable {
        let heads: [StreamHead]
        let at: Duration
    }

    private struct State {
        var halts: [StreamPartition: Halt] = [:]
        var trouble: String?
        var feedTrouble: String?
        var looks: [String: Look] = [:]
        var silent: Set<String> = []
        var isPulling = false
        var looksOften = true
        var round: (at: Duration, waitingSince: Duration?)?
    }
    private let state = Mutex(State())

    // MARK: halts

    func halt(_ partition: StreamPartition, _ halt: Halt) { state.withLock { $0.halts[partition] = halt } }

    func isHalted(_ partition: StreamPartition) -> Bool { state.withLock { $0.halts[partition] != nil } }

    /// Those halted at `now`; halts whose time is over end.
    func halted(at now: Duration) -> Set<StreamPartition> {
        state.withLock { state in
            if state.halts.isEmpty { return [] }
            state.halts = state.halts.filter { $0.value.until.map { now < $0 } ?? true }
            return Set(state.halts.keys)
        }
    }

    // MARK: what readiness says

    func setLastError(_ trouble: String?) { state.withLock { $0.trouble = trouble } }
    func settleFeed(_ trouble: String?) { state.withLock { $0.feedTrouble = trouble } }

    var trouble: String? { state.withLock { $0.trouble } }

    /// Which partitions are halted and why; nil: none.
    var haltedPartitions: (count: Int, words: String)? {
        state.withLock { state in
            let first = state.halts.min { ($0.key.topic, $0.key.part) < ($1.key.topic, $1.key.part) }
            return first.map { halt in
                let more = state.halts.count > 1 ? ", and \(state.halts.count - 1) more" : ""
                return (state.halts.count, "\(halt.key.topic)/\(halt.key.part): \(halt.value.reason)\(more)")
            }
        }
    }

    var feedTrouble: String? { state.withLock { $0.feedTrouble } }

    // MARK: progress

    /// The loop begins another round.
    func cameRound(at now: Duration, waitingSince: Duration?) { state.withLock { $0.round = (now, waitingSince) } }

    /// For how long there has been no progress though there should be; nil before the first round.
    func stalled(at now: Duration) -> Duration? {
        state.withLock { $0.round }.map { now - min($0.at, $0.waitingSince ?? $0.at) }
    }

    // MARK: looks

    func note(_ owner: String, _ look: Look) {
        state.withLock { state in
            state.looks[owner] = look
            state.silent.remove(owner)
        }
    }

    func noteSilence(of owner: String) { state.withLock { _ = $0.silent.insert(owner) } }
    func isSilent(_ owner: String) -> Bool { state.withLock { $0.silent.contains(owner) } }

    /// Looks that nobody has taken yet.
    func takeLooks() -> [Look] {
        state.withLock { state in
            if state.looks.isEmpty { return [] }
            defer { state.looks = [:] }
            return Array(state.looks.values)
        }
    }

    /// Whether owners are asked for their heads several times a second.
    var looksOften: Bool {
        get { state.withLock { $0.looksOften } }
        set { state.withLock { $0.looksOften = newValue } }
    }

    var isPulling: Bool {
        get { state.withLock { $0.isPulling } }
        set { state.withLock { $0.isPulling = newValue } }
    }
}
