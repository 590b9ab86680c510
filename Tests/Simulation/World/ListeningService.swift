import EventLog

/// A service that listens: its database, which all its replicas share, and its handler.
final class ListeningService: @unchecked Sendable {
    let number: Int
    let database: PostgresModel<ConsumerRows>
    let handler: HandlerModel
    /// Subjects an operator has replayed.
    private(set) var unparked = 0
    /// Audits that came to an owner, and what they said was on disk and was not.
    private(set) var audits = 0, untrue: String?

    init(_ number: Int, _ scenario: Scenario, on scheduler: Scheduler) {
        self.number = number
        let purpose = UInt64(20 + number * 2)
        database = PostgresModel(ConsumerRows(), on: scheduler, random: SeededRandom(seed: scenario.seed, purpose: purpose))
        handler = HandlerModel(random: SeededRandom(seed: scenario.seed, purpose: purpose + 1))
    }

    /// One subject, or half of them, cannot be handled for a while; when that is over, an operator replays what was parked.
    func poison(_ event: Scenario.Disturbance, subjects: Int, flood: Bool) {
        let bad = flood ? (0..<subjects).filter { ($0 + event.target) % 2 == 0 } : [event.target / 3 % subjects]
        for subject in bad { handler.bad.insert("subject-\(subject)") }
        database.scheduler.after(event.length) { [weak self] in
            for subject in bad { self?.handler.bad.remove("subject-\(subject)") }
            self?.replayParked()
        }
    }

    /// An owner hears cursors: it may throw away what lies before, so they must be durable.
    func told(_ cursors: [AuditedCursor]) {
        audits += 1
        // A restore forgets what was on disk, and a question may have been on its way.
        if database.tally.restores > 0 { return }
        for told in cursors where told.cursor.seq > database.durable.cursors[told.partition]?.seq ?? 0 {
            untrue = "part \(told.partition.part) is said to be at \(told.cursor.seq), which is not on disk"
        }
    }

    func heal() {
        handler.bad = []
        handler.passing = 0
    }

    /// What `POST /internal/parked/replay` does, for every subject that can be handled again: all its events in one transaction.
    func replayParked() {
        let places = database.rows.parked.map { ($0.record.partition, $0.record.event.subject) }
        var seen: Set<String> = []
        for (partition, subject) in places where seen.insert(subject).inserted && !handler.bad.contains(subject) {
            let transaction = database.begin()
            database.lock([SimulatedConsumerStore.key(of: subject)], for: transaction) { [self] won in
                guard won else { return }
                let waiting = database.rows.parked.filter { $0.record.partition == partition && $0.record.event.subject == subject }
                guard !waiting.isEmpty else { return database.abort(transaction) }
                for parked in waiting { transaction.changes.append(.effect(ConsumerRows.Effect(parked.record))) }
                transaction.changes.append(.unpark(partition, subject))
                database.commit(transaction, synchronously: true) { [self] stored in if stored { unparked += 1 } }
            }
        }
    }
}
