/// Which history of which database server: a restore into another cluster changes the system identifier, a fail-over or a
/// recovery to a point in time the timeline.
package struct DatabaseIdentity: Sendable, Equatable {
    package var systemID: Int64
    package var timeline: Int32

    package init(systemID: Int64, timeline: Int32) {
        self.systemID = systemID
        self.timeline = timeline
    }
}

/// The one row that the compare-and-set is on.
package struct SequencerState: Sendable, Equatable {
    /// Rises by one with every window.
    package var version: Int64
    /// Rises by one with every restore or fail-over.
    package var generation: Int32
    /// The server under which the state was last moved: elsewhere its snapshot means nothing.
    package var identity: DatabaseIdentity
    /// Whether the window in progress is the first of its generation: what `target` sees and has no number yet.
    package var isRecovering: Bool
    /// What has been sequenced: everything that this snapshot sees.
    package var snapshot: String
    /// The snapshot of a window in progress, worked through page by page.
    package var target: String?
    /// How far the window in progress has come.
    package var afterID: Int64
    package var pos: Int64

    package init(
        version: Int64, generation: Int32, identity: DatabaseIdentity, isRecovering: Bool, snapshot: String, target: String?,
        afterID: Int64, pos: Int64
    ) {
        self.version = version
        self.generation = generation
        self.identity = identity
        self.isRecovering = isRecovering
        self.snapshot = snapshot
        self.target = target
        self.afterID = afterID
        self.pos = pos
    }
}

/// What one page of a window adds; pure.
package struct SequencedWindow: Sendable {
    package fileprivate(set) var records: [StreamRecord] = []
    package fileprivate(set) var outboxIDs: [Int64] = []
    /// The state after it.
    package fileprivate(set) var state: SequencerState
    /// The partitions it moved.
    package fileprivate(set) var heads: [StreamPartition: StreamHead] = [:]
    /// Those of them that had no record before.
    package fileprivate(set) var opened: [StreamPartition] = []
}

/// The sequencer's state and heads in memory; thrown away when another one has won.
package struct SequencerMemory: Sendable {
    package private(set) var state: SequencerState
    private var heads: [StreamPartition: StreamHead]

    package init(state: SequencerState, heads: [StreamHead]) {
        self.state = state
        self.heads = [:]
        for head in heads { self.heads[head.partition] = head }
    }

    /// Numbers `rows` (ascending ids). When the page is the last of its window, the window's snapshot becomes the past.
    func advance(over rows: [OutboxRow], isLast: Bool, target: String, hash: StreamHash) -> SequencedWindow {
        var window = SequencedWindow(state: state)
        for row in rows {
            let event = row.event
            let partition = StreamPartition(topic: event.topic, part: event.part)
            let known = window.heads[partition] ?? heads[partition]
            if known == nil { window.opened.append(partition) }
            let before = known ?? StreamHead(partition: partition, seq: 0, hash: StreamHash.empty)
            let seq = before.seq + 1
            let h = hash.next(after: before.hash, seq: seq, event)
            window.state.pos += 1
            window.records.append(
                StreamRecord(pos: window.state.pos, seq: seq, hash: h, generation: state.generation, event: event))
            window.outboxIDs.append(row.id)
            window.heads[partition] = StreamHead(partition: partition, seq: seq, hash: h)
            window.state.afterID = row.id
        }
        window.state.version += 1
        window.state.snapshot = isLast ? target : state.snapshot
        window.state.target = isLast ? nil : target
        if isLast {
            window.state.afterID = 0
            window.state.isRecovering = false
        }
        return window
    }

    mutating func accept(_ window: SequencedWindow) {
        state = window.state
        heads.merge(window.heads) { _, new in new }
    }
}
