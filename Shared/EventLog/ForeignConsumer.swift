import Contracts
import EventLoop
import FoundationEssentials
import JSON
public import Kafka
public import Postgres
import Synchronization
public import Telemetry

/// A record from outside, taken apart: who sent it, under which id, what it says.
public struct ForeignEvent: Sendable {
    public let topic: String
    /// The sender's CloudEvents source and id: the pair by which repeats are dropped.
    public let source: String, id: String
    /// Short type with its version, `feedback.signed.v1`.
    public let type: String
    public let subject: String?
    /// The record's key.
    public let key: [UInt8]?
    public let trace: TraceContext?
    public let payload: [UInt8]
}

/// Why a record from outside was not taken; becomes the reason on the dead-letter topic.
public struct ForeignRefusal: Error, Sendable {
    /// Stable, `lower-case-with-dashes`.
    public let code: String
    public let text: String
    public init(_ code: String, _ text: String) {
        self.code = code
        self.text = text
    }
}

/// Takes records from topics that others write (`feedback.<dept>.v1`): de-duplicated by source and id, validated, applied;
/// what is refused goes to `<topic>-dlt` with its reason, in the same transaction.
public final class ForeignConsumer: Sendable {
    /// Applies one event, or throws `ForeignRefusal`.
    public typealias Handler = @Sendable (ForeignEvent, inout PostgresTransaction) async throws -> Void

    private let consumer: KafkaConsumer
    private let pool: PostgresPool
    private let group: String
    private let outbox: Outbox
    private let handle: Handler
    private let log: Log
    private let accepted: Counter, refused: Counter, repeated: Counter
    private let troubleText = Mutex<String?>(nil)

    public init(
        consumer: KafkaConsumer, group: String, pool: PostgresPool, outbox: Outbox, log: Log, metrics: MetricsRegistry,
        handle: @escaping Handler
    ) {
        self.consumer = consumer
        self.group = group
        self.pool = pool
        self.outbox = outbox
        self.handle = handle
        self.log = log
        accepted = metrics.counter("shao_foreign_accepted_total", "Records from outside that were applied.")
        refused = metrics.counter("shao_foreign_refused_total", "Records from outside that went to a dead-letter topic.")
        repeated = metrics.counter("shao_foreign_repeated_total", "Records from outside that had come before.")
    }

    /// Why this consumer does not go on; nil when all is well.
    public var trouble: String? { troubleText.withLock { $0 } }

    /// Takes records until the consumer is closed or the task cancelled.
    public func run() async throws {
        var backOff = BackOff()
        while !Task.isCancelled {
            guard let batch = try await pull(&backOff) else { return }
            for message in batch {
                while !Task.isCancelled {
                    do {
                        try await take(message)
                        troubleText.withLock { $0 = nil }
                        backOff.reset()
                        break
                    } catch is CancellationError {
                        return
                    } catch {
                        troubleText.withLock { $0 = "\(error)" }
                        log.warning("a record from outside was not applied, trying again", ["error": "\(error)"])
                        try await backOff.pause()
                    }
                }
            }
            if !batch.isEmpty { try await consumer.store(batch) }
        }
    }

    private func pull(_ backOff: inout BackOff) async throws -> KafkaBatch? {
        do {
            return try await consumer.nextBatch(until: .now + .seconds(5))
        } catch {
            if error.isFatal || error.code == .cancelled { throw error }
            let trouble = "\(error)"
            troubleText.withLock { $0 = trouble }
            log.warning("Kafka could not be read, trying again", ["error": "\(error)"])
            try await backOff.pause()
            return KafkaBatch([])
        }
    }

    func take(_ message: KafkaMessage) async throws {
        let parsed = Result { () throws(ForeignRefusal) in try Self.parse(message) }
        do {
            let event = try parsed.get()
            try await pool.transaction { transaction in
                let new = try await transaction.query(ForeignQueries.remember(event)) { row in try row["id"] as String }
                guard !new.isEmpty else {
                    self.repeated.add()
                    return
                }
                try await TraceContext.$current.withValue(event.trace) { try await self.handle(event, &transaction) }
            }
            accepted.add()
        } catch let refusal as ForeignRefusal {
            try await refuse(message, refusal, remembering: try? parsed.get())
        }
    }

