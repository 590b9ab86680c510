import Synchronization

/// What happened on the street since the demo began.
final class Tally: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case reported = "上报", filed = "立案", selfSolved = "自办", whistled = "吹哨", dispatched = "派单", signed = "签收"
        case disputed = "异议", completed = "办理", closed = "办结", evaluated = "评价", reopened = "重开", troubles = "失败"
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
