import Simulation

/// What was asked for on the command line.
struct Options {
    enum Mode { case one, worker, campaign }

    static let help = """
        usage: simulate [--seeds N] [--from S] [--workers W] [--with a,b]
               simulate --one SEED [--with a,b] [--trace] [--shrink] [--faults a,b] [--transactions N] [--owners N] [--consumers N,M] [--without N,M]
        """

    var mode = Mode.campaign
    var seeds: UInt64 = 200_000, from: UInt64 = 1
    var workers = 2
    /// Every world has these faults, whatever its seed says.
    var forced: Faults = []
    var traces = false, shrinks = false
    var scenario = Scenario(seed: 1)

    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--trace" {
                traces = true
            } else if name == "--shrink" {
                shrinks = true
            } else {
                guard let value = rest.popFirst(), take(name, value) else { return nil }
            }
        }
    }

    private mutating func take(_ name: String, _ value: String) -> Bool {
        let numbers = value.split(separator: ",").compactMap { Int($0) }
        switch name {
        case "--faults":
            guard let faults = Faults(list: value) else { return false }
            scenario.faults = faults
            return true
        case "--with":
            guard let faults = Faults(list: value) else { return false }
            forced = faults
            scenario = Scenario(seed: scenario.seed, with: faults)
            return true
        case "--consumers": scenario.consumers = numbers
        case "--without": scenario.leaveOut(numbers: numbers)
        default:
            guard let number = UInt64(value) else { return false }
            return take(name, number: number)
        }
        return !numbers.isEmpty
    }

    private mutating func take(_ name: String, number: UInt64) -> Bool {
        switch name {
        case "--seeds": seeds = number
        case "--from": from = number
        case "--workers": workers = max(1, Int(number))
        case "--transactions": scenario.transactions = Int(number)
        case "--owners": scenario.owners = Int(number)
        case "--one":
            mode = .one
            scenario = Scenario(seed: number)
        case "--worker": mode = .worker
        default: return false
        }
        return true
    }
}
