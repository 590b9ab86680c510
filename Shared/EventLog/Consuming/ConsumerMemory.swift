/// What the loop of one consumer remembers between batches. The database decides; this saves asking it.
struct ConsumerMemory {
    /// As last committed here or read; a partition is absent when it must be read again.
    private(set) var positions = ConsumerPositions(cursors: [:])
    /// What Kafka's group gives this member.
    private(set) var assigned: Set<StreamPartition> = []
    /// Read from their owners, because Kafka does not bring what they have.
    private(set) var pulled: Set<StreamPartition> = []
    /// Pulled, and more was there than one turn takes.
    var unfinished: Set<StreamPartition> = []
    /// Another consumer was faster there: left alone until then.
    private var resting: [StreamPartition: Duration] = [:]
    /// Since when the owner is ahead of an unmoved cursor.
    private var waits: [StreamPartition: (seq: Int64, since: Duration)] = [:]

    /// How long a cursor may stand still behind its owner before it is pulled.
    static let patience = Duration.seconds(2)
    /// The same in a process's first seconds, before the group has given it anything: after a crash the group may take long to
    /// notice, and what nobody applies meanwhile need not wait for it.
    static let patienceOfNewcomers = Duration.milliseconds(400)
    static let startupGrace = Duration.seconds(20)
    /// Until then it counts as new.
    var newUntil = Duration.zero

    func isNewcomer(at now: Duration) -> Bool { assigned.isEmpty && now < newUntil }
    /// How long a fenced puller leaves a partition to the one that was faster.
    static let rest = Duration.seconds(3)

    func missing(of partitions: Set<StreamPartition>) -> Set<StreamPartition> {
        partitions.filter { positions.cursors[$0] == nil }
    }

    mutating func learn(_ loaded: ConsumerPositions) {
        positions.cursors.merge(loaded.cursors) { _, new in new }
        for partition in loaded.cursors.keys { positions.parked[partition] = loaded.parked[partition] }
    }

    mutating func forget(_ partitions: some Sequence<StreamPartition>) {
        for partition in partitions { positions.cursors[partition] = nil }
    }

    mutating func forgetAll() { positions.cursors = [:] }

    /// The group has given other partitions: of what is new here, another member may have applied anything.
    mutating func assign(_ assignment: Set<StreamPartition>) {
        guard assignment != assigned else { return }
        forget(assignment.subtracting(assigned))
        assigned = assignment
    }

    mutating func accept(_ step: ApplyStep, _ outcome: ApplyOutcome) {
        for move in step.moves { positions.cursors[move.partition] = move.after }
        for (partition, subjects) in outcome.released { positions.parked[partition]?.subtract(subjects) }
        if step.poison != nil, let record = step.records.first {
            positions.parked[record.partition, default: []].insert(record.event.subject)
        }
    }

    // MARK: pull mode

    /// Whether the owner has been ahead of an unmoved cursor for longer than `patience`; a look at the owner's head at `now`.
    mutating func isStuck(_ head: StreamHead, at now: Duration) -> Bool {
        let partition = head.partition
        guard let cursor = positions.cursors[partition], head.seq > cursor.seq else {
            waits[partition] = nil
            return false
        }
        if let wait = waits[partition], wait.seq == cursor.seq {
            return now - wait.since >= (isNewcomer(at: now) ? Self.patienceOfNewcomers : Self.patience)
        }
        waits[partition] = (cursor.seq, now)
        return false
    }

    /// Since when the partition that has waited longest stands still behind its owner.
    var longestWait: Duration? { waits.values.map(\.since).min() }

    func rests(_ partition: StreamPartition, at now: Duration) -> Bool {
        resting[partition].map { now < $0 } ?? false
    }

    /// True when it was not pulled before.
    mutating func pull(_ partition: StreamPartition) -> Bool { pulled.insert(partition).inserted }

    /// Kafka has reached this partition's cursor. True when it was pulled until now.
    mutating func stopPulling(_ partition: StreamPartition) -> Bool {
        unfinished.remove(partition)
        waits[partition] = nil
        return pulled.remove(partition) != nil
    }

    /// Another consumer moved this cursor: it is at work there.
    mutating func backOff(_ partition: StreamPartition, at now: Duration) {
        _ = stopPulling(partition)
        forget([partition])
        resting[partition] = now + Self.rest
    }
}
