import Glibc
import Simulation

/// One world, told in full when asked for.
func runOne(_ options: Options) -> CInt {
    let scenario = options.scenario
    say("seed \(scenario.seed): \(scenario.faults.list)")
    let violations = Campaign().run(scenario, traces: options.traces)
    for violation in violations { say("VIOLATION \(violation)") }
    if violations.isEmpty {
        say("came right")
        return 0
    }
    if options.shrinks { tellShrunk(scenario) }
    return 1
}

func tellShrunk(_ scenario: Scenario) {
    let small = Campaign.shrink(scenario)
    say("shrunk to \(small.faults.named.count) faults, \(small.disturbances.count) disturbances, \(small.transactions) transactions")
    for violation in Campaign().run(small) { say("VIOLATION \(violation)") }
    say("reproduce: ./dev simulate \(small.reproduction) --trace")
}

/// A worker's block of seeds; told to the parent line by line. A worker that dies takes down one block, which the parent then names.
func runWorker(_ options: Options) -> CInt {
    let campaign = Campaign()
    for seed in options.from..<options.from + options.seeds {
        if (seed - options.from) % 32 == 0 { say("at \(seed)") }
        guard let first = campaign.run(Scenario(seed: seed, with: options.forced)).first else { continue }
        say("failed \(seed) \(first)")
        return 1
    }
    for (name, count) in campaign.counters { say("count \(count) \(name)") }
    say("longest \(campaign.longestRest)")
    say("done \(options.seeds)")
    return 0
}

/// Blocks of seeds over worker processes, until all have come right or one has failed.
func runCampaign(_ options: Options) -> CInt {
    var totals = Totals(options)
    let failure = Processes.run(options) { totals.hear($0) }
    totals.tell()
    if let failure {
        say("\nFAILED: \(failure.text)")
        if let seed = failure.seed { tellShrunk(Scenario(seed: seed, with: options.forced)) }
        return 1
    }
    return totals.checkBites() ? 0 : 1
}

extension Options {
    /// Small enough that the last blocks end together.
    var blocks: [(from: UInt64, count: UInt64)] {
        let size = max(1, min(2000, seeds / UInt64(workers * 4)))
        return stride(from: from, to: from + seeds, by: Int(size)).map { (from: $0, count: min(size, from + seeds - $0)) }
    }
}

/// A line at once, also into a pipe.
func say(_ line: String) {
    print(line)
    fflush(nil)
}
