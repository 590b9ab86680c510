import Kafka
public import Postgres
import Synchronization
public import Telemetry

/// Takes records from topics that others write (`feedback.<dept>.v1`): validated, applied, and de-duplicated by source and id. Only what was
/// taken is remembered: what was refused is judged anew when it comes again, put right or at a better time. It goes to `<topic>-dlt`
/// with its reason, once for each reason however often the same record comes.
public final class ForeignConsumer: Sendable {
    /// Applies one event, or throws `ForeignRefusal`.
    public typealias Handler = @Sendable (ForeignEvent, inout PostgresTransaction) async throws -> Void

    private let feed: any RecordFeed
    private let pool: PostgresPool
    private let group: String
    private let outbox: Outbox
    private let pace: any Pace
    private let handle: Handler
    private let log: Log
    private let accepted: Counter, refused: Counter, repeated: Counter
    private let state = Mutex<(trouble: String?, feed: String?)>((nil, nil))

    public init(
        feed: any RecordFeed, group: String, pool: PostgresPool, outbox: Outbox, pace: any Pace, log: Log,
        metrics: MetricsRegistry, handle: @escaping Handler
    ) {
        self.feed = feed
        self.group = group
        self.pool = pool
        self.outbox = outbox
        self.pace = pace
        self.handle = handle
        self.log = log
        accepted = metrics.counter("shao_foreign_accepted_total", "Records from outside that were applied.")
        refused = metrics.counter("shao_foreign_refused_total", "Records from outside that went to a dead-letter topic.")
        repeated = metrics.counter("shao_foreign_repeated_total", "Records from outside that had come before, taken or refused.")
    }

    /// Why this consumer does not go on; nil when all is well.
    public var trouble: String? { state.withLock { $0.trouble } }

    /// What an operator should know though nothing is lost by it; nil when there is nothing.
    public var remark: String? { state.withLock { $0.feed.map { "Kafka: \($0)" } } }

    /// Takes records until the feed is closed or the task cancelled.
    public func run() async throws {
        do { try await loop() } catch {}
    }

    private func loop() async throws(CancellationError) {
        var reader = FeedReader(feed, pace: pace, log: log)
        while !Task.isCancelled {
            guard let batch = try await reader.next(within: .seconds(5)) else { return }
            let refusal = reader.trouble
            state.withLock { $0.feed = refusal }
            for message in batch.messages { try await takeForSure(message) }
            if !batch.messages.isEmpty { await feed.done(with: batch) }
        }
    }

    private func takeForSure(_ message: KafkaMessage) async throws(CancellationError) {
        var backOff = BackOff(pace)
        while true {
            if Task.isCancelled { throw CancellationError() }
            do {
                try await take(message)
                return state.withLock { $0.trouble = nil }
            } catch let cancelled as CancellationError {
                throw cancelled
            } catch {
                state.withLock { $0.trouble = "\(error)" }
                log.warning("a record from outside was not applied, trying again", ["error": "\(error)"])
                try await backOff.pause()
            }
        }
    }

    /// Applies or refuses the record. Throws only what may succeed a moment later.
    func take(_ message: KafkaMessage) async throws {
        do {
            try await apply(try ForeignEvent(message))
        } catch let refusal as ForeignRefusal {
            try await refuse(message, refusal)
        } catch  where FailureClass(of: error) == .lasting {
            // It would fail again for ever, and everything behind it with it.
            try await refuse(message, ForeignRefusal("handler-failed", "\(error)"))
        }
    }

    private func apply(_ event: ForeignEvent) async throws {
        let isNew = try await pool.transaction { transaction in
            let new = try await transaction.query(ForeignQueries.remember(event)) { row in try row["id"] as String }
            guard !new.isEmpty else { return false }
            try await TraceContext.$current.withValue(event.trace) { try await self.handle(event, &transaction) }
            CrashPoint.pass(.foreignBeforeCommit)
            return true
        }
        CrashPoint.pass(.foreignAfterCommit)
        (isNew ? accepted : repeated).add()
    }

    private func refuse(_ message: KafkaMessage, _ refusal: ForeignRefusal) async throws {
        let letter = DeadLetter(message: message, group: group, refusal: refusal)
        let outbox = outbox
        let isNew = try await pool.transaction { transaction in
            let new = try await transaction.query(ForeignQueries.refuse(letter.fingerprint)) { row in try row["hash"] as [UInt8] }
            guard !new.isEmpty else { return false }
            outbox.emit([outbox.prepare(letter)], in: &transaction)
            transaction.enqueue(ForeignQueries.forgetRefused)
            CrashPoint.pass(.foreignMidRefusal)
            return true
        }
        (isNew ? refused : repeated).add()
        guard isNew else { return }
        log.notice(
            "a record from outside was refused",
            ["topic": .string(message.topic), "offset": .int(message.offset), "code": .string(refusal.code)])
    }
}

enum ForeignQueries {
    static func remember(_ event: ForeignEvent) -> SQL {
        """
        INSERT INTO foreign_seen (source, id) VALUES (\(event.topic + " " + event.source), \(event.id))
        ON CONFLICT DO NOTHING RETURNING id
        """
    }

    static func refuse(_ hash: [UInt8]) -> SQL {
        "INSERT INTO foreign_refused (hash) VALUES (\(hash)) ON CONFLICT DO NOTHING RETURNING hash"
    }

    /// As long as the letters are kept.
    static let forgetRefused: SQL = "DELETE FROM foreign_refused WHERE at < now() - interval '30 days'"
}
