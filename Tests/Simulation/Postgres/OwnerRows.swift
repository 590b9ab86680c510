import EventLog

/// The tables of a service that emits.
struct OwnerRows: DatabaseRows {
    /// A row of the outbox with the transaction that wrote it.
    struct Emitted: Sendable {
        let id: Int64
        var xid: UInt64
        let event: CommittedEvent
    }

    /// A row of the stream.
    struct Numbered: Sendable {
        let record: StreamRecord
        let outboxID: Int64
    }

    var subjects: [String: Int32] = [:]
    /// Ascending ids.
    var outbox: [Emitted] = []
    /// Ascending `pos`.
    var stream: [Numbered] = []
    var sequencedIDs: Set<Int64> = []
    var heads: [StreamHead] = []
    var sequencer = SequencerState(
        version: 0, generation: 1, identity: DatabaseIdentity(systemID: 7_000_001, timeline: 1), isRecovering: false,
        snapshot: "1:1:", target: nil, afterID: 0, pos: 0)
    var publisher = PublisherState(lead: 0, acknowledged: 0, clusterID: nil, refillTo: 0)
    var positions: [BrokerPosition] = []
    /// In the order of topic, part and seq.
    var held: [HeldRecord] = []

    enum Change: Sendable {
        case subject(String, Int32)
        case emit(id: Int64, xid: UInt64, CommittedEvent)
        case window(SequencedWindow)
        case publisher(PublisherState)
        case positions([BrokerPosition])
        case hold([HeldRecord])
        case release(StreamPartition, Int64)
        /// A new generation; the rows of these ids get the oldest transaction number there is.
        case begin(SequencerState, [Int64])
    }

    init() {}

    var highestID: Int64 { outbox.last?.id ?? 0 }

    mutating func apply(_ change: Change) {
        switch change {
        case .subject(let name, let version): subjects[name] = version
        case .emit(let id, let xid, let event):
            var place = outbox.count
            while place > 0, outbox[place - 1].id > id { place -= 1 }
            outbox.insert(Emitted(id: id, xid: xid, event: event), at: place)
        case .window(let window): apply(window)
        case .begin(let state, let foreign):
            sequencer = state
            for place in outbox.indices where foreign.contains(outbox[place].id) { outbox[place].xid = 1 }
        case .publisher(let state): publisher = state
        case .positions(let moved):
            for place in moved {
                positions.removeAll { $0.partition == place.partition }
                positions.append(place)
            }
        case .hold(let records): hold(records)
        case .release(let partition, let seq): held.removeAll { $0.partition == partition && $0.seq == seq }
        }
    }

    private mutating func hold(_ records: [HeldRecord]) {
        for record in records {
            held.removeAll { $0.partition == record.partition && $0.seq == record.seq }
            let place = held.firstIndex { ($0.partition, $0.seq) > (record.partition, record.seq) }
            held.insert(record, at: place ?? held.endIndex)
        }
    }

    private mutating func apply(_ window: SequencedWindow) {
        sequencer = window.state
        for (record, id) in zip(window.records, window.outboxIDs) {
            stream.append(Numbered(record: record, outboxID: id))
            sequencedIDs.insert(id)
            let head = StreamHead(
                partition: StreamPartition(topic: record.event.topic, part: record.event.part), seq: record.seq, hash: record.hash)
            if let place = heads.firstIndex(where: { $0.partition == head.partition }) { heads[place] = head } else { heads.append(head) }
        }
    }

    /// One partition's history.
    func history(of partition: StreamPartition) -> [StreamRecord] {
        stream.lazy.map(\.record).filter { $0.event.part == partition.part && $0.event.topic == partition.topic }
    }

    func head(of partition: StreamPartition) -> StreamHead? { heads.first { $0.partition == partition } }
}

/// `xmin:xmax:xip,…` as Postgres reads it.
struct Snapshot {
    let xmax: UInt64
    let running: [UInt64]

    init(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        xmax = parts.count > 1 ? UInt64(parts[1]) ?? 1 : 1
        running = parts.count > 2 ? parts[2].split(separator: ",").compactMap { UInt64($0) } : []
    }

    /// `pg_visible_in_snapshot`.
    func sees(_ xid: UInt64) -> Bool { xid < xmax && !running.contains(xid) }
}
