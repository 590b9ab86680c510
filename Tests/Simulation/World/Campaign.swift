import Telemetry

/// Many worlds one after another on this thread, and what they add up to.
public final class Campaign {
    private let metrics = MetricsRegistry()
    private var bites: [String: Int] = [:]
    public private(set) var worlds = 0
    /// Virtual seconds lived through.
    public private(set) var virtualSeconds = 0
    private var steps = 0
    /// Virtual seconds from the end of all faults until all was well.
    public private(set) var longestRest = 0

    public init() {}

    /// One world; what is wrong with it, empty when nothing is.
    public func run(_ scenario: Scenario, traces: Bool = false) -> [Violation] {
        let world = World(scenario, metrics: metrics, traces: traces)
        let violations = world.run()
        worlds += 1
        steps += world.scheduler.steps
        longestRest = max(longestRest, world.tally.longestRest / 1_000_000)
        virtualSeconds += world.scheduler.now / 1_000_000
        for (name, count) in world.bites { bites[name, default: 0] += count }
        return violations
    }

    /// What the loops counted and what the models did to them, by name.
    public var counters: [(name: String, count: Int)] {
        var all = bites
        for line in String(decoding: metrics.render(), as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            if parts.count == 2, parts[0].contains("_total"), let count = Int(parts[1]) { all[String(parts[0])] = count }
        }
        all["worlds"] = worlds
        all["steps"] = steps
        all["virtual seconds"] = virtualSeconds
        return all.sorted { $0.key < $1.key }.map { (name: $0.key, count: $0.value) }
    }

    /// The smallest scenario that still fails: faults, then disturbances, then writers are left out while it does.
    public static func shrink(_ scenario: Scenario, attempts: Int = 400) -> Scenario {
        var smallest = scenario
        var left = attempts
        func fails(_ candidate: Scenario) -> Bool {
            left -= 1
            return left >= 0 && !Campaign().run(candidate).isEmpty
        }
        var shrank = true
        while shrank, left > 0 {
            shrank = false
            for candidate in smallest.smaller() where fails(candidate) {
                smallest = candidate
                shrank = true
                break
            }
        }
        return smallest
    }
}

extension Scenario {
    /// This scenario with one thing less, the greatest savings first.
    func smaller() -> [Scenario] {
        var all: [Scenario] = []
        func add(_ edit: (inout Scenario) -> Void) {
            var copy = self
            edit(&copy)
            if copy != self { all.append(copy) }
        }
        for part in [2, 4, 8] where disturbances.count >= part {
            let size = disturbances.count / part
            for start in stride(from: 0, to: disturbances.count, by: size) {
                add { $0.leaveOut(Array(start..<min(start + size, disturbances.count))) }
            }
        }
        for (fault, _) in Faults.names where faults.contains(fault) { add { $0.faults.remove(fault) } }
        add { $0.transactions /= 2 }
        add { $0.transactions = max(1, $0.transactions - 1) }
        add { $0.owners = 1 }
        add { $0.consumers = [1] }
        for place in disturbances.indices { add { $0.leaveOut([place]) } }
        return all
    }

    private mutating func leaveOut(_ places: [Int]) {
        for place in places.reversed() {
            leftOut.append(disturbances[place].number)
            disturbances.remove(at: place)
        }
        leftOut.sort()
    }

    /// The arguments that make this scenario from its seed.
    public var reproduction: String {
        let drawn = Scenario(seed: seed, with: forced)
        var line = "--one \(seed)"
        if !forced.isEmpty { line += " --with \(forced.list)" }
        if faults != drawn.faults { line += " --faults \(faults.list)" }
        if transactions != drawn.transactions { line += " --transactions \(transactions)" }
        if owners != drawn.owners { line += " --owners \(owners)" }
        if consumers != drawn.consumers { line += " --consumers \(consumers.map(String.init).joined(separator: ","))" }
        if !leftOut.isEmpty { line += " --without \(leftOut.map(String.init).joined(separator: ","))" }
        return line
    }

    /// Without the disturbances of these numbers.
    public mutating func leaveOut(numbers: [Int]) {
        leftOut = (leftOut + numbers).sorted()
        disturbances.removeAll { numbers.contains($0.number) }
    }
}
