import Contracts
import EventLoop
import FoundationEssentials
import JSON
import Kafka
import Postgres
import Telemetry
import TestKit
import Testing

@testable import EventLog

/// What happens to the streams when their database comes back from elsewhere.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct GenerationTests {
    private func sequencer(_ metrics: MetricsRegistry, _ pool: PostgresPool) -> Sequencer {
        Sample.sequencer(pool, metrics: metrics)
    }

    private func drain(_ pool: PostgresPool, _ metrics: MetricsRegistry = MetricsRegistry()) async throws {
        try await Sample.sequence(pool, sequencer(metrics, pool))
    }

    private func emit(_ versions: ClosedRange<Int32>, _ pool: PostgresPool) async throws {
        let outbox = Sample.outbox()
        for version in versions {
            try await pool.transaction { outbox.emit((0..<3).map { Sample.event("s\($0)", version: version, part: Int32($0)) }, in: &$0) }
        }
    }

    private func stored(_ pool: PostgresPool) async throws -> [StreamRecord] {
        try await pool.query(PublisherQueries.next(after: 0, limit: 100_000), as: StreamRecord.self)
    }

    /// Three subjects, each with versions 1…`last`, dense, chained, in order.
    private func check(_ records: [StreamRecord], last: Int32) {
        #expect(records.map(\.pos) == Array(1...Int64(last) * 3))
        var cursors: [Int32: Cursor] = [:]
        for record in records {
            #expect(cursors[record.event.part, default: .start].classify(record, hash: Sample.hash) == .next)
            cursors[record.event.part, default: .start].advance(over: record)
            #expect(Int64(record.event.version) == record.seq, "order within \(record.event.subject)")
        }
    }

    /// Uses up transaction numbers.
    private func pass(_ count: Int, _ pool: PostgresPool) async throws {
        for _ in 0..<count { _ = try await pool.query("SELECT pg_current_xact_id()::text", as: String.self) }
    }

    @Test(.enabled(if: ScratchServer.isAvailable, Comment(rawValue: ScratchServer.reason)))
    func `a restored or promoted database goes on under a new generation: nothing lost, nothing doubled`() async throws {
        try await TemporaryDatabase.withConfiguration(migrations: EventLogMigrations.all) { source in
            try await ScratchServer.with { server in
                let before = try await TemporaryDatabase.withPool(source) { pool in
                    try await pass(300, pool)
                    try await emit(1...10, pool)
                    try await drain(pool)
                    // Committed before the dump and never sequenced there.
                    try await emit(11...15, pool)
                    return try await stored(pool)
                }
                let restored = try await server.restore(source, as: "restored")
                try await TemporaryDatabase.withPool(restored) { pool in
                    let foreign = try await pool.query(
                        "SELECT count(*) FROM outbox WHERE NOT pg_visible_in_snapshot(xid, pg_current_snapshot())", as: Int64.self)
                    #expect((foreign.first ?? 0) > 0, "the dump's transaction numbers lie in this server's future")
                    // Written here before any sequencer came up, with a number below those of the dump.
                    try await emit(16...17, pool)
                    let metrics = MetricsRegistry()
                    try await drain(pool, metrics)
                    var now = try await stored(pool)
                    check(now, last: 17)
                    #expect(Array(now.prefix(before.count)) == before, "what had been published keeps its numbers and hashes")
                    #expect(now.map(\.generation) == Array(repeating: 1, count: 30) + Array(repeating: 2, count: 21))
                    #expect(metrics.counter("shao_generations_begun_total", "").value == 1)
                    // While this server's own numbers pass those of the dump, no row is taken twice or overlooked.
                    for round in 0..<8 as Range<Int32> {
                        try await pass(150, pool)
                        try await emit((18 + round)...(18 + round), pool)
                        try await drain(pool)
                    }
                    now = try await stored(pool)
                    check(now, last: 25)
                    try await emit(26...27, pool)
                }
                try server.failOver()
                try await TemporaryDatabase.withPool(restored) { pool in
                    let metrics = MetricsRegistry()
                    try await drain(pool, metrics)
                    try await emit(28...28, pool)
                    try await drain(pool, metrics)
                    let now = try await stored(pool)
                    check(now, last: 28)
                    #expect(now.suffix(9).map(\.generation) == Array(repeating: 3, count: 9))
                    #expect(metrics.counter("shao_generations_begun_total", "").value == 1)
                }
            }
        }
    }

    @Test func `a sequencer whose server was exchanged behind its back writes nothing with what it knows`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            let metrics = MetricsRegistry()
            let sequencer = sequencer(metrics, pool)
            try await PostgresSequencerStore(pool: pool).session { session in
                var memory: SequencerMemory?
                try await emit(1...2, pool)
                _ = try await sequencer.sequenceOnce(&memory, session)
                try await pool.execute("UPDATE sequencer_state SET timeline = timeline + 1")
                try await emit(3...4, pool)
                _ = try await sequencer.sequenceOnce(&memory, session)
                #expect(memory == nil)
                let written = try await stored(pool)
                #expect(written.count == 6)
                #expect(metrics.counter("shao_sequencer_fenced_total", "").value == 1)
                try await Sample.sequence(sequencer, &memory, session)
                // Another one began a generation, and its windows reached the number this one stands at.
                let kept = memory
                try await pool.execute("UPDATE sequencer_state SET generation = generation + 1")
                try await emit(5...5, pool)
                memory = kept
                _ = try await sequencer.sequenceOnce(&memory, session)
                #expect(metrics.counter("shao_sequencer_fenced_total", "").value == 2)
                try await Sample.sequence(sequencer, &memory, session)
            }
            let records = try await stored(pool)
            check(records, last: 5)
            #expect(records.map(\.generation) == Array(repeating: 1, count: 6) + Array(repeating: 2, count: 6) + [3, 3, 3])
        }
    }

    @Test func `the first window of a generation is worked through page by page, also by another sequencer`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            let outbox = Sample.outbox()
            let count = Sequencer.pageSize * 2 + 7
            try await pool.transaction { outbox.emit((1...count).map { Sample.event("s\($0)", version: 1) }, in: &$0) }
            try await pool.execute("UPDATE sequencer_state SET system_id = system_id - 1")
            let store = PostgresSequencerStore(pool: pool)
            let first = sequencer(MetricsRegistry(), pool)
            try await store.session { session in
                var memory: SequencerMemory?
                let count = try await first.sequenceOnce(&memory, session)
                #expect(count == Sequencer.pageSize)
            }
            try await pool.transaction { outbox.emit([Sample.event("after", version: 1)], in: &$0) }
            try await drain(pool)
            let records = try await stored(pool)
            #expect(records.map(\.seq) == Array(1...Int64(count) + 1))
            #expect(records.last?.event.subject == "after")
            #expect(Set(records.map(\.event.subject)).count == count + 1)
        }
    }

    @Test func `a record may have another key than its subject, on Kafka, over HTTP and in the outbox's bytes`() throws {
        let outbox = Sample.outbox()
        let body = TicketWithdrawn(ticket: Sample.ticket())
        let plain = outbox.prepare(body, version: 1)
        #expect(outbox.prepare(body, key: body.subject, version: 1).headers.isEmpty && plain.headers.isEmpty)
        let event = outbox.prepare(body, topic: Topics.sharedDispatch, key: "well-1", version: 3)
        #expect(event.subject == body.subject && event.part == Topics.sharedDispatch.partition(forKey: "well-1"))
        let record = Sample.stream([event])[0]
        let sent = StreamHeaders.record(record, source: "/street/310106019000/routing")
        #expect(sent.key == Array("well-1".utf8) && sent.partition == event.part && sent.value == body.json)
        func text(_ name: String) -> String? { sent.headers.first { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) } }
        #expect(text("ce_subject") == body.subject && text("ce_partitionkey") == "well-1" && text("ce_sequence") == "0000000003")
        #expect(text("shao-record-key") == nil)
        let message = KafkaMessage(
            topic: sent.topic, partition: event.part, offset: 0, key: sent.key, value: sent.value, headers: sent.headers)
        #expect(try StreamHeaders.parse(message).event.subject == body.subject)
        let page = try JSONReader.decode(StreamPage.self, from: StreamPage(records: [record]).json)
        #expect(StreamHeaders.record(try #require(page.records.first), source: "/x").key == sent.key)
        let framed = try StreamFrames.read(StreamFrames.write([record]), record.partition)
        #expect(framed == [record] && HeaderBytes.read(HeaderBytes.write(event.headers)) == event.headers)
    }

    @Test func `a record's generation travels on Kafka and over HTTP, and is 1 where nobody says`() throws {
        var record = Sample.stream([Sample.event(Sample.ticket().description, version: 1)])[0]
        record.generation = 7
        let sent = StreamHeaders.record(record, source: "/street/310106019000/intake")
        func message(_ headers: [KafkaHeader]) -> KafkaMessage {
            KafkaMessage(topic: sent.topic, partition: 0, offset: 0, key: sent.key, value: sent.value, headers: headers)
        }
        #expect(try StreamHeaders.parse(message(sent.headers)).generation == 7)
        let silent = sent.headers.filter { $0.name != "shao-gen" }
        #expect(try StreamHeaders.parse(message(silent)).generation == 1)
        #expect(throws: EventLogError.self) { try StreamHeaders.parse(message(silent + [KafkaHeader("shao-gen", "0")])) }
        #expect(sent.timestampMs == record.event.time.milliseconds)
        let early = record.event.time.adding(milliseconds: -1)
        #expect(StreamHeaders.record(record, source: "/x", now: early).timestampMs == early.milliseconds, "brokers refuse the future")
        let page = try JSONReader.decode(StreamPage.self, from: StreamPage(records: [record]).json)
        #expect(page.records == [record])
    }
}
