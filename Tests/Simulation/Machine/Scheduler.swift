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

    /// What timers do, by slot; the heap itself moves plain numbers only.
    private var bodies: [(() -> Void)?] = []
    private var freeSlots: [Int] = []

    private struct Timer {
        let due: Int, serial: Int, slot: Int
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
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            bodies[slot] = body
        } else {
            slot = bodies.count
            bodies.append(body)
        }
        let timer = Timer(due: now + max(0, delay), serial: serial, slot: slot)
        timers.append(timer)
        timers.withUnsafeMutableBufferPointer { heap in
            var child = heap.count - 1
            while child > 0, timer.isBefore(heap[(child - 1) / 2]) {
                heap[child] = heap[(child - 1) / 2]
                child = (child - 1) / 2
            }
            heap[child] = timer
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
            guard let next = timers.first else { return .idle }
            if next.due > now {
                if isOver() { return .condition }
                idleSteps = 0
            }
            // The question may have led to earlier ones.
            guard ready.isEmpty, let first = timers.first else { continue }
            if first.due > deadline {
                now = deadline
                return .time
            }
            now = max(now, first.due)
            removeFirst()
            let body = bodies[first.slot]
            bodies[first.slot] = nil
            freeSlots.append(first.slot)
            body?()
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
        let last = timers.removeLast()
        timers.withUnsafeMutableBufferPointer { heap in
            if heap.isEmpty { return }
            var place = 0
            while true {
                var child = 2 * place + 1
                if child >= heap.count { break }
                if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
                if !heap[child].isBefore(last) { break }
                heap[place] = heap[child]
                place = child
            }
            heap[place] = last
        }
    }
}
