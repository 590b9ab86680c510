/// One thread, one clock, one seed: runs every job of a simulated world in an order that the seed chooses, and moves time only
/// when nothing is left to run.
final class Scheduler: @unchecked Sendable {
    /// Microseconds since the world began.
    private(set) var now = 0
    private(set) var steps = 0
    private var ready: [(job: UnownedJob, machine: SimulatedMachine)] = []
    private var timers: [Timer] = []
    private var serial = 0
    private var random: SeededRandom
    /// Jobs in the order in which they came, as one event loop does; else in any order, as several processes do.
    private let orderly: Bool

    private struct Timer {
        let due: Int, serial: Int
        let fire: () -> Void
        func isBefore(_ other: Timer) -> Bool { due != other.due ? due < other.due : serial < other.serial }
    }

    init(seed: UInt64) {
        random = SeededRandom(seed: seed, purpose: 1)
        orderly = random.chance(250)
    }

    func submit(_ job: UnownedJob, of machine: SimulatedMachine) { ready.append((job, machine)) }

    /// Runs `body` after so many microseconds.
    func after(_ delay: Int, _ body: @escaping () -> Void) {
        serial += 1
        timers.append(Timer(due: now + max(0, delay), serial: serial, fire: body))
        var child = timers.count - 1
        while child > 0, timers[child].isBefore(timers[(child - 1) / 2]) {
            timers.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Why a run ended.
    enum End: Sendable { case time, idle, steps, condition }

    /// Runs until `deadline`, until nothing is left, until `isOver` says so (asked whenever time moves on), or, which is a fault of what
    /// runs, until `most` steps have been taken without time moving on.
    func run(until deadline: Int, most: Int = 200_000, isOver: () -> Bool = { false }) -> End {
        var idleSteps = 0
        while true {
            while !ready.isEmpty {
                runOne()
                idleSteps += 1
                if idleSteps > most { return .steps }
            }
            guard let first = timers.first else { return .idle }
            if first.due > now {
                if isOver() { return .condition }
                idleSteps = 0
            }
            if first.due > deadline {
                now = deadline
                return .time
            }
            now = max(now, first.due)
            removeFirst()
            first.fire()
        }
    }

    private func runOne() {
        let place = orderly ? 0 : random.below(ready.count)
        let (job, machine) = ready[place]
        if orderly {
            ready.removeFirst()
        } else {
            ready[place] = ready[ready.count - 1]
            ready.removeLast()
        }
        steps += 1
        machine.perform(job)
    }

    private func removeFirst() {
        timers.swapAt(0, timers.count - 1)
        timers.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < timers.count && timers[child].isBefore(timers[least]) {
                least = child
            }
            if least == parent { return }
            timers.swapAt(parent, least)
            parent = least
        }
    }
}
