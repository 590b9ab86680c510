import Synchronization
package import Telemetry

/// Produces the stream to Kafka in `pos` order. Any number may run; an advisory lock lets one work at a time, but only to
/// save traffic: two of them would write the same bytes twice, and consumers drop what they have.
///
/// A failed or fatal delivery means: drop the producer, make a new one, go back to the first unacknowledged record.
public final class Publisher: Sendable {
    private let store: any PublisherStore
    private let makeSink: @Sendable () throws -> any RecordSink
    private let pace: any Pace
    private let wakeUp: any Bell
    private let log: Log
    private let published: Counter, failures: Counter
    private let lag: Gauge
    /// Windows handed over by this process's sequencer: read here instead of from the database.
    private let pending = Mutex<[StreamRecord]>([])
    private let caughtUp = Mutex(false)

    /// - Parameter makeSink: a new session with the broker, after each failure another.
    package init(
        store: any PublisherStore, pace: any Pace = LoopPace(), log: Log, metrics: MetricsRegistry,
        makeSink: @escaping @Sendable () throws -> any RecordSink
    ) {
        self.store = store
        self.makeSink = makeSink
        self.pace = pace
        self.log = log
        wakeUp = pace.bell()
        published = metrics.counter("shao_published_total", "Records that the broker acknowledged.")
        failures = metrics.counter("shao_publish_failures_total", "Batches of which a record was not acknowledged.")
        lag = metrics.gauge("shao_publish_lag", "Records sequenced but not acknowledged by the broker, as last seen.")
    }

    /// A window from the sequencer beside this publisher.
    public func accept(_ records: [StreamRecord]) {
        pending.withLock { pending in
            if pending.count + records.count > Self.memoryLimit { pending = [] }
            if let last = pending.last, let first = records.first, last.pos + 1 != first.pos { pending = [] }
            pending.append(contentsOf: records)
        }
        wakeUp.ring()
    }

    /// Whether all that was sequenced when last looked at has been acknowledged; shutdown waits for it.
    public var isCaughtUp: Bool { caughtUp.withLock { $0 } && pending.withLock { $0.isEmpty } }

    /// Publishes until cancelled.
    public func run() async throws {
        var backOff = BackOff(pace)
        while !Task.isCancelled {
            do {
                if try await !store.lead(lead) { try await pace.pause(for: .seconds(1)) }
                backOff.reset()
            } catch is CancellationError {
                return
            } catch {
                failures.add()
                caughtUp.withLock { $0 = false }
                log.warning("publishing failed, going back to the last acknowledged record", ["error": "\(error)"])
                try await backOff.pause()
            }
        }
    }

    private static let memoryLimit = 20_000
    private static let batchSize = 2000
    /// How soon records sequenced by another replica are noticed.
    private static let poll = Duration.milliseconds(100)

    private func lead(_ session: any PublisherSession) async throws {
        var acked = try await session.acknowledged()
        CrashPoint.pass(.publisherAfterLead)
        let sink = try makeSink()
        log.info("publishing", ["after": .int(acked)])
        do {
            var saved = acked, savedAt = pace.elapsed()
            while true {
                let records = try await next(after: acked, session)
                if records.isEmpty {
                    if saved < acked {
                        CrashPoint.pass(.publisherBeforeSave)
                        try await session.save(acknowledged: acked)
                        CrashPoint.pass(.publisherAfterSave)
                    }
                    (saved, savedAt) = (acked, pace.elapsed())
                    caughtUp.withLock { $0 = true }
                    try await wakeUp.wait(atMost: Self.poll)
                    continue
                }
                caughtUp.withLock { $0 = false }
                CrashPoint.pass(.publisherBeforeProduce)
                acked = try await deliver(records, sink)
                CrashPoint.pass(.publisherAfterProduce)
                if pace.elapsed() - savedAt > .milliseconds(200) {
                    try await session.save(acknowledged: acked)
                    (saved, savedAt) = (acked, pace.elapsed())
                }
            }
        } catch {
            await sink.close(drainingFor: .seconds(1))
            throw error
        }
    }

    /// What follows `acked`, from memory where it is there, else from the database.
    private func next(after acked: Int64, _ session: any PublisherSession) async throws -> [StreamRecord] {
        let taken = pending.withLock { pending -> [StreamRecord] in
            guard let first = pending.first, let last = pending.last, last.pos > acked else {
                pending = []
                return []
            }
            guard first.pos <= acked + 1 else { return [] }
            let known = Int(acked + 1 - first.pos)
            let batch = Array(pending.dropFirst(known).prefix(Self.batchSize))
            pending.removeFirst(known + batch.count)
            return batch
        }
        if !taken.isEmpty { return taken }
        let read = try await session.next(after: acked, limit: Self.batchSize)
        lag.set(Double(read.count))
        return read
    }

    private func deliver(_ records: [StreamRecord], _ sink: any RecordSink) async throws -> Int64 {
        for (record, result) in zip(records, try await sink.send(records)) {
            if case .failure(let error) = result {
                log.warning("a record was not acknowledged", ["topic": .string(record.event.topic), "pos": .int(record.pos)])
                throw error
            }
        }
        published.add(records.count)
        return records.last?.pos ?? 0
    }
}
