public import Postgres

/// What the publisher asks of the database in which the stream is.
package protocol PublisherStore: Sendable {
    /// Runs `body` while this publisher has the lead, which only saves traffic: two that lead write the same bytes twice.
    /// False, without having run it, when another has the lead.
    func lead(_ body: (any PublisherSession) async throws -> Void) async throws -> Bool
}

/// The questions of a publisher that leads.
package protocol PublisherSession: Sendable {
    /// Up to which `pos` the broker has acknowledged all records, as last saved; it may lag.
    func acknowledged() async throws -> Int64
    /// The stream after `pos`, ascending, at most `limit`.
    func next(after pos: Int64, limit: Int) async throws -> [StreamRecord]
    /// Saves how far the broker has acknowledged; a lower one than saved changes nothing.
    func save(acknowledged pos: Int64) async throws
}

/// The service's own database, on a connection that is leased for as long as the lead lasts.
package struct PostgresPublisherStore: PublisherStore {
    private let pool: PostgresPool
    package init(pool: PostgresPool) { self.pool = pool }

    package func lead(_ body: (any PublisherSession) async throws -> Void) async throws -> Bool {
        try await pool.withConnection { connection in
            guard try await connection.query(PublisherQueries.lock, { row in try row["won"] as Bool }).first == true else { return false }
            try await body(PostgresPublisherSession(connection: connection))
            return true
        }
    }
}

struct PostgresPublisherSession: PublisherSession {
    let connection: PostgresConnection

    func acknowledged() async throws -> Int64 {
        let acked = try await connection.query(PublisherQueries.acknowledged) { row in try row["acked_pos"] as Int64 }
        guard let acked = acked.first else { throw EventLogError(.damaged, "publisher_state has no row") }
        return acked
    }

    func next(after pos: Int64, limit: Int) async throws -> [StreamRecord] {
        try await connection.query(PublisherQueries.next(after: pos, limit: limit), as: StreamRecord.self)
    }

    func save(acknowledged pos: Int64) async throws {
        _ = try await connection.execute(PublisherQueries.save(pos))
    }
}

extension StreamRecord: PostgresRowDecodable {
    public init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(
            pos: try row["pos"], seq: try row["seq"], hash: try row["h"], generation: try row["gen"],
            event: try CommittedEvent(row: row))
    }
}

enum PublisherQueries {
    /// A session's lock: freed when the connection ends, however it ends.
    static let lock: SQL = "SELECT pg_try_advisory_lock(77, 2) AS won"
    static let acknowledged: SQL = "SELECT acked_pos FROM publisher_state"

    static func next(after pos: Int64, limit: Int) -> SQL {
        """
        SELECT s.pos, s.topic, s.part, s.seq, s.h, s.gen, o.subject, o.version, o.event_id, o.type, o.time, o.cause, o.trace,
            o.headers, o.payload
        FROM stream s JOIN outbox o ON o.id = s.outbox_id
        WHERE s.pos > \(pos) ORDER BY s.pos LIMIT \(Int64(limit))
        """
    }

    static func save(_ pos: Int64) -> SQL {
        "UPDATE publisher_state SET acked_pos = \(pos) WHERE acked_pos < \(pos)"
    }
}
