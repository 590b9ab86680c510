/// Whose photo is decoded next: clients take turns, whoever sent how much, and none has all the workers.
struct PhotoQueue<Client: Hashable & Sendable, Waiter: Sendable>: Sendable {
    /// Photos decoded at the same time at most.
    let places: Int
    /// Waiting at most, of all clients and of one.
    let waiting: Int
    let waitingPerClient: Int

    /// Clients who wait, the next one first; each with its waiters in order.
    private var turns: [(client: Client, waiters: [(id: UInt64, waiter: Waiter)])] = []
    private var decoding: [Client: Int] = [:]

    enum Entry: Equatable {
        /// A place is the client's at once.
        case granted
        /// To be called ``wait(_:_:_:)`` for.
        case later
        /// So many wait already, of all or of this client.
        case full(Int)
    }

    init(places: Int, waiting: Int, waitingPerClient: Int) {
        self.places = places
        self.waiting = waiting
        self.waitingPerClient = waitingPerClient
    }

    /// One worker is left for others, if there is more than one.
    private var placesPerClient: Int { max(1, places - 1) }
    private var running: Int { decoding.values.reduce(0, +) }
    private var count: Int { turns.reduce(0) { $0 + $1.waiters.count } }

    private func isFree(for client: Client) -> Bool { running < places && decoding[client, default: 0] < placesPerClient }

    /// Whether the client has a place, may wait for one, or is one too many.
    mutating func enter(_ client: Client) -> Entry {
        let own = turns.first { $0.client == client }?.waiters.count ?? 0
        if own == 0, isFree(for: client) {
            decoding[client, default: 0] += 1
            return .granted
        }
        if own >= waitingPerClient { return .full(own) }
        return count < waiting ? .later : .full(count)
    }

    mutating func wait(_ id: UInt64, _ client: Client, _ waiter: Waiter) {
        if let own = turns.firstIndex(where: { $0.client == client }) {
            turns[own].waiters.append((id, waiter))
        } else {
            turns.append((client, [(id, waiter)]))
        }
    }

    /// Gives the client's place back and returns whoever has one now.
    mutating func leave(_ client: Client) -> [Waiter] {
        decoding[client] = decoding[client].flatMap { $0 > 1 ? $0 - 1 : nil }
        var granted: [Waiter] = []
        while let next = turns.firstIndex(where: { isFree(for: $0.client) }) {
            var turn = turns.remove(at: next)
            granted.append(turn.waiters.removeFirst().waiter)
            decoding[turn.client, default: 0] += 1
            // Who had a turn comes after all others.
            if !turn.waiters.isEmpty { turns.append(turn) }
        }
        return granted
    }

    /// Takes one out of the queue; nil when it is not in it any more.
    mutating func giveUp(_ id: UInt64) -> Waiter? {
        for turn in turns.indices {
            guard let place = turns[turn].waiters.firstIndex(where: { $0.id == id }) else { continue }
            let waiter = turns[turn].waiters.remove(at: place).waiter
            if turns[turn].waiters.isEmpty { turns.remove(at: turn) }
            return waiter
        }
        return nil
    }

    /// Empties the queue.
    mutating func giveUpAll() -> [Waiter] {
        defer { turns = [] }
        return turns.flatMap { $0.waiters.map(\.waiter) }
    }
}
