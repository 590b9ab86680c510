/// Where the broker has each partition's last record, and what that tells when it shows less; pure.
///
/// With receipts every position is known. Without (`acks=0`) records are counted, and a position is known again whenever the broker
/// is seen to have at least as many.
struct BrokerPositions: Sendable {
    private var known: [StreamPartition: BrokerPosition] = [:]
    /// What was sent since the position was known, without a receipt.
    private var unproven: [StreamPartition: (seq: Int64, count: Int64)] = [:]
    /// Short at the last look; a loss if the next one still finds it so.
    private var suspects: [StreamPartition: Expectation] = [:]
    private var unsaved: Set<StreamPartition> = []
    /// Records that are in their partitions no more than what has not been sent yet.
    var held = HeldRecords()
    /// The lowest number that lies behind higher ones, and the last offset of such a one.
    private var late: [StreamPartition: (seq: Int64, offset: Int64)] = [:]

    init(_ positions: [BrokerPosition] = []) {
        for position in positions { known[position.partition] = position }
    }

    /// What the broker must show at least: `nextOffset` after having got `seq`. Not certain where records may still be on the way.
    struct Expectation: Sendable, Equatable {
        var seq: Int64
        var nextOffset: Int64
        /// So many of them were sent without a receipt.
        var unproven: Int64 = 0
        var isCertain: Bool
    }

    var expectations: [StreamPartition: Expectation] {
        known.mapValues { position in
            guard let sent = unproven[position.partition] else {
                return Expectation(seq: position.seq, nextOffset: position.nextOffset, isCertain: true)
            }
            return Expectation(seq: sent.seq, nextOffset: position.nextOffset + sent.count, unproven: sent.count, isCertain: false)
        }
    }

    /// Topics that have records of ours.
    var filledTopics: Set<String> { Set(expectations.filter { $0.value.nextOffset > 0 }.keys.map(\.topic)) }

    /// What is owed, in order of topic and partition.
    var refills: [BrokerPosition] {
        known.values.filter { $0.refill != nil }.sorted {
            ($0.partition.topic, $0.partition.part) < ($1.partition.topic, $1.partition.part)
        }
    }

    /// A record was sent. True when its receipt shows that the broker has lost records before it.
    /// - Parameter isLate: it had been held back, and lies behind later ones.
    mutating func note(_ record: StreamRecord, _ receipt: Receipt, saysOffsets: Bool, isLate: Bool = false) -> Bool {
        let partition = StreamPartition(topic: record.event.topic, part: record.event.part)
        let atLeast = isLate ? max(known[partition]?.seq ?? 0, unproven[partition]?.seq ?? 0) : 0
        unsaved.insert(partition)
        guard let offset = receipt.offset else {
            // A repetition that the broker recognised is where it was; without receipts it is one more on the way.
            if saysOffsets {
                known[partition]?.seq = max(record.seq, atLeast)
            } else {
                if record.seq == 1, known[partition] == nil { find(partition, seq: 0, end: 0) }
                unproven[partition] = (max(record.seq, atLeast), (unproven[partition]?.count ?? 0) + 1)
            }
            return false
        }
        var position = known[partition] ?? BrokerPosition(partition: partition, seq: 0, nextOffset: 0)
        let lost = position.nextOffset - offset
        if lost > 0 { scheduleRefill(&position, from: sureOf(position, ending: offset, losing: lost) + 1, to: position.seq) }
        if isLate, record.seq < position.seq {
            let before = late[partition] ?? (record.seq, offset)
            late[partition] = (min(before.seq, record.seq), offset)
        }
        (position.seq, position.nextOffset) = (lost > 0 ? record.seq : max(record.seq, atLeast), offset + 1)
        known[partition] = position
        return lost > 0
    }

    /// This record waits until its topic takes records again.
    mutating func scheduleRefill(_ record: StreamRecord) {
        var position = known[record.partition] ?? BrokerPosition(partition: record.partition, seq: 0, nextOffset: 0)
        scheduleRefill(&position, from: record.seq, to: record.seq)
        known[record.partition] = position
        unsaved.insert(record.partition)
    }

    /// What is owed to one partition.
    func refill(of partition: StreamPartition) -> ClosedRange<Int64>? { known[partition]?.refill }

    /// What was saved may lag behind what was acknowledged: each record since took an offset at least.
    mutating func catchUp(with acknowledged: [StreamPartition: Int64]) {
        for (partition, seq) in acknowledged where unproven[partition] == nil {
            guard let position = known[partition], position.refill == nil, seq > position.seq else { continue }
            known[partition]?.nextOffset += seq - position.seq - Int64(held.count(of: partition, in: position.seq + 1..<seq + 1))
            known[partition]?.seq = seq
        }
    }

