/// A record that the broker will not take as it is, or that waits behind such a one of its subject.
package struct HeldRecord: Sendable, Equatable {
    package let partition: StreamPartition
    package let seq: Int64
    package let subject: String
    package let reason: String

    package init(partition: StreamPartition, seq: Int64, subject: String, reason: String) {
        self.partition = partition
        self.seq = seq
        self.subject = subject
        self.reason = reason
    }

    init(_ record: StreamRecord, _ reason: String) {
        self.init(partition: record.partition, seq: record.seq, subject: record.event.subject, reason: String(reason.prefix(500)))
    }
}

/// All that is held back, per partition and subject in order; pure.
struct HeldRecords: Sendable {
    struct Subject: Sendable, Hashable {
        let partition: StreamPartition
        let name: String
    }
    private var held: [Subject: [HeldRecord]] = [:]

    init(_ records: [HeldRecord] = []) {
        for record in records { _ = add(record) }
    }

    var isEmpty: Bool { held.isEmpty }
    var count: Int { held.values.reduce(0) { $0 + $1.count } }
    var subjects: [Subject] { held.keys.sorted { ($0.partition, $0.name) < ($1.partition, $1.name) } }

    /// One of those that failed themselves, for people.
    var example: HeldRecord? { held.values.compactMap(\.first).min { ($0.partition, $0.seq) < ($1.partition, $1.seq) } }

    /// How many of a partition's records within `seqs`.
    func count(of partition: StreamPartition, in seqs: Range<Int64>) -> Int {
        held.reduce(0) { $0 + ($1.key.partition == partition ? $1.value.count { seqs.contains($0.seq) } : 0) }
    }

    /// Whether an earlier record of its subject, or this one, is held back.
    func holds(_ record: StreamRecord) -> Bool {
        guard let first = first(Subject(partition: record.partition, name: record.event.subject)) else { return false }
        return first.seq <= record.seq
    }

    func first(_ subject: Subject) -> HeldRecord? { held[subject]?.first }

    /// False when it is held already.
    mutating func add(_ record: HeldRecord) -> Bool {
        let subject = Subject(partition: record.partition, name: record.subject)
        var records = held[subject] ?? []
        guard !records.contains(where: { $0.seq == record.seq }) else { return false }
        records.insert(record, at: records.firstIndex { $0.seq > record.seq } ?? records.endIndex)
        held[subject] = records
        return true
    }

    mutating func release(_ record: HeldRecord) {
        let subject = Subject(partition: record.partition, name: record.subject)
        held[subject]?.removeAll { $0.seq == record.seq }
        if held[subject]?.isEmpty == true { held[subject] = nil }
    }
}
