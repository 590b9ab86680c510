import CLibrdkafka
public import EventLoop
public import Telemetry

/// Reads topics in batches that the caller pulls; nothing is delivered, and no partition changes hands, in between.
///
/// *Group mode* (topics given): the broker's group shares the partitions among its members, classic protocol, range assignor.
/// *Manual mode* (no topics): the caller says with ``assign(_:)`` what is read from where.
/// Positions are the caller's: `onAssign` may give the start of each partition, and offsets are committed only after ``store(_:)``.
/// A caller that does not come back within `max.poll.interval.ms` loses its partitions; waiting in ``nextBatch(upTo:lingering:until:)``
/// counts as coming back.
public actor KafkaConsumer {
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.serialExecutor.asUnownedSerialExecutor() }

    /// Partitions just given to this member → where to start. Those not named start at the group's committed offset.
    public typealias OnAssign = @Sendable ([KafkaPartition]) async -> [KafkaPartition: KafkaOffset]
    /// Partitions about to leave this member: finish and ``store(_:)`` what belongs to them.
    public typealias OnRevoke = @Sendable ([KafkaPartition]) async -> Void

    public nonisolated let loop: EventLoop
    let log: Log
    let onAssign: OnAssign?
    let onRevoke: OnRevoke?
    let gauges: ConsumerMetrics?
    /// Without a group of its own nothing is ever committed.
    private let commitsOffsets: Bool

    var client: Client?
    var commits: CommitQueue?
    private var reader = MessageReader()
    /// Read, not yet handed out. Survives a cancelled `nextBatch`.
    var collected: [KafkaMessage] = []
    private var ends: [KafkaPartition: Int64] = [:]
    private var deferred: KafkaError?
    /// Where each assigned partition goes on for the caller.
    var positions: [KafkaPartition: KafkaOffset] = [:]
    var hasUncommitted = false
    private var nextCommit = ContinuousClock.now
    private var polling = false
    private var closing = false
    private var idleWaiter: CheckedContinuation<Void, Never>?

    /// Only for operators' lag tools, so rarely is enough: our positions live elsewhere.
    private static let commitInterval = Duration.seconds(5)
    /// Feeds `max.poll.interval.ms` while nothing arrives; far below any sensible value of it.
    private static let pollTick = Duration.seconds(10)

    /// Starts the client; brokers need not be reachable. Throws ``KafkaError/Code/configuration`` for a bad property.
    public init(
        _ configuration: KafkaConfiguration, group: String?, topics: [String] = [], on loop: EventLoop = .shared,
        log: Log = Log("kafka"), metrics: MetricsRegistry? = nil, onAssign: OnAssign? = nil, onRevoke: OnRevoke? = nil
    ) throws(KafkaError) {
        self.loop = loop
        self.log = log
        self.onAssign = onAssign
        self.onRevoke = onRevoke
        gauges = metrics.map(ConsumerMetrics.init)
        let hasGroup = group != nil || configuration["group.id"] != nil
        commitsOffsets = hasGroup
        if !topics.isEmpty && !hasGroup {
            throw KafkaError(.configuration, operation: "subscribe", message: "a group is needed to subscribe; without one, assign")
        }
        // The library reads nothing without a group id, even where partitions are assigned by hand and no group is joined.
        let client = try Client(
            configuration, .consumer, extra: ["group.id": group ?? "none"], on: loop, log: log, metrics: metrics)
        self.client = client
        commits = try CommitQueue(client)
        if topics.isEmpty { return }
        let code = PartitionList(topics: topics).withPointer { rd_kafka_subscribe(client.pointer, $0) }
        if code.rawValue != 0 { throw KafkaError(code, "subscribe") }
    }

    /// What this consumer reads now.
    public var assignment: Set<KafkaPartition> { Set(positions.keys) }

    /// Whether a task is inside ``nextBatch(upTo:lingering:until:)``.
    public var isWaiting: Bool { polling }

    /// Up to `limit` messages: waits for the first as long as it takes, and then at most `lingering` for more.
    /// With a deadline an empty batch comes when nothing arrived by then, so that a loop can do what else is due.
    ///
    /// `nil` once closed. One caller at a time. Throws what somebody must act on (no start offset, unknown topic, not
    /// authorised, fatal); what heals by itself is counted and logged. A cancelled task gets ``KafkaError/Code/cancelled``,
    /// and what was read already comes with the next call.
    public func nextBatch(
        upTo limit: Int = 500, lingering: Duration = .milliseconds(1), until deadline: ContinuousClock.Instant? = nil
    ) async throws(KafkaError) -> KafkaBatch? {
        if polling { throw KafkaError(.wrongState, operation: "next batch", message: "another task is waiting in nextBatch") }
        polling = true
        defer {
            polling = false
            idleWaiter?.resume()
            idleWaiter = nil
        }
        return try await pull(max(1, limit), lingering, deadline)
    }

    /// Marks the batch as done: its end is committed within some seconds, and on close. Partitions lost meanwhile are skipped.
    public func store(_ batch: KafkaBatch) throws(KafkaError) {
        try store(batch.nextOffsets)
    }

    /// The same by hand: for each partition the offset of the *next* record to be read.
    public func store(_ nextOffsets: [KafkaPartition: Int64]) throws(KafkaError) {
        guard let client else { throw .closed("store") }
        let held = nextOffsets.filter { positions[$0.key] != nil }
        if held.isEmpty { return }
        let code = PartitionList(held).withPointer { rd_kafka_offsets_store(client.pointer, $0) }
        // "State": the library has taken the partitions away already, and the revocation is still in the queue.
        if code.rawValue != 0 && code != RD_KAFKA_RESP_ERR__STATE { throw KafkaError(code, "store") }
        hasUncommitted = true
    }

    /// Commits what is stored, and waits for the coordinator's answer. Needed only where others watch closely: see ``store(_:)``.
    public func commit(within patience: Duration = .seconds(10)) async throws(KafkaError) {
        guard let commits, commitsOffsets else { throw .closed("commit") }
        hasUncommitted = false
        nextCommit = .now + Self.commitInterval
        do throws(KafkaError) {
            try await commits.run(until: .now + patience)
        } catch {
            hasUncommitted = true
            throw error
        }
    }

    /// Oldest and next offset, asked from the broker. Does not disturb reading.
    public func watermarks(
        _ partition: KafkaPartition, within timeout: Duration = .seconds(5)
    ) async throws(KafkaError) -> KafkaWatermarks {
        guard let client else { throw .closed("watermarks") }
        return try await client.watermarks(partition, within: timeout)
    }

    /// The cluster's own id: another one means another (or an emptied) cluster.
    public func clusterID(within timeout: Duration = .seconds(5)) async throws(KafkaError) -> String {
        guard let client else { throw .closed("cluster id") }
        return try await client.clusterID(within: timeout)
    }

    /// Commits what is stored, gives the partitions back (`onRevoke` is told), leaves the group, and frees the client.
    /// A suspended ``nextBatch(upTo:lingering:until:)`` returns `nil`. Runs to its end even when the calling task is cancelled.
    public func close() async {
        guard let client, !closing else { return }
        closing = true
        client.wake()
        if polling { await withCheckedContinuation { idleWaiter = $0 } }
        await Task(executorPreference: loop) { await self.leave(client) }.value
        self.client = nil
        commits = nil
        collected = []
        await ClientDisposer(consume client).dropElsewhere()
    }
}

