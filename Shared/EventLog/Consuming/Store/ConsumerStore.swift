/// A service's database as its consumer sees it: cursors, effects, and what is parked. The real one is `PostgresConsumerStore`.
///
/// What an error means to the consumer is said by `FailureClass`; a store of another kind throws `EventLogError` with
/// `.unreachable` (try again), `.fenced` (another consumer was first) or any other code (it would fail again).
public protocol ConsumerStore: Sendable {
    /// Makes a cursor at the beginning for each of these partitions that has none.
    func open(_ partitions: [StreamPartition]) async throws
    /// What is committed about these partitions.
    func load(_ partitions: Set<StreamPartition>) async throws -> ConsumerPositions
    /// All of the step in one transaction, or nothing: the cursors move by compare-and-set, then the effects. The commit
    /// need not wait for the disk: effects and cursors are lost together.
    func apply(_ step: ApplyStep) async throws -> ApplyOutcome
    /// What is committed about these partitions, and on disk when this returns. Both happen over one connection: when the server fell
    /// between them, what was read may be gone, and the connection is gone too.
    func settled(_ partitions: Set<StreamPartition>) async throws -> ConsumerPositions
}

/// Where a consumer is in some partitions.
public struct ConsumerPositions: Sendable, Equatable {
    public var cursors: [StreamPartition: Cursor]
    /// Subjects that are parked there.
    public var parked: [StreamPartition: Set<String>]

    public init(cursors: [StreamPartition: Cursor], parked: [StreamPartition: Set<String>] = [:]) {
        self.cursors = cursors
        self.parked = parked
    }
}

/// One transaction of a consumer: the next records of some partitions, in order, and the cursors that move over them.
public struct ApplyStep: Sendable {
    /// From where it must stand (else the step is fenced) to the last of its records.
    public struct Move: Sendable, Equatable {
        public let partition: StreamPartition
        public let before: Cursor
        public let after: Cursor
    }
    /// Within a partition ascending and without a gap.
    public let records: [StreamRecord]
    public let moves: [Move]
    /// Subjects of these records that were parked when last looked: their records go behind what is parked, unless they
    /// have been replayed meanwhile.
    public let parked: [StreamPartition: Set<String>]
    /// All that was parked in the moved partitions when last looked. A subject parked there since then fences the step: a server
    /// that crashed may have undone what memory takes for done, and a rival may have parked it.
    public let known: [StreamPartition: Set<String>]
    /// The one record fails for good: its subject is parked with this reason, and no effect is applied.
    public let poison: String?

    init(_ records: [StreamRecord], at positions: ConsumerPositions, poison: String? = nil) {
        var after: [StreamPartition: Cursor] = [:]
        var parked: [StreamPartition: Set<String>] = [:]
        for record in records {
            let partition = record.partition
            after[partition, default: positions.cursors[partition] ?? .start].advance(over: record)
            if !positions.parked.isEmpty, positions.parked[partition]?.contains(record.event.subject) == true {
                parked[partition, default: []].insert(record.event.subject)
            }
        }
        self.records = records
        self.parked = parked
        self.poison = poison
        known = positions.parked.filter { after[$0.key] != nil && !$0.value.isEmpty }
        moves = after.map { Move(partition: $0.key, before: positions.cursors[$0.key] ?? .start, after: $0.value) }
    }
}

/// What a step came to.
public struct ApplyOutcome: Sendable, Equatable {
    /// Records put behind a parked one, instead of being applied.
    public var queued: Int
    /// Subjects believed parked that are so no longer; their records were applied.
    public var released: [StreamPartition: Set<String>]

    public init(queued: Int = 0, released: [StreamPartition: Set<String>] = [:]) {
        self.queued = queued
        self.released = released
    }
}

extension StreamRecord {
    /// Where it belongs.
    public var partition: StreamPartition { StreamPartition(topic: event.topic, part: event.part) }
}
