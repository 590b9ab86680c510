import Contracts
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

    func begin() async throws -> PublisherState {
        try await owner.write(from: machine, in: session, locking: ["publisher"], synchronously: false) { rows, transaction in
            var state = rows.publisher
            state.lead += 1
            transaction.changes.append(.publisher(state))
            return state
        }
    }

    func save(_ state: PublisherState) async throws {
        try await owner.write(from: machine, in: session, locking: ["publisher"], synchronously: false) { rows, transaction in
            guard rows.publisher.lead == state.lead else { throw EventLogError(.fenced, "another publisher has the lead") }
            transaction.changes.append(.publisher(state))
        }
    }

    func positions() async throws -> [BrokerPosition] { try await owner.read(from: machine, in: session) { $0.positions } }

    func save(_ positions: [BrokerPosition], under lead: Int64) async throws {
        if positions.isEmpty { return }
        try await owner.write(from: machine, in: session, locking: ["positions"], synchronously: false) { rows, transaction in
            if rows.publisher.lead == lead { transaction.changes.append(.positions(positions)) }
        }
    }

    func keep() async throws { try await owner.read(from: machine, in: session) { _ in } }

    func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord] {
        try await owner.read(from: machine, in: session) { rows in
            Array(rows.history(of: partition).drop { $0.seq < seq }.prefix(limit))
        }
    }

    func held() async throws -> [HeldRecord] { try await owner.read(from: machine, in: session) { $0.held } }

    func hold(_ records: [HeldRecord]) async throws {
        try await owner.write(from: machine, in: session, locking: [], synchronously: true) { _, transaction in
            transaction.changes.append(.hold(records))
        }
    }

    func release(_ record: HeldRecord) async throws {
        try await owner.write(from: machine, in: session, locking: [], synchronously: false) { _, transaction in
            transaction.changes.append(.release(record.partition, record.seq))
        }
    }

    func lastSeqs(upTo pos: Int64) async throws -> [StreamPartition: Int64] {
        try await owner.read(from: machine, in: session) { rows in
            var last: [StreamPartition: Int64] = [:]
            for row in rows.stream where row.record.pos <= pos { last[row.record.partition] = row.record.seq }
            return last
        }
    }

    /// Everything is younger than any retention.
    func position(of time: Timestamp, before pos: Int64) async throws -> Int64 {
        try await owner.read(from: machine, in: session) { _ in min(1, pos) }
    }

    func next(after pos: Int64, limit: Int) async throws -> [StreamRecord] {
        try await owner.read(from: machine, in: session) { rows in
            var found: [StreamRecord] = []
            for row in rows.stream where row.record.pos > pos && found.count < limit { found.append(row.record) }
            return found
        }
    }
}

/// A producer session with the adversarial broker.
struct SimulatedRecordSink: RecordSink {
    let producer: ProducerModel

    var saysOffsets: Bool { producer.saysOffsets }
    func cluster() async throws -> BrokerCluster { try await producer.cluster() }
    func create(_ topics: [Topic]) async throws { try await producer.create() }

    func ends(of partitions: [StreamPartition]) async throws -> [StreamPartition: Int64] { try await producer.ends(of: partitions) }

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
