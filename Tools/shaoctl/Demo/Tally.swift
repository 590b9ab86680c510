import Synchronization

/// What happened on the street since the demo began.
final class Tally: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case reported = "上报"
        case filed = "立案"
        case selfSolved = "自办"
        case whistled = "吹哨"
        case dispatched = "派单"
        case signed = "签收"
        case disputed = "异议"
        case completed = "办理"
        case closed = "办结"
        case evaluated = "评价"
        case reopened = "重开"
        case troubles = "失败"
    }
    private struct State {
        var counts: [Kind: Int] = [:]
        var lastTrouble: String?
    }
    private let state = Mutex(State())

    func add(_ kind: Kind) { state.withLock { $0.counts[kind, default: 0] += 1 } }

    func trouble(_ reason: String) {
        state.withLock {
            $0.counts[.troubles, default: 0] += 1
            $0.lastTrouble = reason
        }
    }

    var text: String {
        state.withLock { state in
            let counts = Kind.allCases.compactMap { kind in
                kind == .troubles && state.counts[kind] == nil ? nil : "\(kind.rawValue) \(state.counts[kind] ?? 0)"
            }
            return counts.joined(separator: "  ") + (state.lastTrouble.map { "  (\($0.prefix(60)))" } ?? "")
        }
    }
}
