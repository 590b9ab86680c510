public import Postgres

/// The owners' streams, read directly: how gaps are filled, and how everything is read where Kafka has nothing.
///
/// Throws `EventLogError` `.unreachable` when the owner does not answer, or what it answers is no page: worth another try.
public protocol StreamSource: Sendable {
    /// The partition's records from `seq` on, at most `limit`, ascending.
    func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord]
    /// How far these topics' partitions have come at their owner. One request per owner; partitions without a record may be absent.
    func heads(of topics: [String]) async throws -> [StreamHead]
}

/// A service's own streams, from its database and, where that has let go of them, from the archive; what
/// `GET /internal/stream` serves.
public struct StreamStore: StreamSource {
    private let pool: PostgresPool
    private let archive: ArchiveFolder?

    public init(pool: PostgresPool) {
        self.pool = pool
        archive = nil
    }

    package init(pool: PostgresPool, archive: ArchiveFolder?) {
        self.pool = pool
        self.archive = archive
    }

    /// Never leaves out a number: what neither has ends the answer.
    public func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord] {
        let here = try await pool.query(StreamStoreQueries.records(partition, from: seq, limit: limit), as: StreamRecord.self)
        if let first = here.first, let last = here.last, first.seq == seq, last.seq - first.seq == Int64(here.count) - 1 { return here }
        var records: [StreamRecord] = []
        var next = seq
        for record in here {
            try await fill(partition, &records, &next, upTo: record.seq - 1, limit)
            guard record.seq == next, records.count < limit else { return records }
            records.append(record)
            next += 1
        }
        if here.isEmpty { try await fill(partition, &records, &next, upTo: .max, limit) }
        return records
    }

    private func fill(
        _ partition: StreamPartition, _ records: inout [StreamRecord], _ next: inout Int64, upTo last: Int64, _ limit: Int
    ) async throws {
        guard let archive else { return }
        while next <= last, records.count < limit {
            guard let part = try await pool.query(ArchiveQueries.part(partition, next), as: ArchivedPart.self).first else { return }
            let (from, count) = (next, Int(min(Int64(limit - records.count), min(last, part.lastSeq) - next + 1)))
            let old = try await away { try archive.records(part, from: from, limit: count) }
            guard let end = old.last else { return }
            records += old
            next = end.seq + 1
        }
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
