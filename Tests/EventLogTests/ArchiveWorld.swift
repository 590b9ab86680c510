import Contracts
import EventLoop
import Postgres
import Telemetry
import TestKit

@testable import EventLog

/// A log with partitions of a hundred numbers, and its archive.
struct ArchiveWorld: Sendable {
    static let topic = Topics.tickets.name

    let pool: PostgresPool
    let folder: String
    let clock = ManualTimekeeper()
    let metrics = MetricsRegistry()

    var store: StreamStore { StreamStore(pool: pool, archive: ArchiveFolder(folder)) }

    func keeper(archiving: Bool = true, keeping: Duration = .zero) -> LogKeeper {
        LogKeeper(
            pool: pool, archive: archiving ? ArchiveFolder(folder) : nil, hash: Sample.hash, keeping: keeping, rows: 100,
            clock: clock, log: Log("test", level: .error), metrics: metrics)
    }

    /// The first partitions end at a hundred.
    static func shorten(_ pool: PostgresPool) async throws {
        for parent in ["outbox", "stream"] {
            try await pool.execute("ALTER TABLE \(identifier: parent) DETACH PARTITION \(identifier: parent + "_0")")
            try await pool.execute(
                "ALTER TABLE \(identifier: parent) ATTACH PARTITION \(identifier: parent + "_0") FOR VALUES FROM (0) TO (100)")
            for name in ["_1000000", "_2000000"] { try await pool.execute("DROP TABLE \(identifier: parent + name)") }
        }
        try await pool.execute("DELETE FROM log_partition WHERE lower > 0")
        try await pool.execute("UPDATE log_partition SET upper = 100")
    }

    /// Three partitions' next versions, numbered; partitions are made as they are needed.
    func emit(_ versions: ClosedRange<Int32>) async throws {
        let outbox = Sample.outbox()
        for version in versions {
            if version % 10 == 1 { try await keeper().makeAhead() }
            try await pool.transaction { outbox.emit((0..<3).map { Sample.event("s\($0)", version: version, part: Int32($0)) }, in: &$0) }
            if version % 7 == 0 { try await sequence() }
        }
        try await sequence()
    }

    func sequence() async throws { try await Sample.sequence(pool) }

    func archiveAll() async throws { while try await keeper().archiveOnce() {} }

    func published(upTo pos: Int64) async throws { try await pool.execute("UPDATE publisher_state SET acked_pos = \(pos)") }

    func heard(_ consumer: String, upTo seq: Int64, parts: Range<Int32> = 0..<3) async throws {
        for part in parts {
            try await pool.execute(
                """
                INSERT INTO stream_consumer (consumer, topic, part, seq) VALUES (\(consumer), \(Self.topic), \(part), \(seq))
                ON CONFLICT (consumer, topic, part) DO UPDATE SET seq = excluded.seq
                """)
        }
    }

    /// The tables that hold the log.
    func tables() async throws -> [String] {
        try await pool.query(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent IN ('outbox'::regclass, 'stream'::regclass) ORDER BY 1",
            as: String.self)
    }

    /// A partition's whole history, read in pages as a new consumer does.
    func history(_ part: Int32) async throws -> [StreamRecord] {
        var records: [StreamRecord] = []
        while true {
            let page = try await store.records(StreamPartition(topic: Self.topic, part: part), from: Int64(records.count) + 1, limit: 40)
            if page.isEmpty { return records }
            records += page
        }
    }

    func histories() async throws -> [[StreamRecord]] {
        var all: [[StreamRecord]] = []
        for part in 0..<3 as Range<Int32> { all.append(try await history(part)) }
        return all
    }
}
