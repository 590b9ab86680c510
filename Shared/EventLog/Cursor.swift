/// How far a consumer has applied a partition.
struct Cursor: Sendable, Equatable {
    var seq: Int64
    var hash: [UInt8]

    static let start = Cursor(seq: 0, hash: StreamHash.empty)
}

/// What a record is to a cursor.
enum Classification: Equatable {
    /// Exactly the next one, and its hash continues the history.
    case next
    /// Applied already.
    case duplicate
    /// Something before it is missing: from `seq` on, so many.
    case gap(from: Int64, count: Int64)
    /// The next number with another history, or not written by the owner.
    case diverged
}

extension Cursor {
    /// Pure: decides by number, proves by hash.
    func classify(_ record: StreamRecord, hash: StreamHash) -> Classification {
        if record.seq <= seq { return .duplicate }
        if record.seq > seq + 1 { return .gap(from: seq + 1, count: record.seq - seq - 1) }
        return hash.next(after: self.hash, seq: record.seq, record.event) == record.hash ? .next : .diverged
    }

    mutating func advance(over record: StreamRecord) {
        seq = record.seq
        hash = record.hash
    }
}

/// Orders a batch's new events for handlers: `rounds` keep the order within a subject, and within a round every type's
/// events come together, so that a handler gets many at once.
enum Rounds {
    static func arrange(_ events: [CommittedEvent]) -> [[(type: String, events: [CommittedEvent])]] {
        var rounds: [[(type: String, events: [CommittedEvent])]] = []
        var seen: [String: Int] = [:]
        for event in events {
            let round = seen[event.subject, default: 0]
            seen[event.subject] = round + 1
            if round == rounds.count { rounds.append([]) }
            if let place = rounds[round].firstIndex(where: { $0.type == event.type }) {
                rounds[round][place].events.append(event)
            } else {
                rounds[round].append((event.type, [event]))
            }
        }
        return rounds
    }
}