// MARK: pulling

extension KafkaConsumer {
    private func pull(
        _ limit: Int, _ lingering: Duration, _ deadline: ContinuousClock.Instant?
    ) async throws(KafkaError) -> KafkaBatch? {
        var lingerEnd: ContinuousClock.Instant?
        while true {
            guard let client, !closing else { return nil }
            await drain(client, limit)
            commitWhenDue()
            if collected.isEmpty, let error = deferred {
                deferred = nil
                throw error
            }
            if collected.count >= limit || deferred != nil { return takeBatch(client) }
            let now = ContinuousClock.now
            if !collected.isEmpty && lingerEnd == nil { lingerEnd = now + lingering }
            if let lingerEnd, now >= lingerEnd, !collected.isEmpty { return takeBatch(client) }
            if let deadline, now >= deadline { return takeBatch(client) }
            let wakeUp = [collected.isEmpty ? nil : lingerEnd, deadline, now + Self.pollTick].compactMap { $0 }.min()
            do {
                try await client.wait(until: wakeUp)
            } catch {
                if collected.isEmpty { throw .cancelled("next batch") }
                return takeBatch(client)
            }
        }
    }

    /// Until the queue is empty, because only then it signals again, or `limit` messages are there, and then nobody waits.
    private func drain(_ client: Client, _ limit: Int) async {
        while collected.count < limit, let event = client.poll() {
            switch event.type {
            case RD_KAFKA_EVENT_FETCH:
                event.forEachMessage { message, pointer in take(message, pointer, client) }
            case RD_KAFKA_EVENT_REBALANCE:
                let (code, partitions) = (event.error, event.partitions)
                await rebalance(client, code, partitions)
            case RD_KAFKA_EVENT_ERROR where event.error == RD_KAFKA_RESP_ERR__PARTITION_EOF:
                if let end = event.position { ends[end.partition] = end.offset }
            default:
                if let error = client.judge(event) { deferred = deferred ?? error }
            }
        }
    }

