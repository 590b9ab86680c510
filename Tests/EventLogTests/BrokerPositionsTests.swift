import Testing

@testable import EventLog

/// Where records are on a broker, and what that tells when it shows less.
@Suite struct BrokerPositionsTests {
    private let partition = StreamPartition(topic: "tickets.v1", part: 0)
    private let records = Sample.stream((1...20).map { Sample.event("a", version: $0) })

    private func positions(_ count: Int, saysOffsets: Bool = true) -> BrokerPositions {
        var positions = BrokerPositions()
        if !saysOffsets { positions.find(partition, seq: 0, end: 0) }
        for (offset, record) in records.prefix(count).enumerated() {
            let found1 = positions.note(record, Receipt(offset: saysOffsets ? Int64(offset) : nil), saysOffsets: saysOffsets)
            #expect(!found1)
        }
        return positions
    }

    @Test func `a shorter end owes the records that were there`() {
        var positions = positions(10)
        let expected = positions.expectations
        let found2 = positions.compare([partition: 10], with: expected)
        #expect(found2.isEmpty)
        let found3 = positions.compare([partition: 14], with: expected)
        #expect(found3.isEmpty, "somebody else's duplicates")
        let found4 = positions.compare([partition: 6], with: expected)
        #expect(found4 == [partition])
        #expect(positions.refills.map(\.refill) == [7...10])
        positions.refilled(partition, before: 9)
        #expect(positions.refills.map(\.refill) == [9...10])
        positions.refilled(partition, before: 11)
        #expect(positions.refills.isEmpty)
    }

    @Test func `a receipt below a former one owes what lay between; a repetition without an offset owes nothing`() {
        var behind = BrokerPositions([BrokerPosition(partition: partition, seq: 4, nextOffset: 4)])
        behind.catchUp(with: [partition: 10])
        let owed = behind.compare([partition: 8], with: behind.expectations)
        #expect(owed == [partition], "four were saved, ten acknowledged, eight are there")
        #expect(behind.refills.map(\.refill) == [9...10])
        var positions = positions(10)
        let found5 = positions.note(records[9], Receipt(offset: nil), saysOffsets: true)
        #expect(!found5)
        let found6 = positions.note(records[10], Receipt(offset: 4), saysOffsets: true)
        #expect(found6)
        #expect(positions.refills.map(\.refill) == [5...10])
        #expect(positions.expectations[partition]?.nextOffset == 5)
    }

    @Test func `what is owed already is not taken for what lies at the broker`() {
        var positions = positions(2)
        let cut = positions.note(records[2], Receipt(offset: 1), saysOffsets: true)
        #expect(cut, "3 lies where 2 had been")
        #expect(positions.refills.map(\.refill) == [2...2])
        let wiped = positions.compare([partition: 0], with: positions.expectations)
        #expect(wiped == [partition])
        #expect(positions.refills.map(\.refill) == [1...3])
    }

    /// Of ten records these are held back.
    private func positions(holding seqs: [Int64]) -> BrokerPositions {
        var positions = BrokerPositions()
        positions.held = HeldRecords(records.filter { seqs.contains($0.seq) }.map { HeldRecord($0, "too large") })
        for (offset, record) in records.prefix(10).filter({ !seqs.contains($0.seq) }).enumerated() {
            let found = positions.note(record, Receipt(offset: Int64(offset)), saysOffsets: true)
            #expect(!found)
        }
        return positions
    }

    @Test func `what is held back took no offset: a loss reaches further back than it counts`() {
        var positions = positions(holding: [8, 9])
        let short = positions.compare([partition: 5], with: positions.expectations)
        #expect(short == [partition], "there are 1 to 5; 6, 7 and 10 are lost")
        #expect(positions.refills.map(\.refill) == [6...10])
        var emptied = self.positions(holding: [8, 9])
        let gone = emptied.compare([partition: 0], with: emptied.expectations)
        #expect(gone == [partition])
        #expect(emptied.refills.map(\.refill) == [1...10])
    }

    @Test func `what was held back and lies behind later ones is lost with the end`() {
        var positions = positions(holding: [3])
        let late = positions.note(records[2], Receipt(offset: 9), saysOffsets: true, isLate: true)
        #expect(!late)
        positions.held = HeldRecords()
        var cut = positions
        let lost = cut.compare([partition: 9], with: cut.expectations)
        #expect(lost == [partition])
        #expect(cut.refills.map(\.refill) == [3...10])
        let next = positions.note(records[10], Receipt(offset: 10), saysOffsets: true)
        #expect(!next)
        let behind = positions.compare([partition: 10], with: positions.expectations)
        #expect(behind == [partition])
        #expect(positions.refills.map(\.refill) == [11...11], "it lies before what was lost")
    }

    @Test func `what is held back is no loss to a publisher that catches up`() {
        var positions = BrokerPositions([BrokerPosition(partition: partition, seq: 4, nextOffset: 4)])
        positions.held = HeldRecords(records[4...5].map { HeldRecord($0, "too large") })
        positions.catchUp(with: [partition: 10])
        let short = positions.compare([partition: 8], with: positions.expectations)
        #expect(short.isEmpty, "four were there; of the six that came since two are held back")
    }

    @Test func `without receipts one short look says nothing, two say what is missing`() {
        var positions = positions(10, saysOffsets: false)
        let first = positions.expectations
        #expect(first[partition] == .init(seq: 10, nextOffset: 10, unproven: 10, isCertain: false))
        let found7 = positions.compare([partition: 8], with: first)
        #expect(found7.isEmpty)
        let found8 = positions.compare([partition: 10], with: first)
        #expect(found8.isEmpty, "they were on the way")
        #expect(positions.expectations[partition]?.isCertain == true)
        for record in records.suffix(10) { _ = positions.note(record, Receipt(offset: nil), saysOffsets: false) }
        let found9 = positions.compare([partition: 17], with: positions.expectations)
        #expect(found9.isEmpty)
        let found10 = positions.compare([partition: 17], with: positions.expectations)
        #expect(found10 == [partition])
        #expect(positions.refills.map(\.refill) == [8...20], "any of those on the way may be the lost one, or lie where others were lost")
    }
}
