/// A coalescing wake-up in virtual time: rung any number of times before a wait, it ends that wait once.
final class SimulatedBell: @unchecked Sendable {
    private let machine: SimulatedMachine
    private var isRung = false
    private var waiter: Reply<Void>?

    init(on machine: SimulatedMachine) { self.machine = machine }

    func ring() {
        guard let waiter, !waiter.isSettled else {
            isRung = true
            return
        }
        self.waiter = nil
        waiter.settle(.success(()))
    }

    func wait(atMost limit: Int) async throws(CancellationError) {
        if isRung, !Task.isCancelled {
            isRung = false
            return
        }
        do {
            try await machine.ask { (reply: Reply<Void>) in
                waiter = reply
                machine.scheduler.after(limit) { reply.settle(.success(())) }
            }
        } catch {
            throw CancellationError()
        }
    }
}
