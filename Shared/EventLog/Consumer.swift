import Contracts
import EventLoop
public import Kafka
public import Postgres
import Synchronization
public import Telemetry

/// Applies the streams of other services to this one's database: exactly the next number of each partition, in one
/// transaction with the cursor. Lower numbers are dropped, a gap is filled from the owner's stream, another history halts
/// the partition. Kafka's group only says who reads what; its offsets are for operators' lag tools.
public final class StreamConsumer: Sendable {
    private let consumer: KafkaConsumer
    private let pool: PostgresPool
    private let subscriptions: Subscriptions
    private let hash: StreamHash
    private let owners: any StreamSource
    private let log: Log
    private let counters: ConsumerCounters
    private let state = Mutex(State())

    private struct State {
        var halted: [StreamPartition: String] = [:]
        var trouble: String?
    }

    public init(
        consumer: KafkaConsumer, pool: PostgresPool, subscriptions: Subscriptions, hash: StreamHash,
        owners: any StreamSource, log: Log, metrics: MetricsRegistry
    ) {
        self.consumer = consumer
        self.pool = pool
        self.subscriptions = subscriptions
        self.hash = hash
        self.owners = owners
        self.log = log
        counters = ConsumerCounters(metrics)
    }

    /// Why this consumer does not go on, for readiness; nil when all is well.
    public var trouble: String? {
        state.withLock { state in
            state.trouble ?? state.halted.first.map { "\($0.key.topic)/\($0.key.part): \($0.value)" }
        }
    }

    /// Applies until the consumer is closed or the task cancelled.
    public func run() async throws {
        try await pool.execute(
            ConsumerQueries.open(subscriptions.topics.flatMap { topic in
                (0..<topic.partitions).map { StreamPartition(topic: topic.name, part: Int32($0)) }
            }))
        var tails = TailWatch()
        var backOff = BackOff()
        while !Task.isCancelled {
            guard let batch = try await pull(&backOff) else { return }
            let records = batch.compactMap(record)
            while !Task.isCancelled {
                do {
                    try await apply(records)
                    if batch.isEmpty { try await applyTails(&tails) }
                    if !batch.isEmpty { try await consumer.store(batch) }
                    settle(nil)
                    backOff.reset()
                    break
                } catch is CancellationError {
                    return
                } catch {
                    settle("\(error)")
                    counters.retries.add()
                    log.warning("a batch was not applied, trying again", ["error": "\(error)", "records": .int(records.count)])
                    try await backOff.pause()
                }
            }
        }
    }

    /// The next batch, empty after a while without one; nil once closed. What a broker refuses is told by readiness and tried
    /// again; only a fatal error, which no retry of this client heals, ends the service.
    private func pull(_ backOff: inout BackOff) async throws -> KafkaBatch? {
        do {
            return try await consumer.nextBatch(until: .now + Self.tailInterval)
        } catch {
            if error.isFatal || error.code == .cancelled { throw error }
            let trouble = "\(error)"
            settle(trouble)
            log.warning("Kafka could not be read, trying again", ["error": "\(error)"])
            try await backOff.pause()
            return KafkaBatch([])
        }
    }

    /// A tail that Kafka lost shows only when the owner is asked; only asked when nothing comes.
    private static let tailInterval = Duration.seconds(3)
    private static let repairPage = 500

    private func settle(_ trouble: String?) { state.withLock { $0.trouble = trouble } }

    private func record(_ message: KafkaMessage) -> StreamRecord? {
        do {
            return try StreamHeaders.parse(message)
        } catch {
            counters.foreign.add()
            log.warning(
                "a record its owner did not write was ignored",
                ["topic": .string(message.topic), "offset": .int(message.offset)])
            return nil
        }
    }

    /// Classifies against the cursors as they are now, fills gaps, and applies in one transaction.
    func apply(_ records: [StreamRecord]) async throws {
        guard !records.isEmpty else { return }
        let partitions = Set(records.map { StreamPartition(topic: $0.event.topic, part: $0.event.part) })
        let before = try await cursors(of: partitions)
        var plan = ApplyPlan(before: before)
        for record in records { try await place(record, in: &plan) }
        counters.duplicates.add(plan.duplicates)
        guard !plan.new.isEmpty else { return }
        try await commit(plan)
        counters.applied.add(plan.new.count)
    }

    private func place(_ record: StreamRecord, in plan: inout ApplyPlan) async throws {
        let partition = StreamPartition(topic: record.event.topic, part: record.event.part)
        if state.withLock({ $0.halted[partition] != nil }) { return }
        let cursor = plan.after[partition] ?? .start
        switch cursor.classify(record, hash: hash) {
        case .next: plan.take(record, partition)
        case .duplicate: plan.duplicates += 1
        case .diverged: halt(partition, record)
        case .gap(let from, let count):
            counters.gaps.add()
            log.notice(
                "filling a gap from the owner's stream",
                ["topic": .string(partition.topic), "part": .int(Int(partition.part)), "from": .int(from), "count": .int(count)])
            try await fill(partition, upTo: record.seq - 1, in: &plan)
            try await place(record, in: &plan)
        }
    }

    private func fill(_ partition: StreamPartition, upTo last: Int64, in plan: inout ApplyPlan) async throws {
        while let cursor = plan.after[partition], cursor.seq < last {
            let missing = try await owners.records(partition, from: cursor.seq + 1, limit: Self.repairPage)
            guard !missing.isEmpty else {
                throw EventLogError(.unreachable, "the owner of \(partition.topic) has nothing from \(cursor.seq + 1) on")
            }
            for record in missing where record.seq <= last {
                guard let cursor = plan.after[partition] else { return }
                switch cursor.classify(record, hash: hash) {
                case .next: plan.take(record, partition)
                case .duplicate: continue
                case .gap, .diverged: return halt(partition, record)
                }
            }
            counters.repaired.add(missing.count)
        }
    }

