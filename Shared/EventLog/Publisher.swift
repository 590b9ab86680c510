public import EventLoop
public import Kafka
public import Postgres
import Synchronization
public import Telemetry

/// Produces the stream to Kafka in `pos` order. Any number may run; an advisory lock lets one work at a time, but only to
/// save traffic: two of them would write the same bytes twice, and consumers drop what they have.
///
/// A failed or fatal delivery means: drop the producer, make a new one, go back to the first unacknowledged record.
public final class Publisher: Sendable {
    private let pool: PostgresPool
    private let makeProducer: @Sendable () throws -> KafkaProducer
    private let source: String
    private let wakeUp: Signal
    private let log: Log
    private let published: Counter, failures: Counter
    private let lag: Gauge
    /// Windows handed over by this process's sequencer: read here instead of from the database.
    private let pending = Mutex<[StreamRecord]>([])
    private let caughtUp = Mutex(false)

    /// - Parameter source: the CloudEvents source of this service, `/street/<code>/<service>`.
    public init(
        pool: PostgresPool, source: String, on loop: EventLoop, log: Log, metrics: MetricsRegistry,
        makeProducer: @escaping @Sendable () throws -> KafkaProducer
    ) {
        self.pool = pool
        self.source = source
        self.makeProducer = makeProducer
        self.log = log
        wakeUp = Signal(on: loop)
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
        wakeUp.raise()
    }

    /// Whether all that was sequenced when last looked at has been acknowledged; shutdown waits for it.
    public var isCaughtUp: Bool { caughtUp.withLock { $0 } && pending.withLock { $0.isEmpty } }

    /// Publishes until cancelled.
    public func run() async throws {
        var backOff = BackOff()
        while !Task.isCancelled {
            do {
                try await pool.withConnection { connection in
                    guard try await self.takeLead(connection) else {
                        try await EventLoop.shared.sleep(for: .seconds(1))
                        return
                    }
                    try await self.lead(connection)
                }
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

    private func takeLead(_ connection: PostgresConnection) async throws -> Bool {
        try await connection.query(PublisherQueries.lock) { row in try row["won"] as Bool }.first == true
    }

    private func lead(_ connection: PostgresConnection) async throws {
        let acked = try await connection.query(PublisherQueries.acknowledged) { row in try row["acked_pos"] as Int64 }
        guard var acked = acked.first else { throw EventLogError(.damaged, "publisher_state has no row") }
        let producer = try makeProducer()
        log.info("publishing", ["after": .int(acked)])
        do {
            var saved = acked, savedAt = ContinuousClock.now
            while true {
                let records = try await next(after: acked, connection)
                if records.isEmpty {
                    if saved < acked { try await save(acked, connection) }
                    (saved, savedAt) = (acked, .now)
                    caughtUp.withLock { $0 = true }
                    try await wakeUp.wait(until: .now + Self.poll)
                    continue
                }
                caughtUp.withLock { $0 = false }
                acked = try await deliver(records, producer)
                if ContinuousClock.now - savedAt > .milliseconds(200) {
                    try await save(acked, connection)
                    (saved, savedAt) = (acked, .now)
                }
            }
        } catch {
            await producer.close(drainingFor: .seconds(1))
            throw error
        }
    }

    /// What follows `acked`, from memory where it is there, else from the database.
    private func next(after acked: Int64, _ connection: PostgresConnection) async throws -> [StreamRecord] {
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
        let read = try await connection.query(
            PublisherQueries.next(after: acked, limit: Self.batchSize), as: StreamRecord.self)
        lag.set(Double(read.count))
        return read
    }

    private func deliver(_ records: [StreamRecord], _ producer: KafkaProducer) async throws -> Int64 {
        let results = try await producer.send(records.map { StreamHeaders.record($0, source: source) })
        for (record, result) in zip(records, results) {
            if case .failure(let error) = result {
                log.warning("a record was not acknowledged", ["topic": .string(record.event.topic), "pos": .int(record.pos)])
                throw error
            }
        }
        published.add(records.count)
        return records.last?.pos ?? 0
    }

    private func save(_ acked: Int64, _ connection: PostgresConnection) async throws {
        _ = try await connection.execute(PublisherQueries.save(acked))
    }
}

extension StreamRecord: PostgresRowDecodable {
    public init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(pos: try row["pos"], seq: try row["seq"], hash: try row["h"], event: try CommittedEvent(row: row))
    }
}

enum PublisherQueries {
    /// A session's lock: freed when the connection ends, however it ends.
    static let lock: SQL = "SELECT pg_try_advisory_lock(77, 2) AS won"
    static let acknowledged: SQL = "SELECT acked_pos FROM publisher_state"

    static func next(after pos: Int64, limit: Int) -> SQL {
        """
        SELECT s.pos, s.topic, s.part, s.seq, s.h, o.subject, o.version, o.event_id, o.type, o.time, o.cause, o.trace,
            o.headers, o.payload
        FROM stream s JOIN outbox o ON o.id = s.outbox_id
        WHERE s.pos > \(pos) ORDER BY s.pos LIMIT \(Int64(limit))
        """
    }

    static func save(_ pos: Int64) -> SQL {
        "UPDATE publisher_state SET acked_pos = \(pos) WHERE acked_pos < \(pos)"
    }
}
