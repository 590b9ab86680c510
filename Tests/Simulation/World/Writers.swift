import Contracts
import EventLog
import FoundationEssentials

/// People at work: transactions that lock their subjects, raise their versions and emit, commit late, out of order, or not at all.
final class Writers {
    private let owner: PostgresModel<OwnerRows>
    private let scenario: Scenario
    private let topic: String
    private let wake: () -> Void
    private var random: SeededRandom
    /// While false nothing is given up and nothing takes long.
    var faultsAreOn = true
    private(set) var committed = 0, aborted = 0, underWay = 0

    init(_ owner: PostgresModel<OwnerRows>, _ scenario: Scenario, topic: String, wake: @escaping () -> Void) {
        self.owner = owner
        self.scenario = scenario
        self.topic = topic
        self.wake = wake
        random = SeededRandom(seed: scenario.seed, purpose: 3)
    }

    /// Spreads the scenario's transactions over its active time, some of them in one moment.
    func begin() {
        var at = 0
        for _ in 0..<scenario.transactions {
            if !random.chance(scenario.faults.contains(.bursts) ? 700 : 250) { at = random.below(scenario.active) }
            plan(at: at, holding: random.delay(upTo: 300_000))
        }
    }

    /// One transaction at `at`, open for `length` after it has done its work.
    func plan(at: Int, holding length: Int) {
        var subjects = Set((0..<(random.chance(200) ? 2 : 1)).map { _ in random.below(scenario.subjects) }).sorted()
        let (early, aborts) = (random.chance(400), random.chance(80))
        let synchronously = !random.chance(400)
        let again = random.chance(150)
        if again { subjects.append(contentsOf: subjects) }
        owner.scheduler.after(at) { [self] in
            guard owner.isUp else { return retry(subjects.count, length) }
            let transaction = owner.begin()
            underWay += 1
            // Something else is written first: the id is older than the lock.
            if early { owner.xid(of: transaction) }
            owner.lock(Set(subjects).sorted().map(Self.key), for: transaction) { [self] won in
                guard won else {
                    underWay -= 1
                    return
                }
                for subject in subjects { emit(subject, transaction) }
                let pause = faultsAreOn ? length : 0
                owner.scheduler.after(pause) { [self] in
                    aborts ? abort(transaction) : commit(transaction, synchronously)
                }
            }
        }
    }

    /// One event of each subject, at once.
    func writeOnceMore() {
        for subject in 0..<scenario.subjects {
            let transaction = owner.begin()
            underWay += 1
            owner.lock([Self.key(subject)], for: transaction) { [self] won in
                emit(subject, transaction)
                won ? commit(transaction, true) : abort(transaction)
            }
        }
    }

    /// Bytes of a payload.
    static let sizes = 8...23

    private static func key(_ subject: Int) -> String { "subject \(subject < 10 ? "0" : "")\(subject)" }

    private func retry(_ count: Int, _ length: Int) {
        if faultsAreOn { plan(at: random.within(100_000...500_000), holding: length) }
    }

    private func emit(_ subject: Int, _ transaction: PostgresModel<OwnerRows>.Transaction) {
        let name = "subject-\(subject)"
        var version = owner.rows.subjects[name] ?? 0
        for case .subject(name, let written) in transaction.changes { version = written }
        version += 1
        let xid = owner.xid(of: transaction)
        let event = CommittedEvent(
            topic: topic, part: Int32(subject % scenario.partitions), subject: name, version: version, id: id(), type: "sim.changed.v1",
            time: Timestamp(milliseconds: 1_795_000_000_000 + Int64(owner.scheduler.now / 1000)),
            payload: random.bytes(random.within(Self.sizes)))
        transaction.changes.append(.subject(name, version))
        transaction.changes.append(.emit(id: owner.nextID(), xid: xid, event))
    }

    private func commit(_ transaction: PostgresModel<OwnerRows>.Transaction, _ synchronously: Bool) {
        owner.commit(transaction, synchronously: synchronously) { [self] stored in
            underWay -= 1
            guard stored else { return }
            committed += 1
            wake()
        }
    }

    private func abort(_ transaction: PostgresModel<OwnerRows>.Transaction) {
        owner.abort(transaction)
        underWay -= 1
        aborted += 1
    }

    private func id() -> UUID {
        let b = random.bytes(16)
        return UUID(uuid: (b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]))
    }
}
