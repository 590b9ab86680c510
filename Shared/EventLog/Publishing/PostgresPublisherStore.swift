import Contracts
public import Postgres

/// The service's own database, on a connection that is leased for as long as the lead lasts.
package struct PostgresPublisherStore: PublisherStore {
    private let pool: PostgresPool
    package init(pool: PostgresPool) { self.pool = pool }

    package func lead(_ body: (any PublisherSession) async throws -> Void) async throws -> Bool {
        try await pool.withConnection { connection in
            guard try await connection.query(PublisherQueries.lock, { row in try row["won"] as Bool }).first == true else { return false }
            try await connection.executeAll(PublisherQueries.settings)
            try await body(PostgresPublisherSession(connection: connection))
            return true
        }
    }
}

struct PostgresPublisherSession: PublisherSession {
    let connection: PostgresConnection

    func begin() async throws -> PublisherState {
        guard let state = try await connection.query(PublisherQueries.begin, as: PublisherState.self).first else {
            throw EventLogError(.damaged, "publisher_state has no row")
        }
        return state
    }

    func save(_ state: PublisherState) async throws {
        guard try await connection.execute(PublisherQueries.save(state)) == 1 else {
            throw EventLogError(.fenced, "another publisher has the lead")
        }
    }

    func positions() async throws -> [BrokerPosition] {
        try await connection.query(PublisherQueries.positions, as: BrokerPosition.self)
    }

    func save(_ positions: [BrokerPosition], under lead: Int64) async throws {
        if !positions.isEmpty { try await connection.execute(PublisherQueries.save(positions, under: lead)) }
    }

    func held() async throws -> [HeldRecord] { try await connection.query(PublisherQueries.held, as: HeldRecord.self) }

    func hold(_ records: [HeldRecord]) async throws { try await connection.execute(PublisherQueries.hold(records)) }

    func release(_ record: HeldRecord) async throws { try await connection.execute(PublisherQueries.release(record)) }

    func keep() async throws { try await connection.execute("SELECT 1") }

    func next(after pos: Int64, limit: Int) async throws -> [StreamRecord] {
        try await connection.query(PublisherQueries.next(after: pos, limit: limit), as: StreamRecord.self)
    }

    func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord] {
        try await connection.query(StreamStoreQueries.records(partition, from: seq, limit: limit), as: StreamRecord.self)
    }

    func lastSeqs(upTo pos: Int64) async throws -> [StreamPartition: Int64] {
        let found = try await connection.query(PublisherQueries.lastSeqs(upTo: pos)) { row in
            (StreamPartition(topic: try row["topic"], part: try row["part"]), try row["seq"] as Int64)
        }
        return Dictionary(found, uniquingKeysWith: { a, _ in a })
    }

    /// By halving: times rise with `pos` but for what commits late, hence the hour's margin.
    func position(of time: Timestamp, before pos: Int64) async throws -> Int64 {
        let limit = time.adding(milliseconds: -3_600_000)
        guard let first = try await connection.query(PublisherQueries.first(from: 0), as: PositionTime.self).first else { return pos }
        var low = first.pos
        var high = max(first.pos, pos)
        while low < high {
            let middle = low + (high - low) / 2
            guard let found = try await connection.query(PublisherQueries.first(from: middle), as: PositionTime.self).first else {
                high = middle
                continue
            }
            if found.time >= limit { high = middle } else { low = max(middle + 1, min(found.pos + 1, high)) }
        }
        return min(low, pos)
    }
}

private struct PositionTime: PostgresRowDecodable {
    let pos: Int64
    let time: Timestamp
    init(row: borrowing PostgresRow) throws(PostgresError) {
        pos = try row["pos"]
        time = Timestamp(milliseconds: try row["time"])
    }
}

extension StreamRecord: PostgresRowDecodable {
    public init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(
            pos: try row["pos"], seq: try row["seq"], hash: try row["h"], generation: try row["gen"],
            event: try CommittedEvent(row: row))
    }
}

extension PublisherState: PostgresRowDecodable {
    package init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(
            lead: try row["lead"], acknowledged: try row["acked_pos"], clusterID: try row["cluster_id"],
            refillTo: try row["refill_to"])
    }
}

extension HeldRecord: PostgresRowDecodable {
    package init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(
            partition: StreamPartition(topic: try row["topic"], part: try row["part"]), seq: try row["seq"],
            subject: try row["subject"], reason: try row["reason"])
    }
}

