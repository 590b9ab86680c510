import EventLog
import Kafka
import Postgres

/// A consuming service's database, with a handler that keeps a trace of every event and fails where the scenario says so.
struct SimulatedConsumerStore: ConsumerStore {
    let database: PostgresModel<ConsumerRows>
    let machine: SimulatedMachine
    let handler: HandlerModel

    func open(_ partitions: [StreamPartition]) async throws {
        try await database.write(from: machine, locking: [], synchronously: true) { _, transaction in
            transaction.changes.append(.open(partitions))
        }
    }

    func load(_ partitions: Set<StreamPartition>) async throws -> ConsumerPositions {
        try await load(partitions, nil)
    }

    func settled(_ partitions: Set<StreamPartition>) async throws -> ConsumerPositions {
        let session = try await database.open(for: machine)
        defer { database.close(session) }
        let positions = try await load(partitions, session)
        try await database.write(from: machine, in: session, locking: [], synchronously: true) { [database] _, transaction in
            _ = database.xid(of: transaction)
        }
        return positions
    }

    private func load(
        _ partitions: Set<StreamPartition>, _ session: PostgresModel<ConsumerRows>.Session?
    ) async throws -> ConsumerPositions {
        try await database.read(from: machine, in: session) { rows in
            var positions = ConsumerPositions(cursors: [:])
            for partition in partitions {
                positions.cursors[partition] = rows.cursors[partition]
                let subjects = rows.parkedSubjects(in: partition)
                if !subjects.isEmpty { positions.parked[partition] = subjects }
            }
            return positions
        }
    }

    func apply(_ step: ApplyStep) async throws -> ApplyOutcome {
        let keys = step.moves.map { Self.key($0.partition) }.sorted() + step.parked.values.flatMap { $0 }.map(Self.key(of:)).sorted()
        return try await database.write(from: machine, locking: keys, synchronously: false) { rows, transaction in
            for move in step.moves where rows.cursors[move.partition]?.seq != move.before.seq {
                throw PostgresError(.server, "another consumer has moved these cursors", sqlState: "SH001")
            }
            for move in step.moves where !rows.parkedSubjects(in: move.partition).subtracting(step.known[move.partition] ?? []).isEmpty {
                throw PostgresError(.server, "something was parked here that this consumer does not know of", sqlState: "SH001")
            }
            var outcome = ApplyOutcome()
            for move in step.moves { transaction.changes.append(.move(move)) }
            for record in step.records { try apply(record, step, rows, transaction, &outcome) }
            return outcome
        }
    }

    private func apply(
        _ record: StreamRecord, _ step: ApplyStep, _ rows: ConsumerRows, _ transaction: PostgresModel<ConsumerRows>.Transaction,
        _ outcome: inout ApplyOutcome
    ) throws {
        let subject = record.event.subject
        if let reason = step.poison {
            transaction.changes.append(.park(ConsumerRows.Parked(record: record, reason: reason)))
            return
        }
        if step.parked[record.partition]?.contains(subject) == true {
            if rows.isParked(subject, in: record.partition) {
                outcome.queued += 1
                transaction.changes.append(.park(ConsumerRows.Parked(record: record, reason: "behind a parked one")))
                return
            }
            outcome.released[record.partition, default: []].insert(subject)
        }
        try handler.handle(record)
        transaction.changes.append(.effect(ConsumerRows.Effect(record)))
    }

    /// Row locks: cursors before parked subjects, each in their order.
    static func key(_ partition: StreamPartition) -> String { "cursor \(partition.part)" }
    static func key(of subject: String) -> String { "parked \(subject)" }
}

/// A service's handler: fails for good on bad subjects, and now and then for a moment on any.
final class HandlerModel: @unchecked Sendable {
    var bad: Set<String> = []
    var passing = 0
    private(set) var failures = 0, conflicts = 0
    private var random: SeededRandom

    init(random: SeededRandom) { self.random = random }

    func handle(_ record: StreamRecord) throws {
        if random.chance(passing) {
            conflicts += 1
            throw PostgresError(.server, "deadlock detected", sqlState: "40P01")
        }
        if bad.contains(record.event.subject) {
            failures += 1
            throw PostgresError(.server, "value out of range", sqlState: "22003")
        }
    }
}

/// A group member's messages from the adversarial broker.
struct SimulatedRecordFeed: RecordFeed {
    let feed: FeedModel

    func next(upTo limit: Int, within patience: Duration) async throws -> FeedBatch? {
        guard let messages = try await feed.fetch(upTo: limit, atMost: patience.inMicroseconds) else { return nil }
        return FeedBatch(messages: messages, assignment: Set(feed.assignment))
    }

    func done(with batch: FeedBatch) async {
        for message in batch.messages {
            feed.store(StreamPartition(topic: message.topic, part: message.partition), next: message.offset + 1)
        }
    }

    func renew() async { feed.rejoin() }

    func close() async { feed.close() }
}