    private func take(_ message: rd_kafka_message_t, _ pointer: UnsafePointer<rd_kafka_message_t>, _ client: Client) {
        switch message.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
            collected.append(reader.read(message, pointer))
        default:
            let text = rd_kafka_message_errstr(pointer).map { String(cString: $0) }
            let error = KafkaError(message.err, "fetch", text, partition: reader.partition(message))
            if error.matters { deferred = deferred ?? error } else { client.note(error) }
        }
    }

    private func takeBatch(_ client: Client) -> KafkaBatch {
        let batch = KafkaBatch(collected, ends: ends)
        collected = []
        ends = [:]
        gauges?.received.add(batch.count)
        for (partition, next) in batch.nextOffsets {
            positions[partition] = .at(next)
            gauges?.lag(client, partition, next)
        }
        return batch
    }

    private func commitWhenDue() {
        guard commitsOffsets, hasUncommitted, let commits, ContinuousClock.now >= nextCommit else { return }
        nextCommit = .now + Self.commitInterval
        hasUncommitted = false
        do throws(KafkaError) {
            if let refusal = commits.answers() { log.info("offsets not committed", ["error": .string(refusal.description)]) }
            try commits.start()
        } catch {
            hasUncommitted = true
            log.info("offsets not committed", ["error": .string(error.description)])
        }
    }

    /// Best effort, before partitions leave: a lost commit costs repetitions, which the reader's own position drops.
    func commitBeforeLeaving() async {
        guard commitsOffsets, hasUncommitted else { return }
        do { try await commit(within: .seconds(2)) } catch {
            log.info("offsets not committed", ["error": .string(error.description)])
        }
    }

    private func leave(_ client: Client) async {
        await commitBeforeLeaving()
        if let refusal = rd_kafka_consumer_close_queue(client.pointer, client.queue) {
            client.note(KafkaError(consuming: refusal, "close"))
            return
        }
        let deadline = ContinuousClock.now + .seconds(10)
        while rd_kafka_consumer_closed(client.pointer) == 0 && ContinuousClock.now < deadline {
            await drain(client, .max)
            collected = []
            if rd_kafka_consumer_closed(client.pointer) != 0 { return }
            // The last step of closing sets a flag without an event, hence the short deadline.
            do { try await client.wait(until: min(deadline, .now + .milliseconds(10))) } catch { return }
        }
    }
}
