public import EventLoop
import Glibc
public import HTTP
public import Telemetry

/// Makes photos small and harmless in confined worker processes, a few at a time.
///
/// A worker serves one photo after the other and is replaced after ``Limits/photosPerWorker``, when a photo takes too long and when it
/// dies. Workers start when first needed and stay. Clients take turns. A caller that is cancelled gives up its place or ends its worker.
public actor PhotoWorkerPool {
    public struct Limits: Sendable {
        /// Processes at most; with two or more, one client has all but one of them.
        public var workers = 2
        /// Callers waiting for a worker at most, of all clients and of one; more are told `photo-busy`.
        public var waiting = 32
        public var waitingPerClient = 8
        /// Bytes of one photo at most.
        public var photoBytes = 25 << 20
        public var photosPerWorker = 200
        /// From the first byte sent to the last received, and for a worker to start.
        public var timeout = Duration.seconds(10)
        public init() {}
    }

    /// Of the workers started last, for readiness and metrics.
    nonisolated let status: PhotoWorkerStatus
    private let executable: String
    private let limits: Limits
    private let confinement: PhotoConfinement
    private let loop: EventLoop
    private let log: Log
    private var idle: [PhotoWorkerProcess] = []
    private var ended: [pid_t] = []
    private var queue: PhotoQueue<ClientBlock, CheckedContinuation<Bool, Never>>
    private var nextWaiter: UInt64 = 0
    private var closed = false

    /// - Parameter executable: path of the `photoworker` program.
    public init(
        executable: String, confinement: PhotoConfinement = .required, limits: Limits = Limits(), on loop: EventLoop, log: Log,
        metrics: MetricsRegistry? = nil
    ) {
        self.executable = executable
        self.confinement = confinement
        self.limits = limits
        self.loop = loop
        self.log = log
        status = PhotoWorkerStatus(confinement, log: log, metrics: metrics)
        queue = PhotoQueue(places: limits.workers, waiting: limits.waiting, waitingPerClient: limits.waitingPerClient)
    }

    /// A small JPEG of what was uploaded.
    /// - Parameters:
    ///   - longestEdge: pixels, 16 to 8192; smaller photos are not enlarged.
    ///   - client: who takes turns with the others.
    ///   - pay: called with the megapixels that the header claims before any is decoded; what it throws is thrown.
    /// - Throws: ``PhotoError``, `CancellationError`, or what `pay` throws.
    public func shrink(
        _ photo: [UInt8], longestEdge: Int = 1600, for client: ClientBlock, paying pay: @Sendable (_ megapixels: Double) throws -> Void
    ) async throws -> Photo {
        guard !photo.isEmpty else { throw PhotoError(.empty, "no bytes") }
        guard photo.count <= limits.photoBytes else { throw PhotoError(.tooLarge, "\(photo.count) bytes of at most \(limits.photoBytes)") }
        try await takePlace(client)
        defer { leavePlace(client) }
        // A worker may have died while idle; that is not this photo's fault, so a second, fresh one tries too.
        var paid = false
        for attempt in 1...2 {
            var worker = if attempt == 1, let idle = idle.popLast() { idle } else { try await start() }
            let outcome: Result<Photo, any Error>
            do {
                outcome = try await talk(to: worker, photo, longestEdge, &paid, pay)
            } catch let failure as Failure {
                end(worker)
                if failure == .late { throw PhotoError(.tooSlow, "no answer within \(limits.timeout)") }
                log.warning("a photo worker died", ["pid": .int(Int64(worker.pid)), "served": .int(Int64(worker.served))])
                continue
            } catch {
                end(worker)
                throw error
            }
            worker.served += 1
            keepOrEnd(worker)
            return try outcome.get()
        }
        throw PhotoError(.crashesWorker, "two workers died over it")
    }

    /// Starts a worker before anybody needs one, so that what the kernel enforces is known and said.
    public func prepare() async {
        guard !closed, idle.isEmpty, let worker = try? await start() else { return }
        keepOrEnd(worker)
    }

    /// Ends all workers; photos under way and waiting fail.
    public func close() {
        closed = true
        for waiter in queue.giveUpAll() { waiter.resume(returning: false) }
        for worker in idle { end(worker) }
        idle = []
        for pid in ended { waitpid(pid, nil, 0) }
        ended = []
    }

    /// Process ids of idle workers, for tests.
    var idleProcesses: [pid_t] { idle.map(\.pid) }

    // MARK: one worker

    private enum Failure: Error { case late, gone }

    /// What the worker can go on after is in the result; what it cannot is thrown.
    private func talk(
        to worker: PhotoWorkerProcess, _ photo: [UInt8], _ longestEdge: Int, _ paid: inout Bool,
        _ pay: @Sendable (Double) throws -> Void
    ) async throws -> Result<Photo, any Error> {
        let deadline = ContinuousClock.now + limits.timeout
        let header = try frame(try await worker.offer(photo, longestEdge: longestEdge, until: deadline, on: loop))
        guard case .size(let width, let height) = header else { return try Self.end(header) }
        do {
            if !paid { try pay(Double(width) * Double(height) / 1_000_000) }
            paid = true
        } catch {
            if try await worker.leave(until: deadline, on: loop) != nil { throw Failure.gone }
            return .failure(error)
        }
        return try Self.end(try frame(try await worker.decode(until: deadline, on: loop)))
    }

    private func frame(_ outcome: PhotoWorkerProcess.Outcome) throws(Failure) -> PhotoFrame {
        switch outcome {
        case .frame(let frame): frame
        case .late: throw .late
        case .gone: throw .gone
        }
    }

    private static func end(_ frame: PhotoFrame) throws(Failure) -> Result<Photo, any Error> {
        switch frame {
        case .photo(let photo): .success(photo)
        case .refused(let code, let text): .failure(PhotoError(.init(code), text))
        case .hello, .size: throw .gone
        }
    }

    private func start() async throws -> PhotoWorkerProcess {
        reap()
        let worker: PhotoWorkerProcess
        do {
            worker = try PhotoWorkerProcess.start(executable)
        } catch {
            log.error("no photo worker can be started", ["error": "\(error)"])
            throw PhotoError(.workerUnavailable, "\(error)")
        }
        do {
            let said = try await worker.hello(until: .now + limits.timeout, on: loop)
            guard case .frame(.hello(let posture)) = said else {
                log.error("a photo worker did not start as one", ["pid": .int(Int64(worker.pid)), "said": "\(said)"])
                throw PhotoError(.workerUnavailable, "the program is no photo worker, or did not start in time")
            }
            status.set(posture)
            guard confinement == .bestEffort || posture.missing.isEmpty else {
                throw PhotoError(.unconfined, "not enforced here: \(posture.missing.joined(separator: ", "))")
            }
            return worker
        } catch {
            end(worker)
            throw error
        }
    }

    private func keepOrEnd(_ worker: PhotoWorkerProcess) {
        if worker.served < limits.photosPerWorker, !closed { idle.append(worker) } else { end(worker) }
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

    private func takePlace(_ client: ClientBlock) async throws {
        guard !closed else { throw PhotoError(.workerUnavailable, "the pool is closed") }
        switch queue.enter(client) {
        case .granted: return
        case .full(let count): throw PhotoError(.busy, "\(count) photos are waiting")
        case .later: break
        }
        nextWaiter += 1
        let id = nextWaiter
        let granted = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(returning: false)
                } else {
                    queue.wait(id, client, continuation)
                }
            }
        } onCancel: {
            Task { await self.giveUp(id) }
        }
        if granted { return }
        try Task.checkCancellation()
        throw PhotoError(.workerUnavailable, "the pool is closed")
    }

    /// The place goes to the next client who waits.
    private func leavePlace(_ client: ClientBlock) {
        for waiter in queue.leave(client) { waiter.resume(returning: true) }
    }

    private func giveUp(_ id: UInt64) { queue.giveUp(id)?.resume(returning: false) }
}