    private func halt(_ partition: StreamPartition, _ record: StreamRecord) {
        counters.diverged.add()
        log.error(
            "DIVERGED: this partition's history is not the owner's; it is halted until an operator has looked",
            ["topic": .string(partition.topic), "part": .int(Int(partition.part)), "seq": .int(record.seq)])
        state.withLock { $0.halted[partition] = "DIVERGED at \(record.seq)" }
    }

    private func cursors(of partitions: Set<StreamPartition>) async throws -> [StreamPartition: Cursor] {
        let heads = try await pool.query(ConsumerQueries.cursors(Array(partitions)), as: StreamHead.self)
        return Dictionary(heads.map { ($0.partition, Cursor(seq: $0.seq, hash: $0.hash)) }, uniquingKeysWith: { a, _ in a })
    }

    /// Effect and cursor in one commit, which need not wait for the disk: lost together, they are applied again together.
    private func commit(_ plan: ApplyPlan) async throws {
        let rounds = Rounds.arrange(plan.new.map(\.event))
        let (subscriptions, folds) = (subscriptions.byType, subscriptions.folds)
        try await pool.transaction(.asynchronousCommit) { transaction in
            transaction.enqueue(ConsumerQueries.advance(plan))
            for round in rounds {
                for (type, events) in round {
                    // Types nobody here listens to are history all the same: the cursor passes them.
                    guard let subscription = subscriptions[type] else { continue }
                    try await subscription.apply(events, &transaction)
                }
            }
            for fold in folds { try await fold.apply(plan.new.map(\.event), &transaction) }
        }
    }

    private func applyTails(_ tails: inout TailWatch) async throws {
        let assigned = await consumer.assignment.map { StreamPartition(topic: $0.topic, part: $0.number) }
        guard !assigned.isEmpty else { return }
        let cursors = try await cursors(of: Set(assigned))
        for topic in Set(assigned.map(\.topic)) {
            guard let heads = try? await owners.heads(topic: topic) else { continue }
            for head in heads where assigned.contains(head.partition) {
                guard let cursor = cursors[head.partition], tails.isStuck(head, at: cursor.seq) else { continue }
                counters.gaps.add()
                var plan = ApplyPlan(before: [head.partition: cursor])
                try await fill(head.partition, upTo: head.seq, in: &plan)
                if !plan.new.isEmpty { try await commit(plan) }
            }
        }
    }
}

/// What a batch will do: the cursors before and after, the new records in order.
struct ApplyPlan: Sendable {
    let before: [StreamPartition: Cursor]
    private(set) var after: [StreamPartition: Cursor]
    private(set) var new: [StreamRecord] = []
    var duplicates = 0

    init(before: [StreamPartition: Cursor]) {
        self.before = before
        after = before
    }

    mutating func take(_ record: StreamRecord, _ partition: StreamPartition) {
        after[partition, default: .start].advance(over: record)
        new.append(record)
    }

    var moved: [StreamPartition] { after.keys.filter { after[$0] != before[$0] } }
}

/// Two looks at the same place with the owner ahead mean that the tail does not come by itself.
struct TailWatch {
    private var seen: [StreamPartition: Int64] = [:]

    mutating func isStuck(_ head: StreamHead, at seq: Int64) -> Bool {
        defer { seen[head.partition] = seq }
        return head.seq > seq && seen[head.partition] == seq
    }
}

struct ConsumerCounters: Sendable {
    let applied, duplicates, gaps, repaired, diverged, foreign, retries: Counter

    init(_ metrics: MetricsRegistry) {
        applied = metrics.counter("shao_applied_total", "Events applied.")
        duplicates = metrics.counter("shao_duplicates_total", "Records that had been applied already.")
        gaps = metrics.counter("shao_gaps_total", "Gaps noticed in a partition.")
        repaired = metrics.counter("shao_repaired_total", "Events read from the owner's stream to fill gaps.")
        diverged = metrics.counter("shao_diverged_total", "Partitions halted because their history is not the owner's.")
        foreign = metrics.counter("shao_foreign_records_total", "Records on internal topics that the owner did not write.")
        retries = metrics.counter("shao_apply_retries_total", "Batches that had to be tried again.")
    }
}

enum ConsumerQueries {
    static func open(_ partitions: [StreamPartition]) -> SQL {
        """
        INSERT INTO inbox_cursor (topic, part, seq, h)
        SELECT u.topic, u.part, 0, \(StreamHash.empty) FROM unnest(\(partitions.map(\.topic)), \(partitions.map(\.part)))
            AS u(topic, part)
        ON CONFLICT DO NOTHING
        """
    }

    static func cursors(_ partitions: [StreamPartition]) -> SQL {
        """
        SELECT c.topic, c.part, c.seq, c.h FROM inbox_cursor c
        JOIN unnest(\(partitions.map(\.topic)), \(partitions.map(\.part))) AS u(topic, part) USING (topic, part)
        """
    }

    static func advance(_ plan: ApplyPlan) -> SQL {
        let moved = plan.moved
        return """
            SELECT advance_cursors(\(moved.map(\.topic)), \(moved.map(\.part)),
                \(moved.map { plan.before[$0]?.seq ?? 0 }), \(moved.map { plan.after[$0]?.seq ?? 0 }),
                \(moved.map { plan.after[$0]?.hash ?? StreamHash.empty }))
            """
    }
}
