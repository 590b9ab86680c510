/// One operating-system process of the simulated world, as the executor of all its tasks: it can be stopped (a zombie that
/// wakes up later and knows nothing of it), killed, and asked to end.
final class SimulatedMachine: TaskExecutor, @unchecked Sendable {
    enum State: Sendable { case running, stopped, dead }

    let name: String
    let scheduler: Scheduler
    private(set) var state = State.running
    private var stash: [UnownedJob] = []
    private var tasks: [Task<Void, Never>] = []
    /// Told when the process has died: what servers notice of a closed connection.
    private var obituaries: [() -> Void] = []

    init(_ name: String, on scheduler: Scheduler) {
        self.name = name
        self.scheduler = scheduler
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if state == .stopped { stash.append(job) } else { scheduler.submit(job, of: self) }
    }

    func perform(_ job: UnownedJob) {
        // Stopped between being made ready and being run.
        if state == .stopped { return stash.append(job) }
        job.runSynchronously(on: asUnownedTaskExecutor())
    }

    /// Begins a task of this process; `ended` hears how it ended, unless the process was killed.
    func start(_ body: @escaping @Sendable () async throws -> Void, ended: @escaping @Sendable ((any Error)?) -> Void = { _ in }) {
        tasks.append(
            Task(executorPreference: self) { [weak self] in
                do {
                    try await body()
                    if self?.state != .dead { ended(nil) }
                } catch {
                    if self?.state != .dead { ended(error) }
                }
            })
    }

    /// SIGSTOP: nothing of it runs until ``resume()``; what it has sent goes on.
    func stop() { if state == .running { state = .stopped } }

    /// SIGCONT.
    func resume() {
        guard state == .stopped else { return }
        state = .running
        for job in stash { scheduler.submit(job, of: self) }
        stash = []
    }

    /// SIGKILL. Nothing it does from now on reaches anyone: its tasks only run to their ends so that their memory is freed.
    func kill() {
        guard state != .dead else { return }
        let wasStopped = state == .stopped
        state = .dead
        if wasStopped { for job in stash { scheduler.submit(job, of: self) } }
        stash = []
        end()
        for tell in obituaries { tell() }
        obituaries = []
    }

    /// SIGTERM: every task is cancelled and may clean up.
    func end() {
        for task in tasks { task.cancel() }
        tasks = []
    }

    func whenDead(_ body: @escaping () -> Void) {
        if state == .dead { body() } else { obituaries.append(body) }
    }
}

/// An answer on its way to a task: given once, by whoever comes first.
final class Reply<Value: Sendable>: @unchecked Sendable {
    private var continuation: UnsafeContinuation<Result<Value, any Error>, Never>?
    private var early: Result<Value, any Error>?
    private(set) var isSettled = false

    func settle(_ result: Result<Value, any Error>) {
        if isSettled { return }
        isSettled = true
        if let continuation {
            self.continuation = nil
            continuation.resume(returning: result)
        } else {
            early = result
        }
    }

    func arm(_ continuation: UnsafeContinuation<Result<Value, any Error>, Never>) {
        if let early { continuation.resume(returning: early) } else { self.continuation = continuation }
    }
}

extension SimulatedMachine {
    /// Asks something outside this process: `begin` hands the question over and the reply is settled later, by a timer of the
    /// scheduler. Cancellation (and death) ends the waiting, not what was asked.
    func ask<Value: Sendable>(_ begin: (Reply<Value>) -> Void) async throws -> Value {
        if state == .dead || Task.isCancelled { throw CancellationError() }
        let reply = Reply<Value>()
        begin(reply)
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { reply.arm($0) }
        } onCancel: {
            reply.settle(.failure(CancellationError()))
        }
        return try result.get()
    }

    /// Suspends for virtual microseconds.
    func pause(_ microseconds: Int) async throws(CancellationError) {
        do {
            try await ask { (reply: Reply<Void>) in scheduler.after(microseconds) { reply.settle(.success(())) } }
        } catch {
            throw CancellationError()
        }
    }
}
