import EventLog
import Postgres

/// The sequencer's questions, answered by the model as the real statements are by Postgres.
struct SimulatedSequencerStore: SequencerStore {
    let owner: PostgresModel<OwnerRows>
    let machine: SimulatedMachine

    func session(_ body: (any SequencerSession) async throws -> Void) async throws {
        let session = try await owner.open(for: machine)
        defer { owner.close(session) }
        try await body(SimulatedSequencerSession(owner: owner, machine: machine, session: session))
    }
}

struct SimulatedSequencerSession: SequencerSession {
    let owner: PostgresModel<OwnerRows>
    let machine: SimulatedMachine
    let session: PostgresModel<OwnerRows>.Session

    func load() async throws -> SequencerMemory {
        let state = try await owner.read(from: machine, in: session) { $0.sequencer }
        return SequencerMemory(state: state, heads: try await owner.read(from: machine, in: session) { $0.heads })
    }

    func identity() async throws -> DatabaseIdentity {
        try await owner.read(from: machine, in: session) { [owner] _ in owner.identity }
    }

    func begin(after state: SequencerState, under identity: DatabaseIdentity) async throws -> Bool {
        try await owner.write(from: machine, in: session, locking: ["sequencer"], synchronously: true) { [owner] rows, transaction in
            let snapshot = owner.snapshot
            owner.xid(of: transaction)
            guard rows.sequencer.version == state.version, rows.sequencer.generation == state.generation, owner.identity == identity
            else { return false }
            var next = rows.sequencer
            next.version += 1
            next.generation += 1
            (next.identity, next.isRecovering) = (identity, true)
            (next.snapshot, next.target, next.afterID) = ("1:1:", snapshot, 0)
            let seen = Snapshot(snapshot)
            transaction.changes.append(.begin(next, rows.outbox.filter { !seen.sees($0.xid) }.map(\.id)))
            return true
        }
    }

    func window(_ state: SequencerState, limit: Int) async throws -> WindowPage {
        try await owner.read(from: machine, in: session) { [owner] rows in
            let past = Snapshot(state.snapshot)
            let target = state.target.map { Snapshot($0) }
            let found = rows.outbox.lazy.filter { row in
                guard row.id > state.afterID, target?.sees(row.xid) ?? true else { return false }
                return state.isRecovering ? !rows.sequencedIDs.contains(row.id) : !past.sees(row.xid)
            }
            return WindowPage(
                snapshot: state.isRecovering ? state.target ?? owner.snapshot : owner.snapshot,
                rows: found.prefix(limit).map { OutboxRow(id: $0.id, event: $0.event) })
        }
    }

    func advance(from state: SequencerState, _ window: SequencedWindow) async throws -> Bool {
        try await owner.write(from: machine, in: session, locking: ["sequencer"], synchronously: true) { [owner] rows, transaction in
            owner.xid(of: transaction)
            guard rows.sequencer.version == state.version, rows.sequencer.generation == state.generation,
                rows.sequencer.identity == owner.identity
            else { return false }
            for id in window.outboxIDs where rows.sequencedIDs.contains(id) {
                throw PostgresError(
                    .server, "outbox row \(id) is in the stream already", sqlState: "23505", constraint: "stream_outbox_id_key")
            }
            transaction.changes.append(.window(window))
            return true
        }
    }
}

/// The publisher's lead: an advisory lock of a session.
struct SimulatedPublisherStore: PublisherStore {
    let owner: PostgresModel<OwnerRows>
    let machine: SimulatedMachine

    func lead(_ body: (any PublisherSession) async throws -> Void) async throws -> Bool {
        let session = try await owner.open(for: machine)
        defer { owner.close(session) }
        let won = try await owner.read(from: machine, in: session) { [owner] _ in owner.tryLock(772, for: session) }
        if won { try await body(SimulatedPublisherSession(owner: owner, machine: machine, session: session)) }
        return won
    }
}

struct SimulatedPublisherSession: PublisherSession {
    let owner: PostgresModel<OwnerRows>
    let machine: SimulatedMachine
    let session: PostgresModel<OwnerRows>.Session

    func acknowledged() async throws -> Int64 { try await owner.read(from: machine, in: session) { $0.acknowledged } }

    func next(after pos: Int64, limit: Int) async throws -> [StreamRecord] {
        try await owner.read(from: machine, in: session) { rows in
            var found: [StreamRecord] = []
            for row in rows.stream where row.record.pos > pos && found.count < limit { found.append(row.record) }
            return found
        }
    }

    func save(acknowledged pos: Int64) async throws {
        try await owner.write(from: machine, in: session, locking: ["publisher"], synchronously: false) { rows, transaction in
            if rows.acknowledged < pos { transaction.changes.append(.acknowledged(pos)) }
        }
    }
}

/// A producer session with the adversarial broker.
struct SimulatedRecordSink: RecordSink {
    let producer: ProducerModel

    func send(_ records: [StreamRecord]) async throws -> [Result<Receipt, any Error>] {
        try await producer.send(records).map { result in
            switch result {
            case .success(let offset): .success(Receipt(offset: offset < 0 ? nil : offset))
            case .failure(let error): .failure(error)
            }
        }
    }

    func close(drainingFor patience: Duration) async { producer.close() }
}
