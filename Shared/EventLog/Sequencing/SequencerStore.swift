package import Postgres

/// What the sequencer asks of the database in which the outbox is; the primary, never a standby.
package protocol SequencerStore: Sendable {
    /// Lends one session for as long as `body` runs.
    ///
    /// A session ends with every restart of its server, and that is part of safety: a window may have seen rows whose commit
    /// had not reached the disk. As long as the session lives they are ahead of our own commit in the server's log; after a
    /// crash they may be gone, and a window read before must not be written any more.
    func session(_ body: (any SequencerSession) async throws -> Void) async throws
}

/// The questions of a sequencer, all to one incarnation of one server. Throws once that has ended.
package protocol SequencerSession: Sendable {
    /// The state, and how far every partition has come.
    func load() async throws -> SequencerMemory
    /// Which server this is.
    func identity() async throws -> DatabaseIdentity
    /// Begins the generation after the state's under `identity`: rows of the outbox without a number are its first window.
    /// False: another sequencer has moved the state, or the server is not `identity`.
    func begin(after state: SequencerState, under identity: DatabaseIdentity) async throws -> Bool
    /// The next rows of the state's window, ascending ids, at most `limit`.
    func window(_ state: SequencerState, limit: Int) async throws -> WindowPage
    /// The compare-and-set on the state's version and generation, with new partitions and stream rows, all or nothing; durable when it
    /// answers true. False: another sequencer has moved the state, or the server is not the state's.
    func advance(from state: SequencerState, _ window: SequencedWindow) async throws -> Bool
}

/// What one look at the outbox saw.
package struct WindowPage: Sendable {
    /// The snapshot of the look.
    package var snapshot: String
    package var rows: [OutboxRow]

    package init(snapshot: String, rows: [OutboxRow]) {
        self.snapshot = snapshot
        self.rows = rows
    }
}

/// A committed event with its id in the outbox.
package struct OutboxRow: Sendable, Equatable {
    package var id: Int64
    package var event: CommittedEvent

    package init(id: Int64, event: CommittedEvent) {
        self.id = id
        self.event = event
    }
}

/// The service's own database.
package struct PostgresSequencerStore: SequencerStore {
    private let pool: PostgresPool

    /// - Parameter pool: connections with `enable_seqscan=off` (a generic plan would read the whole outbox for every window) and `jit=off`.
    package init(pool: PostgresPool) { self.pool = pool }

    package func session(_ body: (any SequencerSession) async throws -> Void) async throws {
        try await pool.withConnection { try await body(PostgresSequencerSession(connection: $0)) }
    }
}

struct PostgresSequencerSession: SequencerSession {
    let connection: PostgresConnection

    func load() async throws -> SequencerMemory {
        let state = try await connection.query(SequencerQueries.state, as: SequencerState.self)
        guard let first = state.first else { throw EventLogError(.damaged, "sequencer_state has no row") }
        let heads = try await connection.query(SequencerQueries.heads, as: StreamHead.self)
        return SequencerMemory(state: first, heads: heads)
    }

    func identity() async throws -> DatabaseIdentity {
        guard let found = try await connection.query(SequencerQueries.identity, as: DatabaseIdentity.self).first else {
            throw EventLogError(.damaged, "the server does not say who it is")
        }
        return found
    }

    /// One snapshot for both statements: what the new generation's first window sees is exactly what was looked through.
    func begin(after state: SequencerState, under identity: DatabaseIdentity) async throws -> Bool {
        // The whole outbox is read, which may take longer than any statement should.
        try await connection.liftDeadlines()
        do {
            return try await connection.transaction(.repeatableRead) { transaction in
                guard try await transaction.execute(SequencerQueries.begin(after: state, identity)) == 1 else { return false }
                try await transaction.execute(SequencerQueries.forgetForeignTransactions)
                return true
            }
        } catch let error as PostgresError where error.isRetriable && connection.isOpen {
            return false
        }
    }

    func window(_ state: SequencerState, limit: Int) async throws -> WindowPage {
        let page = try await connection.query(SequencerQueries.window(state, limit: limit), as: WindowRow.self)
        guard let snapshot = page.first?.snapshot else { throw EventLogError(.damaged, "a window without a snapshot") }
        return WindowPage(snapshot: snapshot, rows: page.compactMap(\.row))
    }

    func advance(from state: SequencerState, _ window: SequencedWindow) async throws -> Bool {
        try await connection.query(SequencerQueries.advance(from: state, window)) { row in try row["won"] as Bool }.first == true
    }
}
