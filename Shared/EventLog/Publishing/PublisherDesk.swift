import Synchronization

/// What the tasks of one lead share: the one that sends and the one that watches the broker.
final class PublisherDesk: Sendable {
    private struct PublisherSessionState {
        var state: PublisherState
        var saved: PublisherState
        var places: PublisherPlaces
        var trouble: BrokerTrouble?
        /// Topics that take nothing, and why.
        var blocked: [String: String] = [:]
    }
    private let sessionState: Mutex<PublisherSessionState>

    init(_ state: PublisherState, _ places: PublisherPlaces, held: [HeldRecord] = []) {
        var places = places
        places.held = HeldRecords(held)
        sessionState = Mutex(PublisherSessionState(state: state, saved: state, places: places))
    }

    var state: PublisherState {
        get { sessionState.withLock { $0.state } }
        set { sessionState.withLock { $0.state = newValue } }
    }

    func withPlaces<Value: Sendable>(_ body: (inout sending PublisherPlaces) -> sending Value) -> Value {
        sessionState.withLock { body(&$0.places) }
    }

    /// Throws what the watch has found.
    func check() throws(BrokerTrouble) {
        if let trouble = sessionState.withLock({ $0.trouble }) { throw trouble }
    }

    func report(_ trouble: BrokerTrouble) { sessionState.withLock { $0.trouble = $0.trouble ?? trouble } }

    /// Saves the state if it has changed since the last time.
    func save(_ session: any PublisherSession) async throws {
        let (state, saved) = sessionState.withLock { ($0.state, $0.saved) }
        if state == saved { return }
        try await session.save(state)
        sessionState.withLock { $0.saved = state }
    }

    /// Saves what is known of partitions, if anything has changed since the last time.
    func savePlaces(_ session: any PublisherSession) async throws {
        let (places, lead) = sessionState.withLock { ($0.places.takeUnsaved(), $0.state.lead) }
        do {
            try await session.save(places, under: lead)
        } catch {
            // The next lead may take this session over, and would not know that the database is behind them.
            sessionState.withLock { $0.places.notSaved(places) }
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
        sessionState.withLock { sessionState in
            if sessionState.blocked.isEmpty && sessionState.places.held.isEmpty { return Sorted(due: records) }
            var sorted = Sorted(due: [])
            for record in records {
                if record.event.topic != topic, sessionState.blocked[record.event.topic] != nil {
                    sessionState.places.scheduleRefill(record)
                    sorted.owesMore = true
                } else if sessionState.places.held.holds(record) {
                    let held = HeldRecord(record, "behind one of its subject that is held back")
                    if sessionState.places.held.add(held) { sorted.held.append(held) }
                } else {
                    sorted.due.append(record)
                }
            }
            return sorted
        }
    }

    /// True when this topic was not known to take nothing.
    func block(_ record: StreamRecord, _ reason: String) -> Bool {
        sessionState.withLock { sessionState in
            sessionState.places.scheduleRefill(record)
            return sessionState.blocked.updateValue(reason, forKey: record.event.topic) == nil
        }
    }

    /// True when nothing is owed to the topic any more: from now on it is sent to again.
    func unblock(_ topic: String) -> Bool {
        sessionState.withLock { sessionState in
            guard !sessionState.places.refills.contains(where: { $0.partition.topic == topic }) else { return false }
            sessionState.blocked[topic] = nil
            return true
        }
    }

    var blockedTopics: [String] { sessionState.withLock { $0.blocked.keys.sorted() } }

    func isBlocked(_ topic: String) -> Bool { sessionState.withLock { $0.blocked[topic] != nil } }

    func hold(_ record: HeldRecord) -> Bool { sessionState.withLock { $0.places.held.add(record) } }
    func release(_ record: HeldRecord) { sessionState.withLock { $0.places.held.release(record) } }
    func firstHeld(_ subject: HeldRecords.Subject) -> HeldRecord? { sessionState.withLock { $0.places.held.first(subject) } }
    var heldSubjects: [HeldRecords.Subject] { sessionState.withLock { $0.places.held.subjects } }
    var heldCount: Int { sessionState.withLock { $0.places.held.count } }

    /// For people.
    var remarks: [String] {
        sessionState.withLock { sessionState in
            var told = sessionState.blocked.sorted { $0.key < $1.key }.map { "\($0.key) takes no records: \($0.value)" }
            if let held = sessionState.places.held.example {
                told.append(
                    "\(sessionState.places.held.count) records are held back, first \(held.partition.topic)/\(held.partition.part) seq \(held.seq): \(held.reason)"
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
