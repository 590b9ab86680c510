import Contracts
import Crypto
import EventLoop
import Foundation
import Postgres
import Telemetry
import TestKit
import Testing

@testable import EventLog

/// Partitions made ahead, closed ranges in files, and what is thrown away when.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct ArchiveTests {
    private static let topic = ArchiveWorld.topic

    private func world(_ body: (ArchiveWorld) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "shao-archive-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all, poolSize: 6) { pool in
            try await ArchiveWorld.shorten(pool)
            // By a role that owns nothing, as services do.
            var serving = pool.configuration
            serving.conninfo = try await ServingRole.grant(EventLogMigrations.rights, in: serving, conninfo: serving.conninfo)
            try await TemporaryDatabase.withPool(serving) { try await body(ArchiveWorld(pool: $0, folder: folder)) }
        }
    }

    @Test func `a payload of some kilobytes stays in its row as it is, in parts made later too`() async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all) { pool in
            try await pool.execute("SELECT make_log_partition('outbox', 9000000, 9000010)")
            for first in ["1", "9000000"] {
                try await pool.execute("SELECT setval(pg_get_serial_sequence('outbox', 'id'), \(first)::bigint, false)")
                let payload = Array(String(repeating: "路灯不亮", count: 400).utf8)
                var event = Sample.event("a", version: 1)
                event.payload = payload
                try await pool.execute(OutboxQueries.insert(OutboxRows([event])))
                let sizes = try await pool.query("SELECT pg_column_size(payload) FROM outbox WHERE id = \(first)::bigint", as: Int32.self)
                #expect(sizes.allSatisfy { $0 >= payload.count } && sizes.count == 1)
            }
            let toast = try await pool.query(
                "SELECT sum(pg_relation_size(c.reltoastrelid))::bigint FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE inhparent = 'outbox'::regclass AND c.reltoastrelid <> 0",
                as: Int64.self)
            #expect(toast == [0])
        }
    }

    @Test func `tables of version 1 become the first partitions: no row is lost, no number given twice`() async throws {
        let before = EventLogMigrations.all.filter { $0.version < 4 }
        try await TemporaryDatabase.with(migrations: before) { pool in
            let outbox = Sample.outbox()
            func emit(_ versions: ClosedRange<Int32>) async throws {
                try await pool.transaction { transaction in
                    for version in versions { outbox.emit([Sample.event("a", version: version)], in: &transaction) }
                }
            }
            func stored() async throws -> [StreamRecord] {
                try await pool.query(PublisherQueries.next(after: 0, limit: 1000), as: StreamRecord.self)
            }
            let world = ArchiveWorld(pool: pool, folder: "/nowhere")
            try await emit(1...20)
            // As a program of then numbered them.
            for statement in [
                "INSERT INTO stream (pos, topic, part, seq, h, outbox_id) SELECT id, topic, part, id, decode(lpad(to_hex(id), 32, '0'), 'hex'), id FROM outbox",
                "INSERT INTO stream_head SELECT topic, part, seq, h FROM stream WHERE pos = 20",
                "UPDATE sequencer_state SET version = 1, pos = 20, snapshot = pg_current_snapshot()",
            ] as [SQL] { try await pool.execute(statement) }
            let old = try await stored()
            try await emit(21...30)
            try await Migrator(pool, EventLogMigrations.all, log: Log("test", level: .error)).migrate()
            try await emit(31...40)
            try await world.sequence()
            let now = try await stored()
            #expect(Array(now.prefix(20)) == old)
            #expect(now.map(\.event.version) == Array(1...40))
            #expect(now.map(\.seq) == Array(1...40))
            let ids = try await pool.query("SELECT id FROM outbox ORDER BY id", as: Int64.self)
            #expect(Set(ids).count == 40)
            let tables = try await world.tables()
            #expect(tables.count == 6)
        }
    }

    @Test func `partitions are there before the numbers are`() async throws {
        try await world { world in
            try await world.emit(1...120)
            let edges = try await world.pool.query(ArchiveQueries.edges, as: PartitionEdge.self)
            for edge in edges { #expect(edge.upper >= edge.current + 100) }
            #expect(world.keeper().trouble == nil)
            let count = try await world.pool.query("SELECT count(*) FROM stream", as: Int64.self)
            #expect(count == [360])
        }
    }

    @Test func `a new consumer reads the whole history after its first half was archived and dropped`() async throws {
        try await world { world in
            try await world.emit(1...150)
            let before = try await world.histories()
            try await world.published(upTo: 450)
            try await world.archiveAll()
            try await world.heard("routing", upTo: 90)
            try await world.keeper().trim()
            var tables = try await world.tables()
            #expect(!tables.contains("outbox_0") && !tables.contains("stream_0") && !tables.contains("outbox_100"))
            #expect(tables.contains("outbox_200") && tables.contains("stream_200"), "routing still needs them")
            var now = try await world.histories()
            #expect(now == before)
            #expect(now.map(\.count) == [150, 150, 150])
            try await world.heard("routing", upTo: 150)
            try await world.keeper().trim()
            tables = try await world.tables()
            #expect(!tables.contains("outbox_300") && !tables.contains("stream_300"))
            now = try await world.histories()
            #expect(now == before)
            let rows = try await world.pool.query("SELECT count(*) FROM outbox", as: Int64.self)
            #expect(rows == [51])
        }
    }

    @Test func `a partition that falls silent keeps its head when its last rows are thrown away`() async throws {
        try await world { world in
            try await world.emit(1...90)
            let partition = StreamPartition(topic: Self.topic, part: 1)
            let last = try #require(try await world.history(1).last)
            func heads() async throws -> [StreamHead] { try await world.store.heads(of: [Self.topic]) }
            func verdict() async throws -> [AuditVerdict] {
                let cursor = AuditedCursor(partition, Cursor(seq: last.seq, hash: last.hash))
                return try await HistoryStore(pool: world.pool).judge(AuditQuestion(consumer: nil, cursors: [cursor]))
            }
            let outbox = Sample.outbox()
            for version in 91...300 as ClosedRange<Int32> {
                if version % 10 == 1 { try await world.keeper().makeAhead() }
                try await world.pool.transaction { outbox.emit([Sample.event("s0", version: version, part: 0)], in: &$0) }
            }
            try await world.sequence()
            let before = try await heads()
            #expect(before.map(\.seq) == [300, 90, 90])
            try await world.published(upTo: 1000)
            try await world.heard("routing", upTo: 300)
            try await world.archiveAll()
            try await world.keeper().trim()
            #expect(try await world.pool.query("SELECT count(*) FROM stream WHERE part = 1", as: Int64.self) == [0])
            #expect(try await heads() == before)
            #expect(try await verdict() == [.equal])
            try await world.pool.transaction { outbox.emit([Sample.event("s1", version: 91, part: 1)], in: &$0) }
            try await world.sequence()
            let history = try await world.history(1)
            #expect(history.map(\.seq) == Array(1...91))
            #expect(Cursor(seq: 90, hash: last.hash).classify(try #require(history.last), hash: Sample.hash) == .next)
        }
    }

    @Test func `nothing is dropped that a consumer, the publisher, the kept time or an open transaction still needs`() async throws {
        try await world { world in
            try await world.emit(1...90)
            let all = try await world.tables()
            func unchanged(_ why: Comment, archiving: Bool = true, keeping: Duration = .zero) async throws {
                try await world.keeper(archiving: archiving, keeping: keeping).trim()
                let tables = try await world.tables()
                #expect(tables == all, why)
            }
            try await world.published(upTo: 270)
            try await world.heard("routing", upTo: 90)
            try await unchanged("nothing is archived")
            try await world.archiveAll()
            try await unchanged("there is no archive", archiving: false)
            try await unchanged("events are kept for a year", keeping: .seconds(365 * 86_400))
            try await world.published(upTo: 98)
            try await unchanged("the publisher is not past them")
            try await world.published(upTo: 270)
            try await world.heard("voting", upTo: 90, parts: 0..<2)
            try await unchanged("voting has told nothing of one partition")
            try await world.heard("voting", upTo: 32)
            try await unchanged("voting is not past them")
            try await world.heard("voting", upTo: 90)
            try await world.pool.transaction { open in
                try await open.execute(
                    "INSERT INTO outbox (topic, part, subject, version, event_id, type, time, payload) OVERRIDING SYSTEM VALUE SELECT topic, part, subject, version, event_id, type, time, payload FROM outbox LIMIT 1"
                )
                try await unchanged("somebody is writing")
            }
            try await world.keeper().trim()
            let tables = try await world.tables()
            #expect(!tables.contains("outbox_0") && !tables.contains("stream_100"))
        }
    }

    @Test func `an event that was committed late keeps its partition until it has its number`() async throws {
        try await world { world in
            try await world.keeper().makeAhead()
            let late = try await world.pool.withConnection { connection in
                try await connection.execute("BEGIN")
                try await connection.execute(OutboxQueries.insert(OutboxRows([Sample.event("late", version: 1, part: 0)])))
                try await world.emit(1...90)
                try await connection.execute("COMMIT")
                return true
            }
            #expect(late)
            try await world.published(upTo: 1000)
            try await world.archiveAll()
            try await world.keeper().trim()
            let tables = try await world.tables()
            #expect(tables.contains("outbox_0"), "it has no number yet")
            #expect(tables.contains("stream_0"), "its neighbours' numbers would be given a second time")
            try await world.sequence()
            let history = try await world.history(0)
            #expect(history.last?.event.subject == "late")
            #expect(history.count == 91)
        }
    }

    @Test func `an archive whose bytes have changed, or whose history does not continue, lets nothing go`() async throws {
        try await world { world in
            try await world.emit(1...90)
            try await world.published(upTo: 270)
            try await world.archiveAll()
            let all = try await world.tables()
            let part = try #require(
                try await world.pool.query(ArchiveQueries.part(StreamPartition(topic: Self.topic, part: 1), 5), as: ArchivedPart.self).first
            )
            let path = world.folder + "/" + part.file
            let good = try #require(FileManager.default.contents(atPath: path))
            var bad = good
            bad[bad.count / 2] ^= 1
            try bad.write(to: URL(filePath: path))
            await #expect(throws: EventLogError.self) { try await world.keeper().trim() }
            let tables = try await world.tables()
            #expect(tables == all)
            // Other content with a digest to match: the chain of hashes tells.
            let text = String(decoding: good, as: UTF8.self)
            let forged = Array(text.replacingOccurrences(of: "\"version\":4", with: "\"version\":5").utf8)
            try Data(forged).write(to: URL(filePath: path))
            var claim = part
            (claim.bytes, claim.sha256) = (Int64(forged.count), SHA256.hash(forged))
            #expect(throws: EventLogError.self) { try ArchiveFolder(world.folder).verify(claim, Sample.hash) }
            try good.write(to: URL(filePath: path))
            try ArchiveFolder(world.folder).verify(part, Sample.hash)
            try await world.keeper().trim()
            let trimmed = try await world.tables()
            #expect(trimmed.count < all.count)
        }
    }

    @Test func `a generation that begins after a trim numbers nothing twice`() async throws {
        try await world { world in
            try await world.emit(1...100)
            try await world.published(upTo: 300)
            try await world.archiveAll()
            try await world.keeper().trim()
            let before = try await world.histories()
            try await world.pool.execute("UPDATE sequencer_state SET timeline = timeline + 1")
            try await world.emit(101...110)
            let now = try await world.histories()
            #expect(now.map { Array($0.prefix(100)) } == before)
            #expect(now.map { $0.map { Int64($0.event.version) } } == Array(repeating: Array(1...110), count: 3))
            #expect(now[0].last?.generation == 2)
        }
    }

    @Test func `the window reads indexes only, and no row of outbox and stream is ever changed`() async throws {
        try await world { world in
            try await world.emit(1...200)
            try await world.pool.withConnection { connection in
                try await connection.execute("SET enable_seqscan = off")
                let memory = try await PostgresSequencerSession(connection: connection).load()
                let plan = try await connection.query(
                    "EXPLAIN (ANALYZE, COSTS OFF) \(SequencerQueries.window(memory.state, limit: 2000))", as: String.self)
                #expect(plan.filter { $0.contains("Seq Scan") }.isEmpty, "\(plan.joined(separator: "\n"))")
                #expect(plan.contains { $0.contains("_xid_idx") })
                let next = try await connection.query(
                    "EXPLAIN (ANALYZE, COSTS OFF) \(PublisherQueries.next(after: 590, limit: 2000))", as: String.self)
                #expect(!next.contains { $0.contains("Seq Scan") || $0.contains("stream_0") }, "\(next.joined(separator: "\n"))")
                #expect(next.contains { $0.contains("outbox_0") && $0.contains("never executed") })
            }
            await eventually("the statistics have arrived") {
                let counts = try await world.pool.query(
                    """
                    SELECT coalesce(sum(n_tup_ins), 0)::bigint FROM pg_stat_user_tables WHERE relname ~ '^(outbox|stream)_[0-9]+$'
                    """, as: Int64.self)
                return (counts.first ?? 0) >= 1200
            }
            let dead = try await world.pool.query(
                """
                SELECT coalesce(sum(n_tup_upd + n_tup_del + n_dead_tup), 0)::bigint FROM pg_stat_user_tables WHERE relname ~ '^(outbox|stream)_[0-9]+$'
                """, as: Int64.self)
            #expect(dead == [0])
        }
    }
}
