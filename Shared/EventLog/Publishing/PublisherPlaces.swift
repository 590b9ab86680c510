/// Where the broker has each partition's last record, and what that tells when it shows less; pure.
///
/// With receipts every place is known. Without (`acks=0`) records are counted, and a place is known again whenever the broker
/// is seen to have at least as many.
struct PublisherPlaces: Sendable {
    private var known: [StreamPartition: PublisherPlace] = [:]
    /// What was sent since the place was known, without a receipt.
    private var unproven: [StreamPartition: (seq: Int64, count: Int64)] = [:]
    /// Short at the last look; a loss if the next one still finds it so.
    private var suspects: [StreamPartition: Expectation] = [:]
    private var unsaved: Set<StreamPartition> = []
    /// Records that are in their partitions no more than what has not been sent yet.
    var held = HeldRecords()
    /// The lowest number that lies behind higher ones, and the last offset of such a one.
    private var late: [StreamPartition: (seq: Int64, offset: Int64)] = [:]

    init(_ places: [PublisherPlace] = []) {
        for place in places { known[place.partition] = place }
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
        known.mapValues { place in
            guard let sent = unproven[place.partition] else {
                return Expectation(seq: place.seq, nextOffset: place.nextOffset, isCertain: true)
            }
            return Expectation(seq: sent.seq, nextOffset: place.nextOffset + sent.count, unproven: sent.count, isCertain: false)
        }
    }

    /// Topics that have records of ours.
    var filledTopics: Set<String> { Set(expectations.filter { $0.value.nextOffset > 0 }.keys.map(\.topic)) }

    /// What is owed, in order of topic and partition.
    var refills: [PublisherPlace] {
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
        var place = known[partition] ?? PublisherPlace(partition: partition, seq: 0, nextOffset: 0)
        let lost = place.nextOffset - offset
        if lost > 0 { scheduleRefill(&place, from: sureOf(place, ending: offset, losing: lost) + 1, to: place.seq) }
        if isLate, record.seq < place.seq {
            let before = late[partition] ?? (record.seq, offset)
            late[partition] = (min(before.seq, record.seq), offset)
        }
        (place.seq, place.nextOffset) = (lost > 0 ? record.seq : max(record.seq, atLeast), offset + 1)
        known[partition] = place
        return lost > 0
    }

    /// This record waits until its topic takes records again.
    mutating func scheduleRefill(_ record: StreamRecord) {
        var place = known[record.partition] ?? PublisherPlace(partition: record.partition, seq: 0, nextOffset: 0)
        scheduleRefill(&place, from: record.seq, to: record.seq)
        known[record.partition] = place
        unsaved.insert(record.partition)
    }

    /// What is owed to one partition.
    func refill(of partition: StreamPartition) -> ClosedRange<Int64>? { known[partition]?.refill }

    /// What was saved may lag behind what was acknowledged: each record since took an offset at least.
    mutating func catchUp(with acknowledged: [StreamPartition: Int64]) {
        for (partition, seq) in acknowledged where unproven[partition] == nil {
            guard let place = known[partition], place.refill == nil, seq > place.seq else { continue }
            known[partition]?.nextOffset += seq - place.seq - Int64(held.count(of: partition, in: place.seq + 1..<seq + 1))
            known[partition]?.seq = seq
        }
    }

    /// Compares what the broker shows with what it had to show when it was asked. The partitions that have lost records.
    mutating func compare(_ ends: [StreamPartition: Int64], with expected: [StreamPartition: Expectation]) -> [StreamPartition] {
        var short: [StreamPartition] = []
        for (partition, expectation) in expected {
            guard let end = ends[partition], var place = known[partition] else { continue }
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
            let sure = sureOf(place, ending: end, losing: max(0, place.nextOffset - max(0, end - expectation.unproven)))
            scheduleRefill(&place, from: sure + 1, to: expectation.seq)
            (place.seq, place.nextOffset) = (sure, end)
            known[partition] = place
            unproven[partition] = nil
            unsaved.insert(partition)
            short.append(partition)
        }
        return short
    }

    /// The broker has lost all of a partition, whatever is known of it.
    mutating func markLost(_ partition: StreamPartition, upTo seq: Int64) {
        var place = PublisherPlace(partition: partition, seq: 0, nextOffset: 0)
        scheduleRefill(&place, from: 1, to: seq)
        known[partition] = place
        (unproven[partition], late[partition]) = (nil, nil)
        unsaved.insert(partition)
    }

    /// Another cluster has nothing of this; what is held back stays so.
    mutating func forget() {
        let held = held
        self = PublisherPlaces()
        self.held = held
    }

    /// The broker has a partition of which nothing is known.
    mutating func find(_ partition: StreamPartition, seq: Int64, end: Int64) {
        guard known[partition] == nil else { return }
        known[partition] = PublisherPlace(partition: partition, seq: seq, nextOffset: end)
        unsaved.insert(partition)
    }

    /// Of what is owed, records before `seq` have been sent, or need not be.
    mutating func refilled(_ partition: StreamPartition, before seq: Int64) {
        guard let owed = known[partition]?.refill else { return }
        known[partition]?.refill = seq <= owed.upperBound ? max(seq, owed.lowerBound)...owed.upperBound : nil
        unsaved.insert(partition)
    }

    /// What has changed since this was last asked.
    mutating func takeUnsaved() -> [PublisherPlace] {
        defer { unsaved = [] }
        return unsaved.compactMap { known[$0] }
    }

    /// These could not be saved.
    mutating func notSaved(_ places: [PublisherPlace]) { unsaved.formUnion(places.map(\.partition)) }

    private mutating func prove(_ partition: StreamPartition, _ expectation: Expectation, _ end: Int64) {
        guard let sent = unproven[partition], let place = known[partition] else { return }
        let counted = expectation.nextOffset - place.nextOffset
        known[partition]?.seq = expectation.seq
        known[partition]?.nextOffset = end
        unproven[partition] = sent.count > counted ? (sent.seq, sent.count - counted) : nil
        unsaved.insert(partition)
    }

    /// The last record that lies where it was put, and everything before it: while something is owed, what came after that lies
    /// where the owed records had been.
    private func sureOf(_ place: PublisherPlace) -> Int64 { min(place.seq, place.refill.map { $0.lowerBound - 1 } ?? place.seq) }

    /// The same after so many records were lost at the partition's end, which is `end` now.
    private func sureOf(_ place: PublisherPlace, ending end: Int64, losing lost: Int64) -> Int64 {
        if end == 0 { return 0 }
        var sure = sureOf(place) - lost
        // What is held back took no offset: counted back from the end, the loss may lie that much further ahead.
        if lost > 0 { sure -= Int64(held.count(of: place.partition, in: 1..<place.seq + 1)) }
        if let late = late[place.partition], end <= late.offset { sure = min(sure, late.seq - 1) }
        return max(0, sure)
    }

    private func scheduleRefill(_ place: inout PublisherPlace, from: Int64, to: Int64) {
        let (lower, upper) = (max(1, from), max(1, from, to))
        place.refill = min(lower, place.refill?.lowerBound ?? lower)...max(upper, place.refill?.upperBound ?? upper)
    }
}
