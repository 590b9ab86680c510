import Contracts
package import Postgres

/// A range of `outbox.id` or `stream.pos`, upper end excluded.
struct LogRange: Sendable, PostgresRowDecodable {
    let lower: Int64
    let upper: Int64
    let isDropped: Bool

    init(row: borrowing PostgresRow) throws(PostgresError) {
        lower = try row["lower"]
        upper = try row["upper"]
        isDropped = try row["dropped"]
    }

    /// The table that holds it.
    func table(_ parent: String) -> String { "\(parent)_\(lower)" }
}

/// How far a table's partitions reach, and its numbers.
struct PartitionEdge: Sendable, PostgresRowDecodable {
    let parent: String
    var upper: Int64
    let current: Int64

    init(row: borrowing PostgresRow) throws(PostgresError) {
        parent = try row["parent"]
        upper = try row["upper"]
        current = try row["current"]
    }
}

extension ArchivedPart: PostgresRowDecodable {
    package init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(
            partition: StreamPartition(topic: try row["topic"], part: try row["part"]), firstSeq: try row["first_seq"],
            lastSeq: try row["last_seq"], hashBefore: try row["hash_before"], hash: try row["hash"], file: try row["file"],
            bytes: try row["bytes"], sha256: try row["sha256"])
    }
}

enum ArchiveQueries {
    static let lock: SQL = "SELECT pg_try_advisory_xact_lock(77, 3) AS won"

    /// A session's lock, for as long as archives are written and partitions dropped.
    static let lead: SQL = "SELECT pg_try_advisory_lock(77, 4) AS won"

    private static let lastID: SQL = "coalesce(pg_sequence_last_value(pg_get_serial_sequence('outbox', 'id')::regclass), 0)"

    static let edges: SQL = """
        SELECT parent, max(upper) AS upper,
            CASE parent WHEN 'outbox' THEN \(lastID) ELSE (SELECT pos FROM sequencer_state) END AS current
        FROM log_partition GROUP BY parent
        """

    static func make(_ parent: String, _ lower: Int64, _ upper: Int64) -> SQL {
        "SELECT make_log_partition(\(parent), \(lower), \(upper))"
    }

    /// A partition that is dropped meanwhile has no size any more.
    static let sizes: SQL = """
        SELECT coalesce(sum(bytes) FILTER (WHERE parent = 'outbox'), 0)::bigint AS outbox,
            coalesce(sum(bytes) FILTER (WHERE parent = 'stream'), 0)::bigint AS stream,
            pg_database_size(current_database()) AS database
        FROM (SELECT parent, pg_total_relation_size(to_regclass(parent || '_' || lower)) AS bytes
            FROM log_partition WHERE dropped_at IS NULL) AS sizes
        """

    static let nextToArchive: SQL = """
        SELECT lower, upper, false AS dropped FROM log_partition
        WHERE parent = 'stream' AND archived_at IS NULL AND upper <= (SELECT pos + 1 FROM sequencer_state)
        ORDER BY lower LIMIT 1
        """

    static func count(_ range: LogRange) -> SQL {
        "SELECT count(*) FROM stream WHERE pos >= \(range.lower) AND pos < \(range.upper)"
    }

    static func hashes(_ places: [(partition: StreamPartition, seq: Int64)]) -> SQL {
        """
        SELECT u.topic, u.part, u.seq, coalesce(s.h, a.hash) AS h
        FROM unnest(\(places.map(\.partition.topic)), \(places.map(\.partition.part)), \(places.map(\.seq))) AS u(topic, part, seq)
        LEFT JOIN stream s ON s.topic = u.topic AND s.part = u.part AND s.seq = u.seq
        LEFT JOIN archived_part a ON a.topic = u.topic AND a.part = u.part AND a.last_seq = u.seq
        WHERE coalesce(s.h, a.hash) IS NOT NULL
        """
    }

    /// After `register`. One row: whether the range was open, and is closed now.
    static func close(_ range: LogRange, _ folder: String) -> SQL {
        "SELECT close_log_range(\(range.lower), \(folder)) AS closed"
    }

    static func register(_ parts: [ArchivedPart], _ range: LogRange) -> SQL {
        """
        INSERT INTO archived_part (topic, part, first_seq, last_seq, hash_before, hash, file, bytes, sha256, lower)
        SELECT u.*, \(range.lower) FROM unnest(\(parts.map(\.partition.topic)), \(parts.map(\.partition.part)),
            \(parts.map(\.firstSeq)), \(parts.map(\.lastSeq)), \(parts.map(\.hashBefore)), \(parts.map(\.hash)),
            \(parts.map(\.file)), \(parts.map(\.bytes)), \(parts.map(\.sha256))) AS u
        """
    }

    static let archivedRanges: SQL = """
        SELECT lower, upper, dropped_at IS NOT NULL AS dropped FROM log_partition p
        WHERE parent = 'stream' AND archived_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM log_partition o WHERE o.parent = 'stream' AND o.archived_at IS NULL AND o.lower < p.lower)
        ORDER BY lower
        """

    private static let partColumns: SQL = "topic, part, first_seq, last_seq, hash_before, hash, file, bytes, sha256"

    static func parts(of range: LogRange) -> SQL {
        "SELECT \(partColumns) FROM archived_part WHERE lower = \(range.lower)"
    }

    /// The file in which a record is.
    static func part(_ partition: StreamPartition, _ seq: Int64) -> SQL {
        """
        SELECT \(partColumns) FROM archived_part
        WHERE topic = \(partition.topic) AND part = \(partition.part) AND first_seq <= \(seq) AND last_seq >= \(seq)
        """
    }

    /// A consumer that tells of a topic must be past all its partitions, also those of which it told nothing.
    static func isPassed(_ range: LogRange, before limit: Timestamp) -> SQL {
        """
        SELECT (SELECT acked_pos FROM publisher_state) >= \(range.upper - 1)
            AND NOT EXISTS (
                SELECT 1 FROM archived_part a
                JOIN (SELECT DISTINCT consumer, topic FROM stream_consumer) c ON c.topic = a.topic
                LEFT JOIN stream_consumer s ON s.consumer = c.consumer AND s.topic = a.topic AND s.part = a.part
                WHERE a.lower = \(range.lower) AND coalesce(s.seq, 0) < a.last_seq)
            AND coalesce((
                SELECT o.time FROM stream s JOIN outbox o ON o.id = s.outbox_id
                WHERE s.pos >= \(range.lower) AND s.pos < \(range.upper) ORDER BY s.pos DESC LIMIT 1), 0) < \(limit.milliseconds) AS passed
        """
    }

    static let closedOutbox: SQL = """
        SELECT lower, upper, false AS dropped FROM log_partition
        WHERE parent = 'outbox' AND dropped_at IS NULL AND upper <= \(lastID) ORDER BY lower
        """

    /// One row: whether it is gone. Not when something in it is needed, or it is not closed.
    static func drop(_ parent: String, _ range: LogRange, _ horizon: Int64) -> SQL {
        "SELECT drop_log_partition(\(parent), \(range.lower), \(horizon)) AS gone"
    }
}
