import Contracts
import Postgres

/// A projection's tables a second time, in a schema of their own: made like the live ones, filled, compared, exchanged.
struct Shadow: Sendable {
    let projection: Projection
    /// Sessions whose search path is the shadow's schema, then the live one.
    let pool: PostgresPool
    let live: String

    private static let logTables = ["inbox_cursor", "outbox"]
    /// Up to here (see `ShadowQueries.parts`) what a table needs before its first row; the rest is quicker and safer afterwards.
    private static let firstRanks = 3

    private struct Part: Sendable {
        let rank: Int32
        let text: String
    }

    /// Anew, empty, with all that decides what a row may be. Throws `.refused` with what stands in the way.
    func make() async throws {
        let obstacles = try await pool.query(ShadowQueries.obstacles(projection.tables), as: String.self)
        guard obstacles.isEmpty else { throw EventLogError(.refused, obstacles.joined(separator: "; ")) }
        let (schema, live, tables) = (projection.schema, live, projection.tables)
        let parts = try await parts()
        try await pool.transaction { transaction in
            for statement in ShadowQueries.make(schema) { transaction.enqueue(statement) }
            for table in tables { transaction.enqueue(ShadowQueries.copy(table, from: live, to: schema)) }
            for table in Self.logTables { transaction.enqueue(ShadowQueries.copyLog(table, from: live, to: schema)) }
            for part in parts where part.rank <= Self.firstRanks { transaction.enqueue(SQL(stringLiteral: part.text)) }
            transaction.enqueue(ConsumerQueries.open(projection.partitions))
        }
    }

    /// Indexes for readers, foreign keys, owners and grants, statistics.
    func finish() async throws {
        let parts = try await parts()
        let (schema, tables) = (projection.schema, projection.tables)
        try await pool.transaction { transaction in
            for part in parts where part.rank > Self.firstRanks { transaction.enqueue(SQL(stringLiteral: part.text)) }
        }
        for table in tables { try await pool.execute(ShadowQueries.analyze(table, in: schema)) }
    }

    /// The catalogue writes names without their schema where the search path finds them: so it is asked under the live one,
    /// and what it says means the shadow's tables under the shadow's.
    private func parts() async throws -> [Part] {
        let (live, schema, tables) = (live, projection.schema, projection.tables)
        return try await pool.transaction { transaction in
            transaction.enqueue("SET LOCAL search_path = \(identifier: live)")
            var parts: [Part] = []
            for table in tables {
                parts += try await transaction.query(ShadowQueries.parts(of: table, in: schema)) { row in
                    Part(rank: try row["rank"], text: try row["text"])
                }
            }
            return parts
        }
    }

    func drop() async throws { try await pool.execute(ShadowQueries.drop(projection.schema)) }

    /// How far the rebuilt tables are.
    func reached() async throws -> [StreamPartition: Cursor] {
        try await pool.transaction { try await cursors(of: projection.schema, &$0) }
    }

    /// Where the live tables stand, as the transaction sees it; one snapshot, or cursors held.
    func aim(_ transaction: inout PostgresTransaction) async throws -> Aim {
        let cursors = try await cursors(of: live, &transaction)
        let absent = try await transaction.query(ShadowQueries.absent(live, projection.subscriptions.topics.map(\.name))) { row in
            Aim.Place(partition: StreamPartition(topic: try row["topic"], part: try row["part"]), seq: try row["seq"])
        }
        return Aim(cursors: cursors, absent: Set(absent))
    }

    private func cursors(of schema: String, _ transaction: inout PostgresTransaction) async throws -> [StreamPartition: Cursor] {
        let rows = try await transaction.query(ShadowQueries.cursors(schema, projection.subscriptions.topics.map(\.name))) { row in
            (
                StreamPartition(topic: try row["topic"], part: try row["part"]),
                Cursor(seq: try row["seq"], hash: try row["h"], generation: try row["gen"])
            )
        }
        return Dictionary(rows, uniquingKeysWith: { first, _ in first })
    }

    /// Cursors and effects in one transaction that need not wait for the disk, as the live consumer's.
    func apply(_ step: ApplyStep, without absent: Set<Aim.Place>) async throws {
        let events = step.records.filter { absent.isEmpty || !absent.contains(Aim.Place(partition: $0.partition, seq: $0.seq)) }
        let effects = Effects(projection.subscriptions)
        try await pool.transaction(.asynchronousCommit) { transaction in
            transaction.enqueue(ConsumerQueries.advance(step.moves))
            try await effects.apply(events.map(\.event), &transaction)
        }
    }

    /// Exchanges the tables: all of it or nothing, in the caller's transaction, which holds the cursors.
    func exchange(_ transaction: inout PostgresTransaction) async throws {
        let (schema, tables) = (projection.schema, projection.tables)
        transaction.enqueue(ShadowQueries.lockTables(tables, in: live))
        transaction.enqueue(ShadowQueries.dropTables(tables, in: live))
        for table in tables { transaction.enqueue(ShadowQueries.move(table, from: schema, to: live)) }
        try await transaction.execute(ShadowQueries.drop(schema))
    }

    /// Both sides in one snapshot: rows, hashes, and where they differ how many rows.
    func compare(_ transaction: inout PostgresTransaction) async throws -> [TableComparison] {
        var found: [TableComparison] = []
        for table in projection.tables {
            let columns = try await transaction.query(ShadowQueries.columns(table, in: live), as: String.self)
            let mine = try await digest(table, projection.schema, columns, &transaction)
            let theirs = try await digest(table, live, columns, &transaction)
            var comparison = TableComparison(
                table: table, liveRows: theirs.rows, rebuiltRows: mine.rows, isEqual: mine.digest == theirs.digest)
            if !comparison.isEqual {
                comparison.onlyLive = try await excess(table, live, projection.schema, columns, &transaction)
                comparison.onlyRebuilt = try await excess(table, projection.schema, live, columns, &transaction)
            }
            found.append(comparison)
        }
        return found
    }

    private func digest(
        _ table: String, _ schema: String, _ columns: [String], _ transaction: inout PostgresTransaction
    ) async throws -> (rows: Int64, digest: String) {
        let found = try await transaction.query(ShadowQueries.digest(table, in: schema, columns)) { row in
            (rows: try row["rows"] as Int64, digest: try row["digest"] as String)
        }
        return found.first ?? (0, "")
    }

    private func excess(
        _ table: String, _ schema: String, _ other: String, _ columns: [String], _ transaction: inout PostgresTransaction
    ) async throws -> Int64 {
        try await transaction.query(ShadowQueries.excess(of: table, in: schema, over: other, columns), as: Int64.self).first ?? 0
    }
}

/// Where live tables stand: their cursors, and what these have passed without effect because it is parked, or was dropped.
struct Aim: Sendable {
    struct Place: Hashable, Sendable {
        let partition: StreamPartition
        let seq: Int64
    }
    let cursors: [StreamPartition: Cursor]
    let absent: Set<Place>

    var total: Int64 { cursors.values.reduce(0) { $0 + $1.seq } }
    func missing(from reached: [StreamPartition: Cursor]) -> Int64 {
        cursors.reduce(0) { $0 + $1.value.seq - (reached[$1.key]?.seq ?? 0) }
    }
}
