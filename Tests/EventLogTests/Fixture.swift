import Contracts
import Crypto
import EventLoop
import FoundationEssentials
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import EventLog

/// Events of this suite: a subject and a running number.
enum Sample {
    static let hash = StreamHash(key: HMACKey(Array("test key".utf8)))

    static func event(_ subject: String, version: Int32, topic: String = "tickets.v1", part: Int32 = 0) -> CommittedEvent {
        CommittedEvent(
            topic: topic, part: part, subject: subject, version: version, id: UUID(), type: "ticket.withdrawn.v1",
            time: Timestamp(milliseconds: 1_795_000_000_000 + Int64(version)), payload: Array("{\"n\":\(version)}".utf8))
    }

    /// A history of one partition, numbered and chained.
    static func stream(_ events: [CommittedEvent]) -> [StreamRecord] {
        var before = StreamHash.empty
        return events.enumerated().map { place, event in
            let seq = Int64(place) + 1
            before = hash.next(after: before, seq: seq, event)
            return StreamRecord(pos: seq, seq: seq, hash: before, event: event)
        }
    }

    static func outbox() -> Outbox {
        let clock = ManualTimekeeper()
        return Outbox(ids: UUIDv7Generator(now: { clock.now() }, random: { SystemRandom.bytes($0) }), clock: clock)
    }

    static func ticket() -> TicketID { TicketID(UUID()) }

    static func sequencer(
        _ pool: PostgresPool, metrics: MetricsRegistry = MetricsRegistry(),
        _ handOver: @escaping @Sendable ([StreamRecord]) -> Void = { _ in }
    ) -> Sequencer {
        Sequencer(
            store: PostgresSequencerStore(pool: pool), hash: hash, wakeUp: Signal(), log: Log("test", level: .error),
            metrics: metrics, handOver: handOver)
    }

    /// Numbers whatever is there.
    static func sequence(_ pool: PostgresPool, _ sequencer: Sequencer? = nil) async throws {
        let sequencer = sequencer ?? Self.sequencer(pool)
        try await PostgresSequencerStore(pool: pool).session { session in
            var memory: SequencerMemory?
            try await sequence(sequencer, &memory, session)
        }
    }

    /// Until nothing is left to number; one that never comes to an end is stopped.
    static func sequence(_ sequencer: Sequencer, _ memory: inout SequencerMemory?, _ session: any SequencerSession) async throws {
        for _ in 1...1000 where try await sequencer.sequenceOnce(&memory, session) == 0 { return }
        Issue.record("a thousand windows, and still not everything has its number")
    }
}

/// What sequencers handed over.
final class Collected: Sendable {
    private let kept = Mutex<[StreamRecord]>([])
    var records: [StreamRecord] { kept.withLock { $0 } }
    func add(_ records: [StreamRecord]) { kept.withLock { $0.append(contentsOf: records) } }
}

/// An owner that has these records.
struct FixedSource: StreamSource {
    let all: [StreamRecord]

    func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord] {
        Array(all.filter { $0.event.topic == partition.topic && $0.event.part == partition.part && $0.seq >= seq }.prefix(limit))
    }

    func heads(of topics: [String]) async throws -> [StreamHead] {
        Dictionary(all.map { ($0.partition, $0) }, uniquingKeysWith: { $1 }).values.filter { topics.contains($0.event.topic) }
            .map { StreamHead(partition: $0.partition, seq: $0.seq, hash: $0.hash) }
    }
}

/// An owner that does not answer.
struct NoSource: StreamSource {
    func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord] {
        throw EventLogError(.unreachable, "nobody is there")
    }

    func heads(of topics: [String]) async throws -> [StreamHead] { throw EventLogError(.unreachable, "nobody is there") }
}

/// A Kafka that brings nothing and gives no partition to anybody.
final class SilentFeed: RecordFeed {
    private let closed = Signal()

    func next(upTo limit: Int, within patience: Duration) async throws -> FeedBatch? {
        if try await closed.wait(until: .now + patience) { return nil }
        return FeedBatch(messages: [], assignment: [])
    }

    func done(with batch: FeedBatch) async {}
    func close() async { closed.raise() }
}
