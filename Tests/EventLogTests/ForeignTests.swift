import Contracts
import Kafka
import Telemetry
import TestKit
import Testing

@testable import EventLog
@testable import Postgres

/// Records from outside: nobody's mistake may hold up the others'.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct ForeignTests {
    private func message(_ id: String, at offset: Int64) -> KafkaMessage {
        let event = CloudEvent(
            id: id, source: "/departments/gas", type: CloudEvent.typePrefix + "feedback.signed.v1", subject: "d",
            time: Timestamp(milliseconds: 1_795_000_000_000), partitionKey: "d", sequence: 1)
        return KafkaMessage(
            topic: "feedback.gas.v1", partition: 0, offset: offset, key: Array("d".utf8), value: Array("{}".utf8),
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
            HeaderBytes.read(bytes).first { $0.name == "kafka_dlt-exception-fqcn" }.map { String(decoding: $0.value, as: UTF8.self) } ?? "-"
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

    @Test func `what passes by itself is tried again and is no dead letter`() async throws {
        try await TemporaryDatabase.with(migrations: ConsumerWorld.migrations) { pool in
            let consumer = consumer(pool) { _, _ in throw PostgresError(.server, "disk full", sqlState: "53100") }
            await #expect(throws: PostgresError.self) { try await consumer.take(message("a", at: 0)) }
            let letters = try await letters(pool)
            #expect(letters == [])
        }
    }
}
