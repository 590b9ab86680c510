public import Postgres

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

    public func load(_ partitions: Set<StreamPartition>) async throws -> ConsumerPlaces {
        let rows = try await pool.query(ConsumerQueries.cursors(Array(partitions)), as: StreamHead.self)
        return ConsumerPlaces(
            cursors: Dictionary(rows.map { ($0.partition, Cursor(seq: $0.seq, hash: $0.hash)) }, uniquingKeysWith: { a, _ in a }))
    }

    /// One round trip, unless a handler reads: everything else travels with COMMIT.
    public func apply(_ step: ApplyStep) async throws -> ApplyOutcome {
        try await pool.transaction(.asynchronousCommit) { transaction in
            transaction.enqueue(ConsumerQueries.advance(step.moves))
            try await effects.apply(step.records.map(\.event), &transaction)
        }
        return ApplyOutcome()
    }

    public func flush() async throws {
        _ = try await pool.query(ConsumerQueries.flush) { row in try row["done"] as Bool }
    }
}

/// What a service does with events.
struct Effects: Sendable {
    private let subscriptions: Subscriptions

    init(_ subscriptions: Subscriptions) { self.subscriptions = subscriptions }

    func apply(_ events: [CommittedEvent], _ transaction: inout PostgresTransaction) async throws {
        for round in Rounds.arrange(events) {
            for (type, events) in round {
                // Types nobody here listens to are history all the same: the cursor passes them.
                guard let subscription = subscriptions.byType[type] else { continue }
                try await subscription.apply(events, &transaction)
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

    static func cursors(_ partitions: [StreamPartition]) -> SQL {
        """
        SELECT c.topic, c.part, c.seq, c.h FROM inbox_cursor c
        JOIN unnest(\(partitions.map(\.topic)), \(partitions.map(\.part))) AS u(topic, part) USING (topic, part)
        """
    }

    static func advance(_ moves: [ApplyStep.Move]) -> SQL {
        """
        SELECT advance_cursors(\(moves.map(\.partition.topic)), \(moves.map(\.partition.part)), \(moves.map(\.before.seq)),
            \(moves.map(\.after.seq)), \(moves.map(\.after.hash)))
        """
    }

    /// A record of its own in the write-ahead log: its commit waits for the disk, and for everything before it.
    static let flush: SQL = "SELECT pg_logical_emit_message(true, 'shao', '') IS NOT NULL AS done"
}