    private func refuse(_ message: KafkaMessage, _ refusal: ForeignRefusal, remembering event: ForeignEvent?) async throws {
        refused.add()
        log.notice(
            "a record from outside was refused",
            ["topic": .string(message.topic), "offset": .int(message.offset), "code": .string(refusal.code)])
        let letter = DeadLetter(message: message, group: group, refusal: refusal)
        let outbox = outbox
        try await pool.transaction { transaction in
            if let event {
                let new = try await transaction.query(ForeignQueries.remember(event)) { row in try row["id"] as String }
                guard !new.isEmpty else { return }
            }
            outbox.emit([outbox.prepare(letter)], in: &transaction)
        }
    }

    /// CloudEvents, binary or structured. Throws what is wrong with it.
    static func parse(_ message: KafkaMessage) throws(ForeignRefusal) -> ForeignEvent {
        guard let payload = message.value, !payload.isEmpty else {
            throw ForeignRefusal("no-data", "a feedback record must have a value")
        }
        let headers = message.headers.map { (name: $0.name, value: $0.value ?? []) }
        do {
            let (event, data) = try CloudEvent.parse(headers: headers, value: payload)
            // Postgres' text cannot hold NUL; nobody's id needs it.
            guard !"\(event.source)\(event.id)\(event.subject ?? "")".utf8.contains(0) else {
                throw ForeignRefusal("not-a-cloud-event", "an attribute has a NUL character")
            }
            return ForeignEvent(
                topic: message.topic, source: event.source, id: event.id, type: event.shortType, subject: event.subject,
                key: message.key, trace: event.traceparent.flatMap { TraceContext(traceparent: $0) }, payload: data)
        } catch let refusal as ForeignRefusal {
            throw refusal
        } catch {
            throw ForeignRefusal("not-a-cloud-event", "\(error)")
        }
    }
}

enum ForeignQueries {
    static func remember(_ event: ForeignEvent) -> SQL {
        """
        INSERT INTO foreign_seen (source, id) VALUES (\(event.topic + " " + event.source), \(event.id))
        ON CONFLICT DO NOTHING RETURNING id
        """
    }
}

/// A refused record for `<topic>-dlt`: key, value and headers as they came, and why (names that Spring's consumers know).
struct DeadLetter {
    let message: KafkaMessage
    let group: String
    let refusal: ForeignRefusal

    var headers: [RecordHeader] {
        func text(_ value: String) -> [UInt8] { Array(value.utf8) }
        func bytes(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
        return message.headers.map { RecordHeader(name: $0.name, value: $0.value ?? []) } + [
            RecordHeader(name: "kafka_dlt-original-topic", value: text(message.topic)),
            RecordHeader(name: "kafka_dlt-original-partition", value: bytes(message.partition)),
            RecordHeader(name: "kafka_dlt-original-offset", value: bytes(message.offset)),
            RecordHeader(name: "kafka_dlt-original-timestamp", value: bytes(message.timestampMs ?? 0)),
            RecordHeader(name: "kafka_dlt-original-consumer-group", value: text(group)),
            RecordHeader(name: "kafka_dlt-exception-fqcn", value: text(refusal.code)),
            RecordHeader(name: "kafka_dlt-exception-message", value: text(refusal.text)),
            RecordHeader(name: "dlt-reason", value: text("\(refusal.code): \(refusal.text)")),
        ]
    }
}

extension Outbox {
    func prepare(_ letter: DeadLetter) -> CommittedEvent {
        let message = letter.message
        return event(
            topic: message.topic + "-dlt", part: 0,
            subject: String(decoding: (message.key ?? Array("-".utf8)).filter { $0 != 0 }, as: UTF8.self), version: 1, type: "dead.letter.v1",
            headers: letter.headers, payload: message.value ?? [])
    }
}
