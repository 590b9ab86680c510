import Synchronization

/// Keeps the progress of one rebuild; written by it, read by who asks.
final class RebuildJournal: Sendable {
    private struct State {
        var progress: RebuildProgress
        var began = ContinuousClock.now
        var ended: ContinuousClock.Instant?
        /// While applying: since when, and how much since then.
        var applying: (since: ContinuousClock.Instant, events: Int64)?
    }
    private let state: Mutex<State>

    init(_ progress: RebuildProgress) { state = Mutex(State(progress: progress)) }

    var now: RebuildProgress {
        state.withLock { state in
            var progress = state.progress
            progress.milliseconds = (state.ended ?? .now).millisecondsSince(state.began)
            return progress
        }
    }

    func enter(_ phase: RebuildProgress.Phase) {
        state.withLock { state in
            guard state.progress.phase != phase else { return }
            state.progress.phase = phase
            state.applying = phase == .applying ? (.now, 0) : nil
            if phase.isEnd { state.ended = .now }
        }
    }

    func beginAgain() {
        enter(.preparing)
        state.withLock { $0.progress.applied = 0 }
    }

    func aim(at total: Int64) { state.withLock { $0.progress.total = total } }

    func applied(_ events: Int) {
        state.withLock { state in
            state.progress.applied += Int64(events)
            guard let (since, before) = state.applying else { return }
            let sum = before + Int64(events)
            state.applying = (since, sum)
            state.progress.rate = Double(sum) * 1000 / Double(max(1, ContinuousClock.now.millisecondsSince(since)))
        }
    }

    func compared(_ tables: [TableComparison]) { state.withLock { $0.progress.tables = tables } }

    func held(_ time: Duration) {
        let milliseconds = time / .milliseconds(1)
        state.withLock { $0.progress.heldMilliseconds = max($0.progress.heldMilliseconds, Int64(milliseconds.rounded(.up))) }
    }

    func swapped() { state.withLock { $0.progress.isSwapped = true } }

    func end(_ phase: RebuildProgress.Phase, _ trouble: String? = nil) {
        state.withLock { $0.progress.trouble = trouble }
        enter(phase)
    }
}

extension ContinuousClock.Instant {
    fileprivate func millisecondsSince(_ other: ContinuousClock.Instant) -> Int64 { Int64((self - other) / .milliseconds(1)) }
}
