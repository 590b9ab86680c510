/// A batch as it came, sorted against the cursors; pure.
struct SortedBatch {
    /// To be applied, in order.
    private(set) var next: [StreamRecord] = []
    private(set) var duplicates = 0, stale = 0
    /// From a gap or a suspect record on: what Kafka brought of a partition is worth nothing until its owner was asked.
    private(set) var doubtful: [StreamPartition: [StreamRecord]] = [:]
    /// Partitions of which Kafka brought what comes next, or the last that is applied: there it has caught up.
    private(set) var reached: Set<StreamPartition> = []

    init(_ records: [StreamRecord], at cursors: [StreamPartition: Cursor], without halted: Set<StreamPartition>, hash: StreamHash) {
        var cursors = cursors
        for record in records {
            let partition = record.partition
            if !halted.isEmpty && halted.contains(partition) { continue }
            if doubtful[partition] != nil {
                doubtful[partition]?.append(record)
                continue
            }
            let cursor = cursors[partition] ?? .start
            switch cursor.classify(record, hash: hash) {
            case .next:
                cursors[partition, default: .start].advance(over: record)
                next.append(record)
                reached.insert(partition)
            case .duplicate:
                duplicates += 1
                if record.seq == cursor.seq { reached.insert(partition) }
            case .stale: stale += 1
            case .gap, .suspect: doubtful[partition] = [record]
            }
        }
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
