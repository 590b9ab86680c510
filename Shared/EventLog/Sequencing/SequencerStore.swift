package import Postgres

/// What the sequencer asks of the database in which the outbox is; the primary, never a standby.
package protocol SequencerStore: Sendable {
    /// Runs `body` over one connection. The rows of a window may have been committed asynchronously: when the server falls between
    /// the look and the compare-and-set, they are gone, and the state's version need not have changed. Only that the connection is
    /// gone too says so.
    func withSession(_ body: (any SequencerSession) async throws -> Void) async throws
}

/// One connection of the sequencer: all of it happens in one life of the server.
package protocol SequencerSession: Sendable {
    /// The state, and how far every partition has come.
    func load() async throws -> SequencerMemory
    /// The next rows of the state's window, ascending ids, at most `limit`.
    func window(_ state: SequencerState, limit: Int) async throws -> WindowPage
    /// The compare-and-set on the state's version, with heads and stream rows, all or nothing; durable when it answers true.
    /// False: another sequencer has moved the state since.
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

    package func withSession(_ body: (any SequencerSession) async throws -> Void) async throws {
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

    func window(_ state: SequencerState, limit: Int) async throws -> WindowPage {
        let page = try await connection.query(SequencerQueries.window(state, limit: limit), as: WindowRow.self)
        guard let snapshot = page.first?.snapshot else { throw EventLogError(.damaged, "a window without a snapshot") }
        return WindowPage(snapshot: snapshot, rows: page.compactMap(\.row))
    }

    func advance(from state: SequencerState, _ window: SequencedWindow) async throws -> Bool {
        try await connection.query(SequencerQueries.advance(from: state, window)) { row in try row["won"] as Bool }.first == true
    }
}
