import EventLog
import Kafka

/// One member of a consumer group: reads what it was told is its own, from where it believes it was.
final class FeedModel: @unchecked Sendable {
    let broker: KafkaModel
    let machine: SimulatedMachine
    let group: Int
    /// What it believes is its own, and what it will learn at its next question.
    private(set) var mine: [Int] = []
    var next: [Int]?
    private var positions: [Int64]
    private var waiter: (() -> Void)?
    private var isClosed = false

    init(_ broker: KafkaModel, group: Int, for machine: SimulatedMachine) {
        self.broker = broker
        self.machine = machine
        self.group = group
        positions = broker.parts.map { _ in 0 }
        broker.feeds.append(self)
        broker.rebalance(group)
        machine.whenDead { [weak self] in
            guard let self else { return }
            broker.scheduler.after(broker.random.within(1_000_000...8_000_000)) { [weak self] in self?.leave() }
        }
    }

    func close() {
        isClosed = true
        leave()
    }

    /// A new client: it knows nothing of where the old one was.
    func rejoin() {
        broker.tally.rejoins += 1
        mine = []
        broker.rebalance(group)
    }

    private func leave() {
        guard broker.feeds.contains(where: { $0 === self }) else { return }
        broker.feeds.removeAll { $0 === self }
        broker.rebalance(group)
    }

    var assignment: [StreamPartition] { mine.map { broker.parts[$0] } }

    func somethingCame(in place: Int) {
        guard let waiter, mine.contains(place) else { return }
        self.waiter = nil
        broker.scheduler.after(broker.random.delay(upTo: broker.habits.latency), waiter)
    }

    /// What has come, at most `count` records; nothing after `limit`; nil once closed.
    func fetch(upTo count: Int, atMost limit: Int) async throws -> [KafkaMessage]? {
        if isClosed { return nil }
        learn()
        return try await machine.ask { (reply: Reply<[KafkaMessage]?>) in
            let answer = { [self] in
                if !reply.isSettled { reply.settle(read(count)) }
            }
            broker.scheduler.after(limit) { [self] in
                waiter = nil
                answer()
            }
            if !broker.isUp { return }
            if mine.contains(where: { positions[$0] < broker.logs[$0].end }) {
                broker.scheduler.after(broker.random.delay(upTo: broker.habits.latency), answer)
            } else {
                waiter = answer
            }
        }
    }

    private func read(_ count: Int) -> Result<[KafkaMessage]?, any Error> {
        if isClosed { return .success(nil) }
        if !broker.isUp { return .failure(ProducerModel.error(.transport, "all brokers are down")) }
        if !broker.topicsExist { return .failure(ProducerModel.unknownTopic) }
        var found: [KafkaMessage] = []
        let turn = broker.random.below(max(1, mine.count))
        for place in mine[turn...] + mine[..<turn] {
            let log = broker.logs[place]
            if positions[place] > log.end { positions[place] = reset(log) }
            while positions[place] < log.end, found.count < count {
                found.append(message(at: Int(positions[place]), in: place))
                positions[place] += 1
                if broker.random.chance(30) { break }
            }
        }
        return .success(found)
    }

    /// Its position lies beyond the end: nobody knows whether it goes on at the beginning, at the end, or waits until the log has grown
    /// past it.
    private func reset(_ log: KafkaModel.Log) -> Int64 {
        switch broker.random.below(3) {
        case 0: return 0
        case 1:
            broker.tally.skipped += 1
            return log.end
        default: return positionBeyond(log)
        }
    }

    private func positionBeyond(_ log: KafkaModel.Log) -> Int64 { log.end + Int64(broker.random.below(3)) }

    /// As it lies there, or damaged on its way.
    private func message(at offset: Int, in place: Int) -> KafkaMessage {
        let partition = broker.parts[place]
        let entry = broker.logs[place].entries[offset]
        guard var record = entry.record, broker.random.chance(broker.habits.corruption) else {
            return broker.logs[place].message(at: offset, partition)
        }
        broker.tally.corrupted += 1
        switch broker.random.below(5) {
        case 0: record.hash[broker.random.below(16)] ^= 1
        case 1: record.event.payload = Array(record.event.payload.dropLast())
        case 2: record.seq ^= 1 << Int64(broker.random.below(6))
        case 3: record.generation += 3
        default: return KafkaModel.Log.message(nil, partition, entry.offset)
        }
        return KafkaModel.Log.message(record, partition, entry.offset)
    }

    private func learn() {
        guard let next else { return }
        self.next = nil
        let old = mine
        mine = Array(Set(next)).sorted()
        for place in mine where !old.contains(place) {
            positions[place] = broker.stored[group][place]
            guard broker.random.chance(broker.habits.lostPositions) else { continue }
            broker.tally.skipped += 1
            positions[place] = Int64(broker.random.below(Int(broker.logs[place].end) + 1))
        }
    }

    /// Tells the group how far it has come.
    func store(_ partition: StreamPartition, next offset: Int64) {
        if let place = broker.place(of: partition) { broker.stored[group][place] = offset }
    }
}
