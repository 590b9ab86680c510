import Contracts
import EventLog

/// Virtual time and seeded chance for the loops of one process.
struct SimulatedPace: Pace {
    private let machine: SimulatedMachine
    private let chance: Chance

    private final class Chance: @unchecked Sendable {
        var random: SeededRandom
        init(_ random: SeededRandom) { self.random = random }
    }

    init(_ machine: SimulatedMachine, random: SeededRandom) {
        self.machine = machine
        chance = Chance(random)
    }

    func elapsed() -> Duration { .microseconds(machine.scheduler.now) }
    func pause(for duration: Duration) async throws(CancellationError) { try await machine.pause(duration.inMicroseconds) }
    func random(in range: ClosedRange<Int>) -> Int { chance.random.within(range) }
    func bell() -> any Bell { SimulatedBell(on: machine) }
}

extension SimulatedBell: Bell {
    func wait(atMost duration: Duration) async throws(CancellationError) { try await wait(atMost: duration.inMicroseconds) }
}

extension Duration {
    /// Rounded up, so that no wait is ever shorter than asked for.
    var inMicroseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000_000 + Int((attoseconds + 999_999_999_999) / 1_000_000_000_000)
    }
}

/// The wall clock of a simulated process.
struct SimulatedClock: Timekeeper {
    let machine: SimulatedMachine

    func now() -> Timestamp { Timestamp(milliseconds: 1_795_000_000_000 + Int64(machine.scheduler.now / 1000)) }

    func sleep(until deadline: Timestamp) async throws(CancellationError) {
        try await machine.pause(Int(max(0, deadline.milliseconds(since: now()))) * 1000)
    }
}
