import Contracts
public import Postgres

/// A Postgres snapshot's text, `xmin:xmax:xip,…`, taken apart.
struct SnapshotText {
    let xmax: String
    let running: [String]

    init(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        xmax = parts.count > 1 ? String(parts[1]) : "1"
        running = parts.count > 2 ? parts[2].split(separator: ",").map(String.init) : []
    }
}

/// A row of a window: the snapshot, and an event unless the window is empty.
struct WindowRow: PostgresRowDecodable {
    let snapshot: String
    let row: OutboxRow?

    init(row: borrowing PostgresRow) throws(PostgresError) {
        snapshot = try row["snapshot"]
        guard let id = try row["id"] as Int64? else {
            self.row = nil
            return
        }
        self.row = OutboxRow(id: id, event: try CommittedEvent(row: row))
    }
}

extension CommittedEvent {
    /// From the columns of `outbox`.
    init(row: borrowing PostgresRow) throws(PostgresError) {
        let headers: [UInt8]? = try row["headers"]
        self.init(
            topic: try row["topic"], part: try row["part"], subject: try row["subject"], version: try row["version"],
            id: try row["event_id"], type: try row["type"], time: Timestamp(milliseconds: try row["time"]),
            cause: try row["cause"], trace: try row["trace"], headers: headers.map(HeaderBytes.read) ?? [],
            payload: try row["payload"])
    }
}

extension SequencerState: PostgresRowDecodable {
    package init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(
            version: try row["version"], generation: try row["generation"], identity: try DatabaseIdentity(row: row),
            isRecovering: try row["recovering"], snapshot: try row["snapshot"], target: try row["target"],
            afterID: try row["after_id"], pos: try row["pos"])
    }
}

extension DatabaseIdentity: PostgresRowDecodable {
    package init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(systemID: try row["system_id"], timeline: try row["timeline"])
    }
}

extension StreamHead: PostgresRowDecodable {
    public init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(
            partition: StreamPartition(topic: try row["topic"], part: try row["part"]), seq: try row["seq"],
            hash: try row["h"])
    }
}

enum SequencerQueries {
    static let state: SQL =
        """
        SELECT version, generation, system_id, timeline, recovering, snapshot::text AS snapshot, target::text AS target, after_id, pos
        FROM sequencer_state
        """
    static let heads: SQL = "SELECT topic, part, seq, h FROM stream_head"

    private static let columns: SQL =
        "id, topic, part, subject, version, event_id, type, time, cause, trace, headers, payload"

    /// Which server answers, and on which timeline.
    static let identity: SQL = "SELECT \(systemID) AS system_id, \(timeline) AS timeline"
    private static let systemID: SQL = "(SELECT system_identifier FROM pg_control_system())"
    private static let timeline: SQL = "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer"

    /// The first step into a new generation. Its first window is what this transaction's snapshot sees and has no number.
    static func begin(after state: SequencerState, _ identity: DatabaseIdentity) -> SQL {
        """
        UPDATE sequencer_state SET version = version + 1, generation = generation + 1, system_id = \(identity.systemID),
            timeline = \(identity.timeline), recovering = true, snapshot = '1:1:', target = pg_current_snapshot(), after_id = 0
        WHERE version = \(state.version) AND generation = \(state.generation)
            AND \(identity.systemID) = \(systemID) AND \(identity.timeline) = \(timeline)
        """
    }

    /// Rows from another server get the oldest transaction number there is (migration 9 says why).
    static let forgetForeignTransactions: SQL = "SELECT forget_foreign_transactions()"

    static func window(_ state: SequencerState, limit: Int) -> SQL {
        if state.isRecovering, let target = state.target { return unnumbered(target, after: state.afterID, limit) }
        return difference(state, limit)
    }

    /// What the target sees and has no number.
    private static func unnumbered(_ target: String, after id: Int64, _ limit: Int) -> SQL {
        """
        SELECT \(target) AS snapshot, o.* FROM (SELECT 1) AS one LEFT JOIN (
            SELECT \(columns) FROM outbox
            WHERE id > \(id) AND pg_visible_in_snapshot(xid, \(target)::pg_snapshot)
                AND NOT EXISTS (SELECT 1 FROM stream s WHERE s.outbox_id = outbox.id)
            ORDER BY id LIMIT \(Int64(limit))
        ) o ON true ORDER BY o.id
        """
    }

    /// What the target snapshot sees and the past one does not, in id order after `afterID`. A fresh window's target is this
    /// statement's own snapshot; a window in progress keeps its target. `id + 0` keeps the planner off the primary key,
    /// which it would walk from the beginning: only the index on `xid` reads no more than the window.
    private static func difference(_ state: SequencerState, _ limit: Int) -> SQL {
        let past = SnapshotText(state.snapshot)
        let inTarget: SQL =
            if let target = state.target { "AND pg_visible_in_snapshot(xid, \(target)::pg_snapshot)" } else { "" }
        return """
            WITH fresh AS MATERIALIZED (SELECT pg_current_snapshot()::text AS snapshot)
            SELECT fresh.snapshot, o.* FROM fresh LEFT JOIN (
                SELECT \(columns) FROM (
                    SELECT \(columns) FROM outbox
                    WHERE xid >= \(past.xmax)::xid8 AND id + 0 > \(state.afterID) \(inTarget)
                    UNION ALL
                    SELECT \(columns) FROM outbox
                    WHERE xid = ANY(\(past.running)::xid8[]) AND xid < \(past.xmax)::xid8 AND id + 0 > \(state.afterID) \(inTarget)
                ) w ORDER BY id + 0 LIMIT \(Int64(limit))
            ) o ON true ORDER BY o.id + 0
            """
    }

    /// The compare-and-set, new partitions and the stream rows in one statement: all or nothing. `won` is false when fenced, or when
    /// the server is no longer the one of the state.
    static func advance(from state: SequencerState, _ window: SequencedWindow) -> SQL {
        let next = window.state
        let opened = window.opened
        let records = window.records
        return """
            WITH won AS (
                UPDATE sequencer_state SET version = \(next.version), snapshot = \(next.snapshot)::pg_snapshot,
                    target = \(next.target)::pg_snapshot, after_id = \(next.afterID), pos = \(next.pos), recovering = \(next.isRecovering)
                WHERE version = \(state.version) AND generation = \(state.generation)
                    AND system_id = \(systemID) AND timeline = \(timeline) RETURNING true AS won
            ), opened AS (
                INSERT INTO stream_partition (topic, part, seq, h)
                SELECT u.*, 0, \(StreamHash.empty) FROM unnest(\(opened.map(\.topic)), \(opened.map(\.part))) AS u, won
            ), numbered AS (
                INSERT INTO stream (pos, topic, part, seq, h, outbox_id, gen)
                SELECT u.*, \(state.generation) FROM unnest(\(records.map(\.pos)), \(records.map(\.event.topic)),
                    \(records.map(\.event.part)), \(records.map(\.seq)), \(records.map(\.hash)), \(window.outboxIDs)) AS u, won
            )
            SELECT EXISTS (SELECT 1 FROM won) AS won
            """
    }
}
