import CLibrdkafka
public import EventLoop
public import Telemetry

/// Sends records, idempotently and in order per partition, and says of each what became of it.
///
/// One eventfd serves all delivery reports; nothing is polled. Records of one ``send(_:)`` reach a partition in their order,
/// and in the order of the calls. After a fatal error (a lost sequence, a fenced id) every further record fails:
/// drop this producer, make a new one, and go back to the first record without a receipt.
public actor KafkaProducer {
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.serialExecutor.asUnownedSerialExecutor() }

    /// Whether brokers answer at all (`acks` is not 0): only then do receipts carry offsets.
    public nonisolated let isAcknowledged: Bool

    private nonisolated let loop: EventLoop
    private let log: Log
    private let delivered: Counter?
    private let failed: Counter?

    private var client: Client?
    private var topics: ProducerTopics?
    private var batches: [UInt32: ProducerBatch] = [:]
    private var lastBatch: UInt32 = 0
    private var serving: Task<Void, Never>?
    private var turn = AsyncMutex()
    private var roomWaiter: CheckedContinuation<Void, Never>?

    /// Why this producer must be replaced; `nil` while it is sound.
    public private(set) var fatalError: KafkaError?

    /// Whether records of some ``send(_:)`` are still unsettled.
    public var isSending: Bool { !batches.isEmpty }

    /// Starts the client; brokers need not be reachable. Throws ``KafkaError/Code/configuration`` for a bad property.
    public init(
        _ configuration: KafkaConfiguration, on loop: EventLoop = .shared, log: Log = Log("kafka"),
        metrics: MetricsRegistry? = nil
    ) throws(KafkaError) {
        self.loop = loop
        self.log = log
        isAcknowledged = (configuration["acks"] ?? configuration["request.required.acks"]) != "0"
        delivered = metrics?.counter("kafka_records_out_total", "Records the brokers acknowledged.")
        failed = metrics?.counter("kafka_delivery_failures_total", "Records that were given up.")
        let client = try Client(configuration, .producer, on: loop, log: log, metrics: metrics)
        self.client = client
        topics = ProducerTopics(client)
    }

    deinit { serving?.cancel() }

    /// Sends all records and suspends until each is settled; the results have the records' order.
    ///
    /// While the local queue is full (`queue.buffering.max.*`) it suspends before queueing further ones: back-pressure.
    /// Throws only when nothing can be said of single records: ``KafkaError/Code/closed``, or ``KafkaError/Code/cancelled``
    /// after the task was cancelled, when records already queued may still be delivered.
    public func send(_ records: [KafkaRecord]) async throws(KafkaError) -> [Result<KafkaReceipt, KafkaError>] {
        if records.isEmpty { return [] }
        guard client != nil else { throw .closed("send") }
        startServing()
        let number = freshBatchNumber()
        let batch = ProducerBatch(count: records.count)
        batches[number] = batch
        defer { batches[number] = nil }
        await withTaskCancellationHandler {
            await enqueue(records, number, batch)
            if !batch.isComplete && !batch.cancelled { await withCheckedContinuation { batch.waiter = $0 } }
        } onCancel: {
            Task(executorPreference: loop) { await self.cancel(number) }
        }
        if !batch.isComplete { throw .cancelled("send") }
        return batch.settled
    }

    /// The cluster's own id: another one means another (or an emptied) cluster. Asks the brokers for at most `timeout`.
    public func clusterID(within timeout: Duration = .seconds(5)) async throws(KafkaError) -> String {
        guard let client else { throw .closed("cluster id") }
        return try await client.clusterID(within: timeout)
    }

    /// Every topic the cluster shows to us, asked anew; also what makes ``clusterID(within:)`` answer from now.
    public func topics(within timeout: Duration = .seconds(5)) async throws(KafkaError) -> [KafkaTopic] {
        guard let client else { throw .closed("topics") }
        return try await client.topics(within: timeout)
    }

    /// The next offset of each partition: one request per leader. Their topics must exist.
    public func ends(of partitions: [KafkaPartition], within timeout: Duration = .seconds(5)) async throws(KafkaError) -> [KafkaPartition:
        Int64]
    {
        guard let client else { throw .closed("ends") }
        return try await client.ends(of: partitions, within: timeout)
    }

    /// Refuses new records, waits at most so long for the reports of those under way, discards the rest
    /// (their senders get ``KafkaError/Code/purged`` or ``KafkaError/Code/purgedInFlight``, for what was not even queued
    /// ``KafkaError/Code/closed``), and frees the client.
    /// Runs to its end even when the calling task is cancelled.
    public func close(drainingFor patience: Duration = .seconds(10)) async {
        guard let client else { return }
        self.client = nil
        wakeRoomWaiter()
        serving?.cancel()
        await serving?.value
        serving = nil
        await Task(executorPreference: loop) { await self.drain(client, for: patience) }.value
        topics = nil
        for batch in batches.values { batch.giveUpUnqueued(from: 0) }
        await ClientDisposer(consume client).dropElsewhere()
    }
}

