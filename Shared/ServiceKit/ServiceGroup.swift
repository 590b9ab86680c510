public import EventLoop
import Synchronization
public import Telemetry

/// Something that lives as long as the service: a pool, a consumer, a server.
public struct Part: Sendable {
    public let name: String
    let run: @Sendable () async throws -> Void
    let stop: @Sendable () async -> Void
    let endsByCancellation: Bool

    /// - Parameters:
    ///   - run: returns when stopped; returning or throwing earlier ends the service.
    ///   - stop: asks for a graceful end; `run` returns soon after.
    public init(_ name: String, run: @escaping @Sendable () async throws -> Void, stop: @escaping @Sendable () async -> Void) {
        self.init(name, run: run, stop: stop, endsByCancellation: false)
    }

    private init(
        _ name: String, run: @escaping @Sendable () async throws -> Void, stop: @escaping @Sendable () async -> Void,
        endsByCancellation: Bool
    ) {
        self.name = name
        self.run = run
        self.stop = stop
        self.endsByCancellation = endsByCancellation
    }

    /// A part that only has something to do at the end.
    public init(_ name: String, until loop: EventLoop, stop: @escaping @Sendable () async -> Void) {
        let ended = Signal(on: loop)
        self.init(
            name, run: { try await ended.wait() },
            stop: {
                await stop()
                ended.raise()
            })
    }

    /// A part that ends by cancellation.
    public static func task(_ name: String, _ run: @escaping @Sendable () async throws -> Void) -> Part {
        Part(name, run: run, stop: {}, endsByCancellation: true)
    }
}

/// Runs parts in dependency order and stops them backwards.
public struct ServiceGroup: Sendable {
    private let parts: [Part]
    private let loop: EventLoop
    private let log: Log
    private let grace: Duration

    /// - Parameter grace: how long each part may take to end after its `stop`, before it is cancelled.
    public init(_ parts: [Part], on loop: EventLoop, log: Log, grace: Duration = .seconds(20)) {
        self.parts = parts
        self.loop = loop
        self.log = log
        self.grace = grace
    }

    /// Runs until `stopping` is raised or a part ends by itself; that part's error is thrown after the others have stopped.
    public func run(until stopping: Signal) async throws {
        let failure = FirstFailure()
        var running: [(part: Part, task: Task<Void, Never>, done: Signal)] = []
        for part in parts {
            let done = Signal(on: loop)
            let task = Task(executorPreference: loop) {
                do {
                    try await part.run()
                } catch is CancellationError {
                } catch {
                    failure.keep(part.name, error)
                }
                done.raise()
                stopping.raise()
            }
            running.append((part, task, done))
        }
        _ = try? await stopping.wait()
        for (part, task, done) in running.reversed() {
            await part.stop()
            let ended = (try? await done.wait(until: .now + (part.endsByCancellation ? .zero : grace))) ?? false
            if !ended { task.cancel() }
            if !ended && !part.endsByCancellation { log.warning("a part did not stop in time", ["part": .string(part.name)]) }
            await task.value
        }
        if let (name, error) = failure.first {
            log.error("a part failed", ["part": .string(name), "error": "\(error)"])
            throw error
        }
    }
}

private final class FirstFailure: Sendable {
    private let kept = Mutex<(String, any Error)?>(nil)
    var first: (String, any Error)? { kept.withLock { $0 } }
    func keep(_ part: String, _ error: any Error) {
        kept.withLock { if $0 == nil { $0 = (part, error) } }
    }
}
