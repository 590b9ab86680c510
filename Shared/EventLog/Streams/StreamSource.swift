public import Postgres

/// The owners' streams, read directly: how gaps are filled, and how everything is read where Kafka has nothing.
public protocol StreamSource: Sendable {
    /// The partition's records from `seq` on, at most `limit`, ascending.
    func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord]
    /// How far these topics' partitions have come at their owner. One request per owner; partitions without a record may be absent.
    func heads(of topics: [String]) async throws -> [StreamHead]
}

/// A service's own streams, from its database; what `GET /internal/stream` serves.
public struct StreamStore: StreamSource {
    private let pool: PostgresPool
    public init(pool: PostgresPool) { self.pool = pool }

    public func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord] {
        try await pool.query(StreamStoreQueries.records(partition, from: seq, limit: limit), as: StreamRecord.self)
    }

    public func heads(of topics: [String]) async throws -> [StreamHead] {
        try await pool.query(StreamStoreQueries.heads(topics), as: StreamHead.self)
    }
}

enum StreamStoreQueries {
    static func records(_ partition: StreamPartition, from seq: Int64, limit: Int) -> SQL {
        """
        SELECT s.pos, s.topic, s.part, s.seq, s.h, s.gen, o.subject, o.version, o.event_id, o.type, o.time, o.cause, o.trace,
            o.headers, o.payload
        FROM stream s JOIN outbox o ON o.id = s.outbox_id
        WHERE s.topic = \(partition.topic) AND s.part = \(partition.part) AND s.seq >= \(seq)
        ORDER BY s.seq LIMIT \(Int64(limit))
        """
    }

    static func heads(_ topics: [String]) -> SQL {
        "SELECT topic, part, seq, h FROM stream_head WHERE topic = ANY(\(topics)) ORDER BY topic, part"
    }
}
