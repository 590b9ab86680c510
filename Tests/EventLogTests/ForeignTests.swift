import Contracts
import Kafka
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import EventLog
@testable import Postgres

/// Records from outside: nobody's mistake may hold up the others'.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct ForeignTests {
    private func message(_ id: String, at offset: Int64, _ value: String = "{}", trace: String? = nil) -> KafkaMessage {
        let event = CloudEvent(
            id: id, source: "/departments/gas", type: CloudEvent.typePrefix + "feedback.signed.v1", subject: "d",
            time: Timestamp(milliseconds: 1_795_000_000_000), partitionKey: "d", sequence: 1, traceparent: trace)
        return KafkaMessage(
            topic: "feedback.gas.v1", partition: 0, offset: offset, key: Array("d".utf8), value: Array(value.utf8),
            headers: event.headers.map { KafkaHeader($0.name, $0.value) })
    }

    private func consumer(_ pool: PostgresPool, _ handle: @escaping ForeignConsumer.Handler) -> ForeignConsumer {
        ForeignConsumer(
            feed: SilentFeed(), group: "g", pool: pool, outbox: Sample.outbox(), pace: LoopPace(), log: Log("test", sink: LogTape()),
            metrics: MetricsRegistry(), handle: handle)
    }

    private func letters(_ pool: PostgresPool) async throws -> [String] {
        let headers = try await pool.query("SELECT headers FROM outbox WHERE topic = 'feedback.gas.v1-dlt' ORDER BY id", as: [UInt8].self)
        return headers.map { bytes in
            HeaderBytes.read(bytes).first { $0.name == "kafka_dlt-exception-fqcn" }.map { String(decoding: $0.value ?? [], as: UTF8.self) }
                ?? "-"
        }
    }

    @Test func `a record whose handler fails for good becomes a dead letter once, and the next is taken`() async throws {
        try await TemporaryDatabase.with(migrations: ConsumerWorld.migrations) { pool in
            let consumer = consumer(pool) { event, transaction in
                if event.id == "broken" { try await transaction.execute("SELECT 1 / 0") }
                transaction.enqueue("INSERT INTO heard (subject, version) VALUES (\(event.id), 1)")
            }
            for (offset, id) in ["a", "broken", "broken", "b"].enumerated() { try await consumer.take(message(id, at: Int64(offset))) }
            let letters = try await letters(pool)
            #expect(letters == ["handler-failed"])
            let heard = try await pool.query("SELECT subject FROM heard ORDER BY n", as: String.self)
            #expect(heard == ["a", "b"])
        }
    }

    @Test func `a word that was refused and comes again put right is taken, under the same id`() async throws {
        try await TemporaryDatabase.with(migrations: ConsumerWorld.migrations) { pool in
            let isSigned = Mutex(false)
            let consumer = consumer(pool) { event, transaction in
                guard event.payload == Array("{}".utf8) else { throw ForeignRefusal("invalid", "an unknown member") }
                guard isSigned.withLock({ $0 }) else { throw ForeignRefusal("not-signed", "sign first") }
                transaction.enqueue("INSERT INTO heard (subject, version) VALUES (\(event.id), 1)")
            }
            try await consumer.take(message("a", at: 0, #"{"more":1}"#))
            try await consumer.take(message("a", at: 1))
            isSigned.withLock { $0 = true }
            try await consumer.take(message("a", at: 2))
            try await consumer.take(message("a", at: 3))
            let heard = try await pool.query("SELECT subject FROM heard ORDER BY n", as: String.self)
            #expect(heard == ["a"], "taken once")
            #expect(try await letters(pool) == ["invalid", "not-signed"])
        }
    }

    @Test func `the same record refused for the same reason has one letter, however often and wherever it comes`() async throws {
        try await TemporaryDatabase.with(migrations: ConsumerWorld.migrations) { pool in
            let consumer = consumer(pool) { event, _ in throw ForeignRefusal(event.id == "later" ? "other" : "not-signed", "sign first") }
            let malformed = KafkaMessage(topic: "feedback.gas.v1", partition: 2, offset: 7, key: nil, value: Array("{".utf8))
            for offset in 0..<20 as Range<Int64> {
                let trace = "00-0af7651916cd43dd8448eb211c8031\(offset + 10)-b7ad6b7169203331-01"
                try await consumer.take(message("a", at: offset, trace: trace))
                try await consumer.take(malformed)
            }
            try await consumer.take(message("a", at: 99, " {}"))
            #expect(try await letters(pool) == ["not-signed", "not-a-cloud-event", "not-signed"], "other bytes are another record")
        }
    }

    @Test func `what passes by itself is tried again and is no dead letter`() async throws {
        try await TemporaryDatabase.with(migrations: ConsumerWorld.migrations) { pool in
            let consumer = consumer(pool) { _, _ in throw PostgresError(.server, "disk full", sqlState: "53100") }
            await #expect(throws: PostgresError.self) { try await consumer.take(message("a", at: 0)) }
            let letters = try await letters(pool)
            #expect(letters == [])
        }
    }
}
