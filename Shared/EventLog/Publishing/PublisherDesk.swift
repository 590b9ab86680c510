import Synchronization

/// What the tasks of one lead share: the one that sends and the one that watches the broker.
final class PublisherDesk: Sendable {
    private struct Papers {
        var state: PublisherState
        var saved: PublisherState
        var places: PublisherPlaces
        var trouble: BrokerTrouble?
    }
    private let papers: Mutex<Papers>

    init(_ state: PublisherState, _ places: PublisherPlaces) {
        papers = Mutex(Papers(state: state, saved: state, places: places))
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

/// The broker is not what it was: what it had to have is gone.
struct BrokerTrouble: Error, Sendable, CustomStringConvertible {
    /// For the metric: `cluster`, `topic` or `truncated`.
    let reason: String
    let detail: String
    var description: String { detail }
}