    /// Compares what the broker shows with what it had to show when it was asked. The partitions that have lost records.
    mutating func compare(_ ends: [StreamPartition: Int64], with expected: [StreamPartition: Expectation]) -> [StreamPartition] {
        var short: [StreamPartition] = []
        for (partition, expectation) in expected {
            guard let end = ends[partition], var position = known[partition] else { continue }
            let suspect = suspects.removeValue(forKey: partition)
            if end >= expectation.nextOffset {
                if !expectation.isCertain { prove(partition, expectation, end) }
                continue
            }
            if !expectation.isCertain {
                // On the way, perhaps; what was short a look ago and still is will not come.
                guard let suspect, end < suspect.nextOffset else {
                    suspects[partition] = suspect ?? expectation
                    continue
                }
            }
            // What lies there may all be of those without a receipt, grown where others were lost.
            let sure = sureOf(position, ending: end, losing: max(0, position.nextOffset - max(0, end - expectation.unproven)))
            scheduleRefill(&position, from: sure + 1, to: expectation.seq)
            (position.seq, position.nextOffset) = (sure, end)
            known[partition] = position
            unproven[partition] = nil
            unsaved.insert(partition)
            short.append(partition)
        }
        return short
    }

    /// The broker has lost all of a partition, whatever is known of it.
    mutating func markLost(_ partition: StreamPartition, upTo seq: Int64) {
        var position = BrokerPosition(partition: partition, seq: 0, nextOffset: 0)
        scheduleRefill(&position, from: 1, to: seq)
        known[partition] = position
        (unproven[partition], late[partition]) = (nil, nil)
        unsaved.insert(partition)
    }

    /// Another cluster has nothing of this; what is held back stays so.
    mutating func forget() {
        let held = held
        self = BrokerPositions()
        self.held = held
    }

    /// The broker has a partition of which nothing is known.
    mutating func find(_ partition: StreamPartition, seq: Int64, end: Int64) {
        guard known[partition] == nil else { return }
        known[partition] = BrokerPosition(partition: partition, seq: seq, nextOffset: end)
        unsaved.insert(partition)
    }

    /// Of what is owed, records before `seq` have been sent, or need not be.
    mutating func refilled(_ partition: StreamPartition, before seq: Int64) {
        guard let owed = known[partition]?.refill else { return }
        known[partition]?.refill = seq <= owed.upperBound ? max(seq, owed.lowerBound)...owed.upperBound : nil
        unsaved.insert(partition)
    }

    /// What has changed since this was last asked.
    mutating func takeUnsaved() -> [BrokerPosition] {
        defer { unsaved = [] }
        return unsaved.compactMap { known[$0] }
    }

    /// These could not be saved.
    mutating func notSaved(_ positions: [BrokerPosition]) { unsaved.formUnion(positions.map(\.partition)) }

    private mutating func prove(_ partition: StreamPartition, _ expectation: Expectation, _ end: Int64) {
        guard let sent = unproven[partition], let position = known[partition] else { return }
        let counted = expectation.nextOffset - position.nextOffset
        known[partition]?.seq = expectation.seq
        known[partition]?.nextOffset = end
        unproven[partition] = sent.count > counted ? (sent.seq, sent.count - counted) : nil
        unsaved.insert(partition)
    }

    /// The last record that lies where it was put, and everything before it: while something is owed, what came after that lies
    /// where the owed records had been.
    private func sureOf(_ position: BrokerPosition) -> Int64 {
        min(position.seq, position.refill.map { $0.lowerBound - 1 } ?? position.seq)
    }

    /// The same after so many records were lost at the partition's end, which is `end` now.
    private func sureOf(_ position: BrokerPosition, ending end: Int64, losing lost: Int64) -> Int64 {
        if end == 0 { return 0 }
        var sure = sureOf(position) - lost
        // What is held back took no offset: counted back from the end, the loss may lie that much further ahead.
        if lost > 0 { sure -= Int64(held.count(of: position.partition, in: 1..<position.seq + 1)) }
        if let late = late[position.partition], end <= late.offset { sure = min(sure, late.seq - 1) }
        return max(0, sure)
    }

    private func scheduleRefill(_ position: inout BrokerPosition, from: Int64, to: Int64) {
        let (lower, upper) = (max(1, from), max(1, from, to))
        position.refill = min(lower, position.refill?.lowerBound ?? lower)...max(upper, position.refill?.upperBound ?? upper)
    }
}
