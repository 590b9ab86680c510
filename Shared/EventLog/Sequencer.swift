import Contracts
public import EventLoop
public import Postgres
public import Telemetry

/// Gives every committed event the next number of its topic partition. One runs beside every writer; a compare-and-set on
/// one row lets exactly one of them win each window, so no clock and no lease is part of safety.
///
/// It reads by snapshot difference: what the last window's snapshot did not see and this one does. "id greater than the last
/// seen" would lose rows that commit late; `xid` order would break the order within a subject.
public final class Sequencer: Sendable {
    private let pool: PostgresPool
    private let hash: StreamHash
    private let wakeUp: Signal
    private let log: Log
    private let sequenced: Counter, fenced: Counter
    private let handOver: @Sendable ([StreamRecord]) -> Void

    /// - Parameters:
    ///   - pool: connections with `enable_seqscan=off` (a generic plan would read the whole outbox for every window) and `jit=off`.
    ///   - handOver: told of every window this sequencer won.
    public init(
        pool: PostgresPool, hash: StreamHash, wakeUp: Signal, log: Log, metrics: MetricsRegistry,
        handOver: @escaping @Sendable ([StreamRecord]) -> Void
    ) {
        self.pool = pool
        self.hash = hash
        self.wakeUp = wakeUp
        self.log = log
        self.handOver = handOver
        sequenced = metrics.counter("shao_sequenced_total", "Events given their number in a stream.")
        fenced = metrics.counter("shao_sequencer_fenced_total", "Windows another sequencer had won.")
    }

    /// Sequences until cancelled. Errors are logged and tried again: the outbox keeps everything meanwhile.
    public func run() async throws {
        var backOff = BackOff()
        var memory: SequencerMemory?
        while !Task.isCancelled {
            do {
                let began = ContinuousClock.now
                let count = try await sequenceOnce(&memory)
                backOff.reset()
                if count == 0 {
                    try await wakeUp.wait(until: .now + Self.poll)
                } else if count < Self.pageSize {
                    try await EventLoop.shared.sleep(until: began + Self.pace)
                }
            } catch is CancellationError {
                return
            } catch {
                memory = nil
                log.warning("sequencing failed, trying again", ["error": "\(error)"])
                try await backOff.pause()
            }
        }
    }

    /// Only for what a killed process left behind: every commit wakes its own sequencer.
    private static let poll = Duration.seconds(1)
    /// From one window to the next, so that under load a window's two statements and its sync are shared by many events.
    /// A first event after a pause does not wait.
    private static let pace = Duration.milliseconds(5)
    /// Rows of one window's page: some megabytes at most.
    static let pageSize = 2000

    /// One page of one window. 0 when there was nothing to do.
    func sequenceOnce(_ memory: inout SequencerMemory?) async throws -> Int {
        var current: SequencerMemory
        if let memory { current = memory } else { current = try await load() }
        let page = try await pool.query(SequencerQueries.window(current.state, limit: Self.pageSize), as: WindowRow.self)
        guard let target = page.first?.snapshot else { return 0 }
        let rows = page.compactMap(\.event)
        guard !rows.isEmpty || current.state.target != nil else {
            memory = current
            return 0
        }
        let window = current.advance(
            over: rows, isLast: rows.count < Self.pageSize, target: current.state.target ?? target, hash: hash)
        let won = try await pool.query(SequencerQueries.advance(from: current.state, window)) { row in
            try row["won"] as Bool
        }
        guard won.first == true else {
            fenced.add()
            memory = nil
            return 1
        }
        current.accept(window)
        memory = current
        sequenced.add(window.records.count)
        if !window.records.isEmpty { handOver(window.records) }
        return max(1, rows.count)
    }

    private func load() async throws -> SequencerMemory {
        let state = try await pool.query(SequencerQueries.state, as: SequencerState.self)
        guard let first = state.first else { throw EventLogError(.damaged, "sequencer_state has no row") }
        let heads = try await pool.query(SequencerQueries.heads, as: StreamHead.self)
        return SequencerMemory(state: first, heads: heads)
    }
}

/// The one row that the compare-and-set is on.
struct SequencerState: Sendable, Equatable {
    var version: Int64
    var snapshot: String
    var target: String?
    var afterID: Int64
    var pos: Int64
}

/// A partition of a topic.
public struct StreamPartition: Hashable, Sendable {
    public var topic: String
    public var part: Int32
    public init(topic: String, part: Int32) {
        self.topic = topic
        self.part = part
    }
}

/// How far a partition's history has come.
public struct StreamHead: Sendable, Equatable {
    public var partition: StreamPartition
    public var seq: Int64
    public var hash: [UInt8]
    public init(partition: StreamPartition, seq: Int64, hash: [UInt8]) {
        self.partition = partition
        self.seq = seq
        self.hash = hash
    }
}

/// What one page of a window adds; pure.
struct SequencedWindow: Sendable {
    var records: [StreamRecord] = []
    var outboxIDs: [Int64] = []
    var state: SequencerState
    var heads: [StreamPartition: StreamHead] = [:]
}

/// The sequencer's state and heads in memory; thrown away when another one has won.
struct SequencerMemory: Sendable {
    private(set) var state: SequencerState
    private var heads: [StreamPartition: StreamHead]

    init(state: SequencerState, heads: [StreamHead]) {
        self.state = state
        self.heads = [:]
        for head in heads { self.heads[head.partition] = head }
    }

    /// Numbers `rows` (ascending ids). When the page is the last of its window, the window's snapshot becomes the past.
    func advance(over rows: [(id: Int64, event: CommittedEvent)], isLast: Bool, target: String, hash: StreamHash)
        -> SequencedWindow
    {
        var window = SequencedWindow(state: state)
        for (id, event) in rows {
            let partition = StreamPartition(topic: event.topic, part: event.part)
            let before = window.heads[partition] ?? heads[partition]
                ?? StreamHead(partition: partition, seq: 0, hash: StreamHash.empty)
            let seq = before.seq + 1
            let h = hash.next(after: before.hash, seq: seq, event)
            window.state.pos += 1
            window.records.append(StreamRecord(pos: window.state.pos, seq: seq, hash: h, event: event))
            window.outboxIDs.append(id)
            window.heads[partition] = StreamHead(partition: partition, seq: seq, hash: h)
            window.state.afterID = id
        }
        window.state.version += 1
        window.state.snapshot = isLast ? target : state.snapshot
        window.state.target = isLast ? nil : target
        if isLast { window.state.afterID = 0 }
        return window
    }

    mutating func accept(_ window: SequencedWindow) {
        state = window.state
        heads.merge(window.heads) { _, new in new }
    }
}