extension BrokerPosition: PostgresRowDecodable {
    package init(row: borrowing PostgresRow) throws(PostgresError) {
        let from: Int64? = try row["refill_from"]
        let to: Int64? = try row["refill_to"]
        self.init(
            partition: StreamPartition(topic: try row["topic"], part: try row["part"]), seq: try row["seq"],
            nextOffset: try row["next_offset"])
        if let from, let to, from <= to { refill = from...to }
    }
}

enum PublisherQueries {
    /// A session's lock: freed when the connection ends, however it ends.
    static let lock: SQL = "SELECT pg_try_advisory_lock(77, 2) AS won"
    /// A stopped process keeps its connection, so only its silence tells; what is saved is a hint and need not be on the disk.
    static let settings: [SQL] = ["SET idle_session_timeout = '5s'", "SET synchronous_commit = off"]

    static let begin: SQL = "UPDATE publisher_state SET lead = lead + 1 RETURNING lead, acked_pos, cluster_id, refill_to"

    static func save(_ state: PublisherState) -> SQL {
        """
        UPDATE publisher_state SET acked_pos = \(state.acknowledged), cluster_id = \(state.clusterID), refill_to = \(state.refillTo)
        WHERE lead = \(state.lead)
        """
    }

    static let positions: SQL = "SELECT topic, part, seq, next_offset, refill_from, refill_to FROM publisher_place"

    static func save(_ positions: [BrokerPosition], under lead: Int64) -> SQL {
        """
        INSERT INTO publisher_place (topic, part, seq, next_offset, refill_from, refill_to)
        SELECT u.* FROM unnest(\(positions.map(\.partition.topic)), \(positions.map(\.partition.part)), \(positions.map(\.seq)),
            \(positions.map(\.nextOffset)), \(positions.map { $0.refill?.lowerBound }), \(positions.map { $0.refill?.upperBound })) AS u
        WHERE EXISTS (SELECT 1 FROM publisher_state WHERE lead = \(lead))
        ON CONFLICT (topic, part) DO UPDATE SET seq = excluded.seq, next_offset = excluded.next_offset,
            refill_from = excluded.refill_from, refill_to = excluded.refill_to
        """
    }

    static let held: SQL = "SELECT topic, part, seq, subject, reason FROM publisher_held ORDER BY topic, part, seq"

    /// On the disk before what is behind these counts as sent: a publisher that outlives its server remembers having passed them.
    static func hold(_ records: [HeldRecord]) -> SQL {
        """
        WITH durable AS MATERIALIZED (SELECT set_config('synchronous_commit', 'on', true))
        INSERT INTO publisher_held (topic, part, seq, subject, reason)
        SELECT u.* FROM durable, unnest(\(records.map(\.partition.topic)), \(records.map(\.partition.part)), \(records.map(\.seq)),
            \(records.map(\.subject)), \(records.map(\.reason))) AS u
        ON CONFLICT (topic, part, seq) DO UPDATE SET subject = excluded.subject, reason = excluded.reason, since = now()
        """
    }

    static func release(_ record: HeldRecord) -> SQL {
        """
        DELETE FROM publisher_held
        WHERE topic = \(record.partition.topic) AND part = \(record.partition.part) AND seq = \(record.seq)
        """
    }

    static func next(after pos: Int64, limit: Int) -> SQL {
        """
        SELECT s.pos, s.topic, s.part, s.seq, s.h, s.gen, o.subject, o.version, o.event_id, o.type, o.time, o.cause, o.trace,
            o.headers, o.payload
        FROM stream s JOIN outbox o ON o.id = s.outbox_id
        WHERE s.pos > \(pos) ORDER BY s.pos LIMIT \(Int64(limit))
        """
    }

    static func lastSeqs(upTo pos: Int64) -> SQL {
        """
        SELECT h.topic, h.part, s.seq FROM stream_partition h CROSS JOIN LATERAL (
            SELECT seq FROM stream WHERE topic = h.topic AND part = h.part AND pos <= \(pos) ORDER BY seq DESC LIMIT 1
        ) s
        """
    }

    static func first(from pos: Int64) -> SQL {
        """
        SELECT s.pos, o.time FROM stream s JOIN outbox o ON o.id = s.outbox_id
        WHERE s.pos >= \(pos) ORDER BY s.pos LIMIT 1
        """
    }
}
