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
        var left = event, right = event
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

    @Test func `the next number with other content or another past is a divergence`() {
        var forged = records[0]
        forged.event.payload = Array("{}".utf8)
        #expect(Cursor.start.classify(forged, hash: Sample.hash) == .diverged)
        let other = Cursor(seq: 1, hash: [UInt8](repeating: 7, count: 16))
        #expect(other.classify(records[1], hash: Sample.hash) == .diverged)
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
        let headers = [RecordHeader(name: "ce_id", value: Array("x".utf8)), RecordHeader(name: "", value: [])]
        let bytes = HeaderBytes.write(headers)
        #expect(HeaderBytes.read(bytes) == headers)
        for length in 0..<bytes.count { _ = HeaderBytes.read(Array(bytes.prefix(length))) }
        #expect(HeaderBytes.read([255, 255, 255, 255, 255, 255, 255, 255, 1]).isEmpty)
    }
}
