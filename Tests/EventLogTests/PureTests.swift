import Contracts
import Testing

@testable import EventLog

@Suite struct StreamHashTests {
    private let event = Sample.event("a", version: 1)

    @Test func `every field of an event and of its place changes the hash`() {
        let base = Sample.hash.next(after: StreamHash.empty, seq: 1, event)
        #expect(base.count == 16)
        #expect(base == Sample.hash.next(after: StreamHash.empty, seq: 1, event))
        var changed: [CommittedEvent] = []
        for edit in [
            { $0.topic = "cases.v1" }, { $0.part = 1 }, { $0.subject = "b" }, { $0.version = 2 }, { $0.type = "x" },
            { $0.payload = [1] }, { $0.time = Timestamp(milliseconds: 5) },
        ] as [(inout CommittedEvent) -> Void] {
            var copy = event
            edit(&copy)
            changed.append(copy)
        }
        var hashes = changed.map { Sample.hash.next(after: StreamHash.empty, seq: 1, $0) }
        hashes.append(Sample.hash.next(after: StreamHash.empty, seq: 2, event))
        hashes.append(Sample.hash.next(after: base, seq: 1, event))
        #expect(Set(hashes + [base]).count == hashes.count + 1)
    }

    @Test func `bytes cannot be moved between neighbouring fields`() {
        var left = event
        var right = event
        (left.subject, left.type) = ("ab", "c")
        (right.subject, right.type) = ("a", "bc")
        #expect(Sample.hash.next(after: StreamHash.empty, seq: 1, left) != Sample.hash.next(after: StreamHash.empty, seq: 1, right))
    }
}

@Suite struct CursorTests {
    private let records = Sample.stream((1...5).map { Sample.event("a", version: $0) })

    @Test func `exactly the next number with the right history is applied`() {
        var cursor = Cursor.start
        #expect(cursor.classify(records[0], hash: Sample.hash) == .next)
        cursor.advance(over: records[0])
        #expect(cursor.classify(records[0], hash: Sample.hash) == .duplicate)
        #expect(cursor.classify(records[1], hash: Sample.hash) == .next)
        #expect(cursor.classify(records[4], hash: Sample.hash) == .gap(from: 2, count: 3))
    }

    @Test func `the right history from a generation the owner has left behind is stale`() {
        var records = records
        for place in 2..<5 { records[place].generation = 3 }
        var cursor = Cursor.start
        for record in records.prefix(3) { cursor.advance(over: record) }
        #expect(cursor.generation == 3)
        #expect(cursor.classify(records[3], hash: Sample.hash) == .next)
        records[3].generation = 2
        #expect(cursor.classify(records[3], hash: Sample.hash) == .stale)
        #expect(SortedBatch([records[3]], at: [records[3].partition: cursor], without: [], hash: Sample.hash).stale == 1)
        #expect(OwnerPage([records[3]], after: cursor, hash: Sample.hash) == .news([records[3]]), "the owner is believed")
    }

    @Test func `the same or the next number with other content or another past is suspect`() {
        var forged = records[0]
        forged.event.payload = Array("{}".utf8)
        #expect(Cursor.start.classify(forged, hash: Sample.hash) == .suspect)
        let other = Cursor(seq: 1, hash: [UInt8](repeating: 7, count: 16))
        #expect(other.classify(records[1], hash: Sample.hash) == .suspect)
        #expect(other.classify(records[0], hash: Sample.hash) == .suspect)
        #expect(Cursor(seq: .max, hash: StreamHash.empty).classify(records[0], hash: Sample.hash) == .duplicate)
    }

    @Test func `an owner's page is news, nothing, another history, or trimmed`() {
        var cursor = Cursor.start
        #expect(OwnerPage([], after: cursor, hash: Sample.hash) == .nothing)
        #expect(OwnerPage(records, after: cursor, hash: Sample.hash) == .news(records))
        for record in records.prefix(3) { cursor.advance(over: record) }
        #expect(OwnerPage(Array(records[2...]), after: cursor, hash: Sample.hash) == .news(Array(records[3...])))
        #expect(OwnerPage([records[2]], after: cursor, hash: Sample.hash) == .nothing)
        #expect(OwnerPage(Array(records[3...]), after: cursor, hash: Sample.hash) == .news(Array(records[3...])))
        #expect(OwnerPage([records[4]], after: cursor, hash: Sample.hash) == .trimmed(before: 5))
        #expect(OwnerPage([], after: cursor, hash: Sample.hash) == .unclear)
        var other = records[2]
        other.hash = StreamHash.empty
        #expect(OwnerPage([other], after: cursor, hash: Sample.hash) == .diverged(at: 3))
        other = records[3]
        other.hash = StreamHash.empty
        #expect(OwnerPage([other], after: cursor, hash: Sample.hash) == .diverged(at: 4))
        func head(_ seq: Int64, _ hash: [UInt8]) -> StreamHead { StreamHead(partition: records[0].partition, seq: seq, hash: hash) }
        #expect(OwnerPage(head: head(3, records[2].hash), after: cursor) == .nothing)
        #expect(OwnerPage(head: head(3, StreamHash.empty), after: cursor) == .diverged(at: 3))
        #expect(OwnerPage(head: head(2, records[1].hash), after: cursor) == .diverged(at: 2))
        #expect(OwnerPage(head: nil, after: cursor) == .diverged(at: 0))
        #expect(OwnerPage(head: head(9, records[4].hash), after: cursor) == .trimmed(before: 10))
    }

    @Test func `rounds keep the order of a subject and bring a type's events together`() {
        var events = [
            Sample.event("a", version: 1), Sample.event("b", version: 1), Sample.event("a", version: 2), Sample.event("c", version: 1),
        ]
        events[3].type = "other"
        let rounds = Rounds.arrange(events)
        #expect(rounds.count == 2)
        #expect(rounds[0].map { "\($0.type) \($0.events.map(\.subject).joined())" } == ["ticket.withdrawn.v1 ab", "other c"])
        #expect(rounds[1].map { $0.events.map(\.version) } == [[2]])
    }

    @Test func `headers survive being stored as bytes, and damaged bytes do not crash`() {
        let headers = [
            RecordHeader(name: "ce_id", value: Array("x".utf8)), RecordHeader(name: "", value: []), RecordHeader(name: "n", value: nil),
        ]
        let bytes = HeaderBytes.write(headers)
        #expect(HeaderBytes.read(bytes) == headers)
        for length in 0..<bytes.count { _ = HeaderBytes.read(Array(bytes.prefix(length))) }
        #expect(HeaderBytes.read([255, 255, 255, 255, 255, 255, 255, 255, 1]).isEmpty)
    }
}
