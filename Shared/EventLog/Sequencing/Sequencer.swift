package import Telemetry

/// Gives every committed event the next number of its topic partition. One runs beside every writer; a compare-and-set on
/// one row lets exactly one of them win each window, so no clock and no lease is part of safety.
///
/// It reads by snapshot difference: what the last window's snapshot did not see and this one does. "id greater than the last
/// seen" would lose rows that commit late; `xid` order would break the order within a subject.
public final class Sequencer: Sendable {
    private let store: any SequencerStore
    private let hash: StreamHash
    private let wakeUp: any Bell
    private let pace: any Pace
    private let log: Log
    private let sequenced: Counter, fenced: Counter, begun: Counter
    private let generation: Gauge
    private let handOver: @Sendable ([StreamRecord]) -> Void
    private let pageSize: Int
    private let lookedAt: LastLook

    /// - Parameters:
    ///   - wakeUp: rung after each commit that emitted.
    ///   - pageSize: rows of one window's page.
    ///   - handOver: told of every window this sequencer won.
    package init(
        store: any SequencerStore, hash: StreamHash, wakeUp: any Bell, pace: any Pace = LoopPace(), log: Log,
        metrics: MetricsRegistry, pageSize: Int = Sequencer.pageSize, handOver: @escaping @Sendable ([StreamRecord]) -> Void
    ) {
        self.store = store
        self.hash = hash
        self.wakeUp = wakeUp
        self.pace = pace
        self.log = log
        self.handOver = handOver
        self.pageSize = pageSize
        sequenced = metrics.counter("shao_sequenced_total", "Events given their number in a stream.")
        fenced = metrics.counter("shao_sequencer_fenced_total", "Windows another sequencer had won.")
        begun = metrics.counter("shao_generations_begun_total", "Generations begun here after a restore or fail-over of the database.")
        let (lookedAt, idle) = (LastLook(pace.elapsed()), metrics.gauge("shao_sequencer_stalled_seconds", Self.stalledHelp))
        self.lookedAt = lookedAt
        metrics.collect { idle.set(lookedAt.age(at: pace.elapsed()).inSeconds) }
        generation = metrics.gauge("shao_generation", "Generation of this database's streams.")
    }

    private static let stalledHelp = "For how long the outbox has not been looked through for events without a number."

    /// Sequences until cancelled. Errors are logged and tried again: the outbox keeps everything meanwhile.
    public func run() async throws {
        var backOff = BackOff(pace)
        while !Task.isCancelled {
            do {
                try await store.session { session in
                    var memory: SequencerMemory?
                    while !Task.isCancelled {
                        let began = pace.elapsed()
                        let count = try await sequenceOnce(&memory, session)
                        lookedAt.note(pace.elapsed())
                        backOff.reset()
                        if count == 0 {
                            try await wakeUp.wait(atMost: Self.poll)
                        } else if count < pageSize {
                            try await pace.pause(for: max(.zero, began + Self.interval - pace.elapsed()))
                        }
                    }
                }
            } catch is CancellationError {
                return
            } catch {
                log.warning("sequencing failed, trying again", ["error": "\(error)"])
                try await backOff.pause()
            }
        }
    }

    /// Only for what a killed process left behind: every commit wakes its own sequencer.
    private static let poll = Duration.seconds(1)
    /// From one window to the next, so that under load a window's two statements and its sync are shared by many events.
    /// A first event after a pause does not wait.
    private static let interval = Duration.milliseconds(15)
    /// Rows of one window's page: some megabytes at most.
    package static let pageSize = 2000

    /// One page of one window. 0 when there was nothing to do.
    func sequenceOnce(_ memory: inout SequencerMemory?, _ session: any SequencerSession) async throws -> Int {
        var current: SequencerMemory
        if let memory { current = memory } else { current = try await load(session) }
        memory = nil
        let page = try await session.window(current.state, limit: pageSize)
        guard !page.rows.isEmpty || current.state.target != nil else {
            memory = current
            return 0
        }
        let window = current.advance(
            over: page.rows, isLast: page.rows.count < pageSize, target: current.state.target ?? page.snapshot, hash: hash)
        CrashPoint.pass(.sequencerAfterWindow)
        guard try await session.advance(from: current.state, window) else {
            fenced.add()
            return 1
        }
        CrashPoint.pass(.sequencerAfterAdvance)
        current.accept(window)
        memory = current
        sequenced.add(window.records.count)
        if !window.records.isEmpty { handOver(window.records) }
        return max(1, page.rows.count)
    }

    /// The state; under another server than it was last moved, a new generation's.
    private func load(_ session: any SequencerSession) async throws -> SequencerMemory {
        let loaded = try await session.load()
        let identity = try await session.identity()
        CrashPoint.pass(.sequencerAfterLoad)
        if loaded.state.identity == identity {
            generation.set(Double(loaded.state.generation))
            return loaded
        }
        log.notice(
            "the database was restored or has failed over: a new generation of its streams begins",
            ["after": .int(Int(loaded.state.generation)), "system": .int(identity.systemID), "timeline": .int(Int(identity.timeline))])
        if try await session.begin(after: loaded.state, under: identity) { begun.add() }
        let fresh = try await session.load()
        generation.set(Double(fresh.state.generation))
        return fresh
    }
}
