import EventLog

/// The tables of a service that listens: cursors, what its handlers wrote, and what is parked.
struct ConsumerRows: DatabaseRows {
    /// A handler's trace of one event, in the order of application.
    struct Effect: Sendable, Equatable {
        let part: Int32
        let seq: Int64
        let subject: String
        let version: Int32
        let payload: [UInt8]
    }

    struct Parked: Sendable {
        let record: StreamRecord
        let reason: String
    }

    enum Change: Sendable {
        case open([StreamPartition])
        case move(ApplyStep.Move)
        case effect(Effect)
        case park(Parked)
        case unpark(StreamPartition, String)
    }

    var cursors: [StreamPartition: Cursor] = [:]
    var effects: [Effect] = []
    var parked: [Parked] = []
    var highestID: Int64 { 0 }

    mutating func apply(_ change: Change) {
        switch change {
        case .open(let partitions):
            for partition in partitions where cursors[partition] == nil { cursors[partition] = .start }
        case .move(let move): cursors[move.partition] = move.after
        case .effect(let effect): effects.append(effect)
        case .park(let record): parked.append(record)
        case .unpark(let partition, let subject):
            parked.removeAll { $0.record.partition == partition && $0.record.event.subject == subject }
        }
    }

    func isParked(_ subject: String, in partition: StreamPartition) -> Bool {
        parked.contains { $0.record.event.subject == subject && $0.record.partition == partition }
    }

    func parkedSubjects(in partition: StreamPartition) -> Set<String> {
        Set(parked.lazy.filter { $0.record.partition == partition }.map(\.record.event.subject))
    }
}

extension ConsumerRows.Effect {
    init(_ record: StreamRecord) {
        self.init(
            part: record.event.part, seq: record.seq, subject: record.event.subject, version: record.event.version,
            payload: record.event.payload)
    }
}
