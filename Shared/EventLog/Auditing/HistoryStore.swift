public import Postgres

/// Compares what others have applied with a service's own streams, and keeps how far they have come.
public struct HistoryStore: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) { self.pool = pool }

    /// One verdict per cursor, in order. With a consumer's name its cursors are written down: what it still needs is kept.
    public func judge(_ question: AuditQuestion) async throws -> [AuditVerdict] {
        let rows = try await pool.query(AuditQueries.places(question.cursors)) { row in
            OwnPosition(hash: try row["h"], head: try row["seq"], headHash: try row["head_h"])
        }
        if let consumer = question.consumer { try await pool.execute(AuditQueries.register(consumer, question.cursors)) }
        guard rows.count == question.cursors.count else { throw EventLogError(.damaged, "a cursor was answered twice, or not at all") }
        return zip(question.cursors, rows).map { $1.judge($0.cursor) }
    }

    /// This service's own cursors, as committed.
    public func cursors() async throws -> [AuditedCursor] {
        try await pool.query(AuditQueries.cursors) { row in
            AuditedCursor(
                StreamPartition(topic: try row["topic"], part: try row["part"]),
                Cursor(seq: try row["seq"], hash: try row["h"], generation: try row["gen"]))
        }
    }

    /// Reads all of the streams: seconds per million events.
    public func deep() async throws -> DeepAudit {
        try await pool.transaction(.readOnlySnapshot) { transaction in
            let counts = try await transaction.query(AuditQueries.deep) { row in
                DeepAudit(
                    events: try row["events"], holes: try row["holes"], disorder: try row["disorder"],
                    unnumbered: try row["unnumbered"])
            }
            guard let counts = counts.first else { throw EventLogError(.damaged, "the streams cannot be counted") }
            return counts
        }
    }
}

/// The owner's stream at one cursor's number; pure.
package struct OwnPosition: Sendable, Equatable {
    /// Of the record with that number; then the head need not be known.
    var hash: [UInt8]?
    var head: Int64?
    var headHash: [UInt8]?

    package init(hash: [UInt8]?, head: Int64?, headHash: [UInt8]?) {
        self.hash = hash
        self.head = head
        self.headHash = headHash
    }

    package func judge(_ cursor: Cursor) -> AuditVerdict {
        if cursor.seq == 0 { return cursor.hash == StreamHash.empty ? .equal : .different }
        guard cursor.seq > 0 else { return .behind }
        if let hash { return hash == cursor.hash ? .equal : .different }
        guard let head, cursor.seq <= head else { return .behind }
        guard cursor.seq == head, let headHash else { return .trimmed }
        return headHash == cursor.hash ? .equal : .different
    }
}

enum AuditQueries {
    /// Where the partition's head is only for a number that has no record.
    static func places(_ cursors: [AuditedCursor]) -> SQL {
        """
        SELECT own.h, head.seq, head.h AS head_h
        FROM unnest(\(cursors.map(\.partition.topic)), \(cursors.map(\.partition.part)), \(cursors.map(\.cursor.seq)))
            WITH ORDINALITY AS u(topic, part, seq, n)
        LEFT JOIN LATERAL (
            SELECT h FROM stream s WHERE s.topic = u.topic AND s.part = u.part AND s.seq = u.seq LIMIT 1
        ) own ON true
        LEFT JOIN LATERAL (
            SELECT seq, h FROM stream_head WHERE own.h IS NULL AND topic = u.topic AND part = u.part
        ) head ON true
        ORDER BY u.n
        """
    }

    /// Only what changed, and once a minute that the consumer is still there.
    static func register(_ consumer: String, _ cursors: [AuditedCursor]) -> SQL {
        """
        INSERT INTO stream_consumer AS c (consumer, topic, part, seq)
        SELECT DISTINCT ON (u.topic, u.part) \(consumer), u.topic, u.part, u.seq
        FROM unnest(\(cursors.map(\.partition.topic)), \(cursors.map(\.partition.part)), \(cursors.map(\.cursor.seq)))
            AS u(topic, part, seq) ORDER BY u.topic, u.part, u.seq
        ON CONFLICT (consumer, topic, part) DO UPDATE SET seq = excluded.seq, seen_at = now()
        WHERE c.seq <> excluded.seq OR c.seen_at < now() - interval '1 minute'
        """
    }

    static let cursors: SQL = "SELECT topic, part, seq, h, gen FROM inbox_cursor ORDER BY topic, part"

    /// Dead letters are no aggregates: each has its own version 1. On a topic that units share (whose key stands in `headers`) one change
    /// of an aggregate may call several of them.
    static let deep: SQL = """
        WITH numbered AS (
            SELECT s.topic, s.part, s.seq, o.subject, o.version,
                lag(o.version) OVER (PARTITION BY s.topic, o.subject, o.headers ORDER BY s.seq) AS before
            FROM stream s JOIN outbox o ON o.id = s.outbox_id
        )
        SELECT (SELECT count(*) FROM numbered) AS events,
            (SELECT count(*) FROM (
                SELECT 1 FROM stream GROUP BY topic, part HAVING max(seq) - min(seq) + 1 <> count(*) OR count(DISTINCT seq) <> count(*)
            ) x) AS holes,
            (SELECT count(*) FROM numbered WHERE version <= before AND topic NOT LIKE '%-dlt') AS disorder,
            (SELECT count(*) FROM outbox o LEFT JOIN stream s ON s.outbox_id = o.id
                WHERE s.outbox_id IS NULL AND o.time < (extract(epoch FROM now()) * 1000)::bigint - 10000) AS unnumbered
        """
}