// MARK: queueing

extension KafkaProducer {
    private func enqueue(_ records: [KafkaRecord], _ number: UInt32, _ batch: ProducerBatch) async {
        await turn.take()
        defer { turn.pass() }
        for (slot, record) in records.enumerated() {
            let place = ReportSlot(batch: number, slot: UInt32(truncatingIfNeeded: slot))
            while true {
                if batch.cancelled { return }
                guard let client, let topics else { return batch.giveUpUnqueued(from: slot) }
                guard let error = topics.produce(record, place) else { break }
                if error.code != .queueFull {
                    refuse(error, slot, batch, client)
                    break
                }
                await withCheckedContinuation { roomWaiter = $0 }
            }
        }
    }

    private func refuse(_ error: KafkaError, _ slot: Int, _ batch: ProducerBatch, _ client: Client) {
        if error.isFatal { noteFatal(client.fatalError ?? error) }
        failed?.add()
        batch.settle(slot, .failure(error))
    }

    private func freshBatchNumber() -> UInt32 {
        repeat { lastBatch &+= 1 } while lastBatch == 0 || batches[lastBatch] != nil
        return lastBatch
    }

    private func cancel(_ number: UInt32) {
        guard let batch = batches[number] else { return }
        batch.cancelled = true
        batch.wake()
        wakeRoomWaiter()
    }

    private func wakeRoomWaiter() {
        roomWaiter?.resume()
        roomWaiter = nil
    }
}

// MARK: reports

extension KafkaProducer {
    private func startServing() {
        guard serving == nil, let client else { return }
        serving = Task(executorPreference: loop) { [weak self] in
            while !Task.isCancelled {
                await self?.serve(client)
                do { try await client.wait(until: nil) } catch { return }
            }
        }
    }

    /// Everything there is: the descriptor signals only when the queue turns from empty to not empty.
    private func serve(_ client: Client) {
        while let event = client.poll() {
            if event.type == RD_KAFKA_EVENT_DR {
                event.forEachMessage { message, _ in report(message) }
                wakeRoomWaiter()
            } else if let error = client.judge(event) {
                if error.isFatal { noteFatal(error) } else { client.note(error) }
            }
        }
    }

    private func report(_ message: rd_kafka_message_t) {
        let place = ReportSlot(opaque: message._private)
        let partition = KafkaPartition(topics?.name(of: message.rkt) ?? "", message.partition)
        if message.err.rawValue == 0 {
            delivered?.add()
            // Without an answer the library counts up from its mark for "none", and past zero in a large batch.
            let offset = isAcknowledged ? max(-1, message.offset) : -1
            batches[place.batch]?.settle(Int(place.slot), .success(KafkaReceipt(partition: partition, offset: offset)))
        } else {
            failed?.add()
            batches[place.batch]?.settle(Int(place.slot), .failure(KafkaError(message.err, "deliver", partition: partition)))
        }
    }

    private func noteFatal(_ error: KafkaError) {
        guard fatalError == nil else { return }
        fatalError = error
        log.error("producer ended for good", ["error": .string(error.description)])
    }

    private func drain(_ client: Client, for patience: Duration) async {
        await serve(client, until: .now + patience)
        if rd_kafka_outq_len(client.pointer) == 0 { return }
        rd_kafka_purge(client.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        await serve(client, until: .now + .seconds(2))
    }

    private func serve(_ client: Client, until deadline: ContinuousClock.Instant) async {
        while true {
            serve(client)
            if rd_kafka_outq_len(client.pointer) == 0 || ContinuousClock.now >= deadline { return }
            do { try await client.wait(until: deadline) } catch { return }
        }
    }
}
