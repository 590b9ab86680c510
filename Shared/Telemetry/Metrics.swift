import Synchronization

/// The counters, gauges and histograms of one service, rendered as Prometheus text (0.0.4).
///
/// Names follow Prometheus: base units, `_total`, `_seconds`. Labels must come from closed sets (route templates, topics),
/// never from what people send.
public final class MetricsRegistry: Sendable {
    private struct Family {
        let help: String, kind: String
        var series: [(labels: String, metric: any Metric)] = []
    }
    private let families = Mutex<[(name: String, family: Family)]>([])
    /// Asked before each rendering, for values that are read rather than kept.
    private let collectors = Mutex<[@Sendable () -> Void]>([])

    public init() {}

    /// A number that only grows; the same name and labels give the same counter.
    public func counter(_ name: String, _ help: String, labels: [(String, String)] = []) -> Counter {
        find(name, help, "counter", labels) { Counter() }
    }

    /// A number that goes up and down.
    public func gauge(_ name: String, _ help: String, labels: [(String, String)] = []) -> Gauge {
        find(name, help, "gauge", labels) { Gauge() }
    }

    /// A number that only grows and is kept elsewhere, by the kernel as a rule: whoever reads it there sets it here.
    public func reading(_ name: String, _ help: String) -> Gauge {
        find(name, help, "counter", []) { Gauge() }
    }

    /// Counts observations by upper bounds (`buckets`, ascending; +Inf is added).
    public func histogram(
        _ name: String, _ help: String, buckets: [Double] = MetricsRegistry.seconds, labels: [(String, String)] = []
    ) -> Histogram {
        find(name, help, "histogram", labels) { Histogram(buckets) }
    }

    /// Runs before every rendering.
    public func collect(_ body: @escaping @Sendable () -> Void) {
        collectors.withLock { $0.append(body) }
    }

    /// From a millisecond to ten seconds.
    public static let seconds: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// The text for `GET /metrics`.
    public func render() -> [UInt8] {
        for collector in collectors.withLock({ $0 }) { collector() }
        var text = ""
        for (name, family) in families.withLock({ $0 }) {
            text += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind)\n"
            for (labels, metric) in family.series { metric.render(name, labels, into: &text) }
        }
        return Array(text.utf8)
    }

    private func find<M: Metric>(
        _ name: String, _ help: String, _ kind: String, _ labels: [(String, String)], _ make: () -> M
    ) -> M {
        let key = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        return families.withLock { families in
            let place: Int
            if let known = families.firstIndex(where: { $0.name == name }) {
                place = known
            } else {
                place = families.count
                families.append((name, Family(help: help, kind: kind)))
            }
            if let found = families[place].family.series.first(where: { $0.labels == key })?.metric as? M { return found }
            let made = make()
            families[place].family.series.append((key, made))
            return made
        }
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": out += "\\\\"
            case "\"": out += "\\\""
            case "\n": out += "\\n"
            default: out.unicodeScalars.append(character)
            }
        }
        return out
    }
}

protocol Metric: Sendable {
    func render(_ name: String, _ labels: String, into text: inout String)
}

private func series(_ name: String, _ labels: String) -> String { labels.isEmpty ? name : "\(name){\(labels)}" }

/// A number that only grows.
public final class Counter: Metric {
    private let count = Atomic<Int>(0)
    public func add(_ n: Int = 1) { count.wrappingAdd(n, ordering: .relaxed) }
    public var value: Int { count.load(ordering: .relaxed) }
    func render(_ name: String, _ labels: String, into text: inout String) { text += "\(series(name, labels)) \(value)\n" }
}

/// A number that goes up and down.
public final class Gauge: Metric {
    private let bits = Atomic<UInt64>(0)
    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
    func render(_ name: String, _ labels: String, into text: inout String) { text += "\(series(name, labels)) \(value)\n" }
}

/// Observations by upper bounds, with their sum and count.
public final class Histogram: Metric {
    private struct State {
        var counts: [Int], sum = 0.0, count = 0
    }
    private let bounds: [Double]
    private let state: Mutex<State>

    init(_ bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: [Int](repeating: 0, count: bounds.count)))
    }

    /// In the unit of the name, seconds as a rule.
    public func observe(_ value: Double) {
        state.withLock { state in
            if let place = bounds.firstIndex(where: { value <= $0 }) { state.counts[place] += 1 }
            state.sum += value
            state.count += 1
        }
    }

    public func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) * 1e-18)
    }

    func render(_ name: String, _ labels: String, into text: inout String) {
        let state = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var running = 0
        for (bound, count) in zip(bounds, state.counts) {
            running += count
            text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(running)\n"
        }
        text += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(state.count)\n"
        text += "\(series(name + "_sum", labels)) \(state.sum)\n\(series(name + "_count", labels)) \(state.count)\n"
    }
}
