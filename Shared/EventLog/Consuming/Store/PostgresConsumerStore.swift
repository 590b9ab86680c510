public import Postgres
import Telemetry

/// The real store: `inbox_cursor` and the service's own handlers, in the service's database.
public struct PostgresConsumerStore: ConsumerStore {
    private let pool: PostgresPool
    private let effects: Effects

    public init(pool: PostgresPool, subscriptions: Subscriptions) {
        self.pool = pool
        effects = Effects(subscriptions)
    }

    public func open(_ partitions: [StreamPartition]) async throws {
        try await pool.execute(ConsumerQueries.open(partitions))
    }

    public func load(_ partitions: Set<StreamPartition>) async throws -> ConsumerPositions {
        ConsumerPositions(try await pool.query(ConsumerQueries.cursors(Array(partitions)), as: PlaceRow.self))
    }

    public func settled(_ partitions: Set<StreamPartition>) async throws -> ConsumerPositions {
        try await pool.withConnection { connection in
            let rows = try await connection.query(ConsumerQueries.cursors(Array(partitions)), as: PlaceRow.self)
            _ = try await connection.query(ConsumerQueries.flush) { row in try row["done"] as Bool }
            return ConsumerPositions(rows)
        }
    }

    /// One round trip, unless a handler reads or a subject is parked: everything else travels with COMMIT.
    public func apply(_ step: ApplyStep) async throws -> ApplyOutcome {
        try await pool.transaction(.asynchronousCommit) { transaction in
            transaction.enqueue(ConsumerQueries.advance(step.moves))
            transaction.enqueue(ParkingQueries.fence(step))
            CrashPoint.pass(.consumerAfterCursor)
            if let reason = step.poison, let record = step.records.first {
                transaction.enqueue(ParkingQueries.park(record, reason))
                transaction.enqueue(ParkingQueries.queue(step.records, reason))
                CrashPoint.pass(.parkingMidPark)
                return ApplyOutcome()
            }
            if step.parked.isEmpty {
                try await effects.apply(step.records.map(\.event), &transaction)
                CrashPoint.pass(.consumerBeforeCommit)
                return ApplyOutcome()
            }
            return try await applyBeside(step, &transaction)
        }
    }

    /// Events of parked subjects go behind what is parked; of those replayed meanwhile they are applied.
    private func applyBeside(_ step: ApplyStep, _ transaction: inout PostgresTransaction) async throws -> ApplyOutcome {
        var held: [StreamPartition: Set<String>] = [:]
        let rows = try await transaction.query(ParkingQueries.hold(step.parked)) { row in
            (StreamPartition(topic: try row["topic"], part: try row["part"]), try row["subject"] as String)
        }
        for (partition, subject) in rows { held[partition, default: []].insert(subject) }
        func isHeld(_ record: StreamRecord) -> Bool { held[record.partition]?.contains(record.event.subject) == true }
        let queued = step.records.filter(isHeld)
        if !queued.isEmpty { transaction.enqueue(ParkingQueries.queue(queued)) }
        try await effects.apply(step.records.filter { !isHeld($0) }.map(\.event), &transaction)
        var released = step.parked
        for (partition, subjects) in held { released[partition]?.subtract(subjects) }
        return ApplyOutcome(queued: queued.count, released: released.filter { !$0.value.isEmpty })
    }
}

/// A cursor, and what is parked there.
private struct PlaceRow: PostgresRowDecodable {
    let partition: StreamPartition
    let cursor: Cursor
    let parked: [String]

    init(row: borrowing PostgresRow) throws(PostgresError) {
        partition = StreamPartition(topic: try row["topic"], part: try row["part"])
        cursor = Cursor(seq: try row["seq"], hash: try row["h"], generation: try row["gen"])
        parked = try row["parked"]
    }
}

extension ConsumerPositions {
    fileprivate init(_ rows: [PlaceRow]) {
        self.init(cursors: [:])
        for row in rows {
            cursors[row.partition] = row.cursor
            if !row.parked.isEmpty { parked[row.partition] = Set(row.parked) }
        }
    }
}

/// What a service does with events.
struct Effects: Sendable {
    private let subscriptions: Subscriptions

    init(_ subscriptions: Subscriptions) { self.subscriptions = subscriptions }

    func apply(_ events: [CommittedEvent], _ transaction: inout PostgresTransaction) async throws {
        // A service of folds alone needs no rounds.
        for round in subscriptions.byType.isEmpty ? [] : Rounds.arrange(events) {
            for (type, events) in round {
                // Types nobody here listens to are history all the same: the cursor passes them.
                for subscription in subscriptions.byType[type] ?? [] {
                    try await subscription.apply(events, &transaction)
                }
            }
        }
        for fold in subscriptions.folds { try await fold.apply(events, &transaction) }
    }
}

enum ConsumerQueries {
    static func open(_ partitions: [StreamPartition]) -> SQL {
        """
        INSERT INTO inbox_cursor (topic, part, seq, h)
        SELECT u.topic, u.part, 0, \(StreamHash.empty) FROM unnest(\(partitions.map(\.topic)), \(partitions.map(\.part)))
            AS u(topic, part)
        ON CONFLICT DO NOTHING
        """
    }

    /// Cursors and what is parked there, as of one moment.
    static func cursors(_ partitions: [StreamPartition]) -> SQL {
        """
        SELECT c.topic, c.part, c.seq, c.h, c.gen,
            ARRAY(SELECT p.subject FROM parked_subject p WHERE p.topic = c.topic AND p.part = c.part) AS parked
        FROM inbox_cursor c
        JOIN unnest(\(partitions.map(\.topic)), \(partitions.map(\.part))) AS u(topic, part) USING (topic, part)
        """
    }

    static func advance(_ moves: [ApplyStep.Move]) -> SQL {
        """
        SELECT advance_cursors(\(moves.map(\.partition.topic)), \(moves.map(\.partition.part)), \(moves.map(\.before.seq)),
            \(moves.map(\.after.seq)), \(moves.map(\.after.hash)), \(moves.map(\.after.generation)))
        """
    }

    /// A record of its own in the write-ahead log: its commit waits for the disk, and for everything before it.
    static let flush: SQL = "SELECT pg_logical_emit_message(true, 'shao', '') IS NOT NULL AS done"
}
