public import EventLoop
import Glibc
public import Telemetry

/// Makes photos small and harmless in worker processes, a few at a time.
///
/// A worker serves one photo after the other and is replaced after ``Limits/photosPerWorker``, when a photo takes too long and when it
/// dies. Workers start when first needed and stay. A caller that is cancelled gives up its place or ends its worker.
public actor PhotoWorkerPool {
    public struct Limits: Sendable {
        /// Processes at most.
        public var workers = 2
        /// Callers waiting for a worker at most; more are told `photo-busy`.
        public var waiting = 32
        /// Bytes of one photo at most.
        public var photoBytes = 25 << 20
        public var photosPerWorker = 200
        /// From the first byte sent to the last received.
        public var timeout = Duration.seconds(10)
        public init() {}
    }

    private let executable: String
    private let limits: Limits
    private let loop: EventLoop
    private let log: Log
    private var idle: [PhotoWorkerProcess] = []
    private var running = 0
    private var ended: [pid_t] = []
    private var queue: [Waiter] = []
    private var nextWaiter: UInt64 = 0
    private var closed = false

    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    /// - Parameter executable: path of the `photoworker` program.
    public init(executable: String, limits: Limits = Limits(), on loop: EventLoop, log: Log) {
        self.executable = executable
        self.limits = limits
        self.loop = loop
        self.log = log
    }

    /// A small JPEG of what was uploaded.
    /// - Parameter longestEdge: pixels, 16 to 8192; smaller photos are not enlarged.
    /// - Throws: ``PhotoError``, or `CancellationError`.
    public func shrink(_ photo: [UInt8], longestEdge: Int = 1600) async throws -> Photo {
        guard !photo.isEmpty else { throw PhotoError(.empty, "no bytes") }
        guard photo.count <= limits.photoBytes else { throw PhotoError(.tooLarge, "\(photo.count) bytes of at most \(limits.photoBytes)") }
        try await takePlace()
        defer { leavePlace() }
        // A worker may have died while idle; that is not this photo's fault, so a second, fresh one tries too.
        for attempt in 1...2 {
            let worker = try attempt == 1 ? idle.popLast() ?? start() : start()
            switch try await talk(to: worker, photo, longestEdge) {
            case .photo(let small): return small
            case .refused(let code, let text): throw PhotoError(.init(code), text)
            case .late: throw PhotoError(.tooSlow, "no answer within \(limits.timeout)")
            case .gone: log.warning("a photo worker died", ["pid": .int(Int64(worker.pid)), "served": .int(Int64(worker.served))])
            }
        }
        throw PhotoError(.crashesWorker, "two workers died over it")
    }

    /// Ends all workers; photos under way and waiting fail.
    public func close() {
        closed = true
        for waiter in queue { waiter.continuation.resume(returning: false) }
        queue = []
        for worker in idle { end(worker) }
        idle = []
        for pid in ended { waitpid(pid, nil, 0) }
        ended = []
    }

    /// Process ids of idle workers, for tests.
    var idleProcesses: [pid_t] { idle.map(\.pid) }

    private func talk(to worker: PhotoWorkerProcess, _ photo: [UInt8], _ longestEdge: Int) async throws -> PhotoWorkerProcess.Outcome {
        let outcome: PhotoWorkerProcess.Outcome
        do {
            outcome = try await worker.exchange(photo, longestEdge: longestEdge, until: .now + limits.timeout, on: loop)
        } catch {
            end(worker)
            throw error
        }
        switch outcome {
        case .photo, .refused:
            var worker = worker
            worker.served += 1
            if worker.served < limits.photosPerWorker, !closed { idle.append(worker) } else { end(worker) }
        case .gone, .late: end(worker)
        }
        return outcome
    }

    private func start() throws(PhotoError) -> PhotoWorkerProcess {
        reap()
        do {
            return try PhotoWorkerProcess.start(executable)
        } catch {
            log.error("no photo worker can be started", ["error": "\(error)"])
            throw PhotoError(.workerUnavailable, "\(error)")
        }
    }

    private func end(_ worker: PhotoWorkerProcess) {
        // Both on the loop, one after the other: closed first, the number may be a resident's connection a moment later, and
        // the loop would forget that one.
        let (loop, socket) = (loop, worker.socket)
        loop.execute {
            loop.forget(socket)
            Glibc.close(socket)
        }
        kill(worker.pid, SIGKILL)
        ended.append(worker.pid)
        reap()
    }

    /// A killed process takes a moment to end; it is asked for again next time instead of waited for.
    private func reap() {
        ended.removeAll { waitpid($0, nil, WNOHANG) != 0 }
    }

    // MARK: places

    private func takePlace() async throws {
        guard !closed else { throw PhotoError(.workerUnavailable, "the pool is closed") }
        if running < limits.workers {
            running += 1
            return
        }
        guard queue.count < limits.waiting else { throw PhotoError(.busy, "\(queue.count) photos are waiting") }
        nextWaiter += 1
        let id = nextWaiter
        let granted = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(returning: false)
                } else {
                    queue.append(Waiter(id: id, continuation: continuation))
                }
            }
        } onCancel: {
            Task { await self.giveUp(id) }
        }
        if granted { return }
        try Task.checkCancellation()
        throw PhotoError(.workerUnavailable, "the pool is closed")
    }

    /// The place goes to the longest waiting, who then need not count it again.
    private func leavePlace() {
        if queue.isEmpty { running -= 1 } else { queue.removeFirst().continuation.resume(returning: true) }
    }

    private func giveUp(_ id: UInt64) {
        guard let index = queue.firstIndex(where: { $0.id == id }) else { return }
        queue.remove(at: index).continuation.resume(returning: false)
    }
}
