import Synchronization

/// What the tasks of one lead share: the one that sends and the one that watches the broker.
final class SharedPublisherState: Sendable {
    private struct Values {
        var state: PublisherState
        var saved: PublisherState
        var positions: BrokerPositions
        var trouble: BrokerTrouble?
        /// Topics that take nothing, and why.
        var blocked: [String: String] = [:]
    }
    private let values: Mutex<Values>

    init(_ state: PublisherState, _ positions: BrokerPositions, held: [HeldRecord] = []) {
        var positions = positions
        positions.held = HeldRecords(held)
        values = Mutex(Values(state: state, saved: state, positions: positions))
    }

    var state: PublisherState {
        get { values.withLock { $0.state } }
        set { values.withLock { $0.state = newValue } }
    }

    func withPositions<Value: Sendable>(_ body: (inout sending BrokerPositions) -> sending Value) -> Value {
        values.withLock { body(&$0.positions) }
    }

    /// Throws what the watch has found.
    func check() throws(BrokerTrouble) {
        if let trouble = values.withLock({ $0.trouble }) { throw trouble }
    }

    func report(_ trouble: BrokerTrouble) { values.withLock { $0.trouble = $0.trouble ?? trouble } }

    /// Saves the state if it has changed since the last time.
    func save(_ session: any PublisherSession) async throws {
        let (state, saved) = values.withLock { ($0.state, $0.saved) }
        if state == saved { return }
        try await session.save(state)
        values.withLock { $0.saved = state }
    }

    /// Saves what is known of partitions, if anything has changed since the last time.
    func savePositions(_ session: any PublisherSession) async throws {
        let (positions, lead) = values.withLock { ($0.positions.takeUnsaved(), $0.state.lead) }
        do {
            try await session.save(positions, under: lead)
        } catch {
            // The next lead may take this session over, and would not know that the database is behind them.
            values.withLock { $0.positions.notSaved(positions) }
            throw error
        }
    }
}

/// What was set aside.
extension SharedPublisherState {
    struct Sorted: Sendable {
        var due: [StreamRecord]
        var held: [HeldRecord] = []
        var owesMore = false
    }

    /// What may be sent, except to topics that take nothing and behind records that are held back; the rest is noted here.
    /// - Parameter topic: sent to although it took nothing.
    func sort(_ records: [StreamRecord], retrying topic: String?) -> Sorted {
        values.withLock { values in
            if values.blocked.isEmpty && values.positions.held.isEmpty { return Sorted(due: records) }
            var sorted = Sorted(due: [])
            for record in records {
                if record.event.topic != topic, values.blocked[record.event.topic] != nil {
                    values.positions.scheduleRefill(record)
                    sorted.owesMore = true
                } else if values.positions.held.holds(record) {
                    let held = HeldRecord(record, "behind one of its subject that is held back")
                    if values.positions.held.add(held) { sorted.held.append(held) }
                } else {
                    sorted.due.append(record)
                }
            }
            return sorted
        }
    }

    /// True when this topic was not known to take nothing.
    func block(_ record: StreamRecord, _ reason: String) -> Bool {
        values.withLock { values in
            values.positions.scheduleRefill(record)
            return values.blocked.updateValue(reason, forKey: record.event.topic) == nil
        }
    }

    /// True when nothing is owed to the topic any more: from now on it is sent to again.
    func unblock(_ topic: String) -> Bool {
        values.withLock { values in
            guard !values.positions.refills.contains(where: { $0.partition.topic == topic }) else { return false }
            values.blocked[topic] = nil
            return true
        }
    }

    var blockedTopics: [String] { values.withLock { $0.blocked.keys.sorted() } }

    func isBlocked(_ topic: String) -> Bool { values.withLock { $0.blocked[topic] != nil } }

    func hold(_ record: HeldRecord) -> Bool { values.withLock { $0.positions.held.add(record) } }
    func release(_ record: HeldRecord) { values.withLock { $0.positions.held.release(record) } }
    func firstHeld(_ subject: HeldRecords.Subject) -> HeldRecord? { values.withLock { $0.positions.held.first(subject) } }
    var heldSubjects: [HeldRecords.Subject] { values.withLock { $0.positions.held.subjects } }
    var heldCount: Int { values.withLock { $0.positions.held.count } }

    /// For people.
    var remarks: [String] {
        values.withLock { values in
            var told = values.blocked.sorted { $0.key < $1.key }.map { "\($0.key) takes no records: \($0.value)" }
            if let held = values.positions.held.example {
                told.append(
                    "\(values.positions.held.count) records are held back, first \(held.partition.topic)/\(held.partition.part) seq \(held.seq): \(held.reason)"
                )
            }
            return told
        }
    }
}

/// The broker is not what it was: what it had to have is gone.
struct BrokerTrouble: Error, Sendable, CustomStringConvertible {
    /// For the metric: `cluster`, `topic` or `truncated`.
    let reason: String
    let detail: String
    var description: String { detail }
}
