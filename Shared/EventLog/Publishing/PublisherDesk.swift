import Synchronization

/// What the tasks of one lead share: the one that sends and the one that watches the broker.
final class PublisherDesk: Sendable {
    private struct Papers {
        var state: PublisherState
        var saved: PublisherState
        var places: PublisherPlaces
        var trouble: BrokerTrouble?
        /// Topics that take nothing, and why.
        var blocked: [String: String] = [:]
        var held: HeldRecords
    }
    private let papers: Mutex<Papers>

    init(_ state: PublisherState, _ places: PublisherPlaces, held: [HeldRecord] = []) {
        papers = Mutex(Papers(state: state, saved: state, places: places, held: HeldRecords(held)))
    }

    var state: PublisherState {
        get { papers.withLock { $0.state } }
        set { papers.withLock { $0.state = newValue } }
    }

    func withPlaces<Value: Sendable>(_ body: (inout sending PublisherPlaces) -> sending Value) -> Value {
        papers.withLock { body(&$0.places) }
    }

    /// Throws what the watch has found.
    func check() throws(BrokerTrouble) {
        if let trouble = papers.withLock({ $0.trouble }) { throw trouble }
    }

    func report(_ trouble: BrokerTrouble) { papers.withLock { $0.trouble = $0.trouble ?? trouble } }

    /// Saves the state if it has changed since the last time.
    func save(_ session: any PublisherSession) async throws {
        let (state, saved) = papers.withLock { ($0.state, $0.saved) }
        if state == saved { return }
        try await session.save(state)
        papers.withLock { $0.saved = state }
    }

    /// Saves what is known of partitions, if anything has changed since the last time.
    func savePlaces(_ session: any PublisherSession) async throws {
        let (places, lead) = papers.withLock { ($0.places.takeUnsaved(), $0.state.lead) }
        do {
            try await session.save(places, under: lead)
        } catch {
            // The next lead may take these papers over, and would not know that the database is behind them.
            papers.withLock { $0.places.notSaved(places) }
            throw error
        }
    }
}

/// What was set aside.
extension PublisherDesk {
    struct Sorted: Sendable {
        var due: [StreamRecord]
        var held: [HeldRecord] = []
        var owesMore = false
    }

    /// What may be sent, except to topics that take nothing and behind records that are held back; the rest is noted here.
    /// - Parameter topic: sent to although it took nothing.
    func sort(_ records: [StreamRecord], retrying topic: String?) -> Sorted {
        papers.withLock { papers in
            if papers.blocked.isEmpty && papers.held.isEmpty { return Sorted(due: records) }
            var sorted = Sorted(due: [])
            for record in records {
                if record.event.topic != topic, papers.blocked[record.event.topic] != nil {
                    papers.places.owe(record)
                    sorted.owesMore = true
                } else if papers.held.holds(record) {
                    let held = HeldRecord(record, "behind one of its subject that is held back")
                    if papers.held.add(held) { sorted.held.append(held) }
                } else {
                    sorted.due.append(record)
                }
            }
            return sorted
        }
    }

    /// True when this topic was not known to take nothing.
    func block(_ record: StreamRecord, _ reason: String) -> Bool {
        papers.withLock { papers in
            papers.places.owe(record)
            return papers.blocked.updateValue(reason, forKey: record.event.topic) == nil
        }
    }

    /// True when nothing is owed to the topic any more: from now on it is sent to again.
    func unblock(_ topic: String) -> Bool {
        papers.withLock { papers in
            guard !papers.places.refills.contains(where: { $0.partition.topic == topic }) else { return false }
            papers.blocked[topic] = nil
            return true
        }
    }

    var blockedTopics: [String] { papers.withLock { $0.blocked.keys.sorted() } }

    func isBlocked(_ topic: String) -> Bool { papers.withLock { $0.blocked[topic] != nil } }

    func hold(_ record: HeldRecord) -> Bool { papers.withLock { $0.held.add(record) } }
    func release(_ record: HeldRecord) { papers.withLock { $0.held.release(record) } }
    func firstHeld(_ subject: HeldRecords.Subject) -> HeldRecord? { papers.withLock { $0.held.first(subject) } }
    var heldSubjects: [HeldRecords.Subject] { papers.withLock { $0.held.subjects } }
    var heldCount: Int { papers.withLock { $0.held.count } }

    /// For people.
    var remarks: [String] {
        papers.withLock { papers in
            var told = papers.blocked.sorted { $0.key < $1.key }.map { "\($0.key) takes no records: \($0.value)" }
            if let held = papers.held.example {
                told.append(
                    "\(papers.held.count) records are held back, first \(held.partition.topic)/\(held.partition.part) seq \(held.seq): \(held.reason)"
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
