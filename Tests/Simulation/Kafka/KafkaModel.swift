import EventLog
import Kafka

/// A broker that keeps none of its promises: it loses what it acknowledged, stores twice, says no to what it stored, lets what an
/// old session sent arrive late, is wiped and comes back as another cluster, and carries records that nobody of ours wrote.
final class KafkaModel: @unchecked Sendable {
    /// What lies in a partition; `record` is nil for something that is not a stream record at all.
    struct Entry {
        let offset: Int64
        var record: StreamRecord?
        /// As a reader gets it, once one has asked.
        var message: KafkaMessage?
    }

    struct Log {
        var entries: [Entry] = []
        var end: Int64 = 0
        mutating func append(_ record: StreamRecord?) -> Int64 {
            entries.append(Entry(offset: end, record: record))
            end += 1
            return end - 1
        }

        mutating func message(at place: Int, _ partition: StreamPartition) -> KafkaMessage {
            if let made = entries[place].message { return made }
            let made = Self.message(entries[place].record, partition, entries[place].offset)
            entries[place].message = made
            return made
        }

        /// Nil becomes something that is no stream record.
        static func message(_ record: StreamRecord?, _ partition: StreamPartition, _ offset: Int64) -> KafkaMessage {
            guard let record else {
                return KafkaMessage(topic: partition.topic, partition: partition.part, offset: offset, key: nil, value: [1])
            }
            let sent = StreamHeaders.record(record, source: "/street/310106019000/intake", now: record.event.time)
            return KafkaMessage(
                topic: partition.topic, partition: partition.part, offset: offset, key: sent.key, value: sent.value, headers: sent.headers,
                timestampMs: sent.timestampMs)
        }
    }

    /// Per thousand batches sent, unless said otherwise.
    struct Habits: Sendable {
        var latency = 3_000
        var duplicates = 0, lateSessions = 0, failedDeliveries = 0, fatal = 0
        /// Per thousand records of an answer, and positions lost per thousand assignments.
        var corruption = 0, lostPositions = 0
        /// acks=0, no idempotence.
        var isUnsafe = false
        init() {}
    }

    struct Tally: Sendable, Equatable {
        var appended = 0, duplicated = 0, arrivedLate = 0, failed = 0, unsafeLosses = 0, truncated = 0, wipes = 0, forged = 0,
            corrupted = 0, skipped = 0, refusals = 0, fatals = 0, rebalances = 0
        var rejoins = 0
        var deletions = 0
        var refusedRecords = 0, refusedBatches = 0
    }

    let scheduler: Scheduler
    var random: SeededRandom
    var habits = Habits()
    var tally = Tally()
    private(set) var cluster = 1
    /// False: it answers nobody.
    var isUp = true
    let parts: [StreamPartition]
    /// By place in `parts`; empty while the topic is missing.
    var logs: [Log]
    private(set) var topicsExist = true
    /// What it takes of a record at most, bytes of its payload; the lowest counts.
    private var limits: [Limit] = []
    private struct Limit {
        let bytes: Int
        let passes: Bool
    }
    var feeds: [FeedModel] = []
    /// Offsets that each group stored, by place in `parts`.
    var stored: [[Int64]]

    init(parts: [StreamPartition], groups: Int, on scheduler: Scheduler, random: SeededRandom) {
        self.parts = parts
        self.scheduler = scheduler
        self.random = random
        logs = parts.map { _ in Log() }
        stored = (0..<groups).map { _ in parts.map { _ in 0 } }
    }

    var name: String { "cluster-\(cluster)" }

    func place(of partition: StreamPartition) -> Int? { parts.firstIndex(of: partition) }

    func ends() -> [(StreamPartition, Int64)] { zip(parts, logs).map { ($0, $1.end) } }

    func records(in partition: StreamPartition) -> [StreamRecord] {
        place(of: partition).map { logs[$0].entries.compactMap(\.record) } ?? []
    }

    func append(_ record: StreamRecord?, to place: Int) -> Int64 {
        let offset = logs[place].append(record)
        tally.appended += 1
        for feed in feeds { feed.somethingCame(in: place) }
        return offset
    }

    // MARK: disasters

    /// The last records of a partition are gone, acknowledged or not; what comes next takes their offsets.
    func truncate(_ target: Int) {
        guard topicsExist, !parts.isEmpty else { return }
        let place = target % parts.count
        let lost = min(logs[place].entries.count, 1 + target / 7 % 9)
        guard lost > 0 else { return }
        logs[place].entries.removeLast(lost)
        logs[place].end -= Int64(lost)
        tally.truncated += lost
    }

    /// Its disk is new: another cluster id, and the topics are there, empty, or not there at all.
    func wipe(topicsRemain: Bool) {
        tally.wipes += 1
        cluster += 1
        logs = parts.map { _ in Log() }
        stored = stored.map { _ in parts.map { _ in 0 } }
        topicsExist = topicsRemain
    }

    /// Someone deletes the topics; the cluster is the same.
    func deleteTopics() {
        tally.deletions += 1
        logs = parts.map { _ in Log() }
        stored = stored.map { _ in parts.map { _ in 0 } }
        topicsExist = false
    }

    func createTopics() { topicsExist = true }

    func goAway(for duration: Int) {
        guard isUp else { return }
        isUp = false
        tally.refusals += 1
        scheduler.after(duration) { [weak self] in self?.isUp = true }
    }

    /// Someone lowers the limit on the size of a record, and sets it right again after `duration`, or never.
    func refuse(above bytes: Int, for duration: Int?) {
        limits.append(Limit(bytes: bytes, passes: duration != nil))
        guard let duration else { return }
        scheduler.after(duration) { [weak self] in
            guard let self, let place = limits.firstIndex(where: { $0.passes && $0.bytes == bytes }) else { return }
            limits.remove(at: place)
        }
    }

    func endPassingLimits() { limits.removeAll { $0.passes } }

    func takes(_ record: StreamRecord) -> Bool { takes(bytes: record.event.payload.count) }
    func takes(bytes: Int) -> Bool { limits.allSatisfy { bytes <= $0.bytes } }

    /// Someone without the key writes to our topic: a made-up next record, a real one with another payload, an old one under a new
    /// number, or something that is no stream record.
    func forge(_ target: Int) {
        guard topicsExist, !parts.isEmpty else { return }
        let place = target % parts.count
        var made = logs[place].entries.last(where: { $0.record != nil })?.record
        switch target / 8 % 5 {
        case 0:
            made?.seq += 1
            made?.hash = random.bytes(16)
        case 1: made?.event.payload = random.bytes(8)
        case 2: made?.seq += Int64(1 + random.below(5))
        case 3:
            made?.seq += 1
            made?.event.version += 1
            made?.generation += 1
        default: made = nil
        }
        tally.forged += 1
        _ = append(made, to: place)
    }

    /// Who reads what is drawn anew; nobody is told before it asks.
    func rebalance(_ group: Int) {
        tally.rebalances += 1
        let members = feeds.filter { $0.group == group }
        for feed in members { feed.next = [] }
        let living = members.filter { $0.machine.state != .dead }
        for place in parts.indices {
            random.pick(living)?.next?.append(place)
            // Two read the same for a while: one has not heard yet.
            if random.chance(150) { random.pick(living)?.next?.append(place) }
        }
    }
}
