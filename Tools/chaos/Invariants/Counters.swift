import EventLoop
import HTTP
import Synchronization

/// What the services count, over all their lives: a process that starts again begins at nothing, a fault's evidence must not.
final class Counters: Sendable {
    private let street: Street
    private let state = Mutex(State())

    private struct State {
        /// Last value by process and series.
        var last: [String: [String: Double]] = [:]
        var total: [String: Double] = [:]
        var largest: (mib: Int, descriptors: Int, name: String) = (0, 0, "")
    }

    init(_ street: Street) { self.street = street }

    /// Looks again and again, until cancelled.
    func watch() async {
        while (try? await EventLoop.shared.sleep(for: .milliseconds(400))) != nil { await look() }
    }

    func look() async {
        for process in street.all where process.child.isRunning {
            guard let answer = try? await street.get(process, "/metrics", timeout: .milliseconds(800)), answer.status == 200 else {
                continue
            }
            take("\(process.name)/\(process.child.pid)", String(decoding: answer.body, as: UTF8.self))
            if let weight = process.child.weight {
                state.withLock { state in
                    if weight.mib > state.largest.mib {
                        state.largest = (weight.mib, max(weight.descriptors, state.largest.descriptors), process.name)
                    }
                    state.largest.descriptors = max(state.largest.descriptors, weight.descriptors)
                }
            }
        }
    }

    private func take(_ process: String, _ text: String) {
        var now: [String: Double] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("shao_") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, parts[0].contains("_total"), let value = Double(parts[1]) else { continue }
            now[String(parts[0])] = value
        }
        state.withLock { state in
            let before = state.last[process] ?? [:]
            for (series, value) in now {
                let grown = max(0, value - (before[series] ?? 0))
                guard grown > 0 else { continue }
                let name = String(series.prefix { $0 != "{" })
                state.total[name, default: 0] += grown
                if name != series { state.total[series, default: 0] += grown }
            }
            state.last[process] = now
        }
    }

    /// Totals so far, by name (over all labels and services) and by series.
    var totals: [String: Double] { state.withLock { $0.total } }
    /// The heaviest process seen.
    var largest: (mib: Int, descriptors: Int, name: String) { state.withLock { $0.largest } }
}
