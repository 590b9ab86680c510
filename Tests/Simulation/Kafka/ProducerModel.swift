import EventLog
import Kafka

/// One producer session: what it sends arrives in order, unless every safety setting is off; what an old one sent may arrive after what
/// a newer one sent.
final class ProducerModel: @unchecked Sendable {
    private let broker: KafkaModel
    private let machine: SimulatedMachine
    private var lastArrival = 0
    private(set) var isFatal = false
    private var isClosed = false
    /// Who waits for receipts when the session is closed learns that none will come.
    private var waiting: [() -> Void] = []

    init(_ broker: KafkaModel, for machine: SimulatedMachine) {
        self.broker = broker
        self.machine = machine
    }

    func close() {
        isClosed = true
        let pending = waiting
        waiting = []
        for give in pending { give() }
    }

    var saysOffsets: Bool { !broker.habits.isUnsafe }

    func cluster() async throws -> BrokerCluster {
        try await look { [broker] in BrokerCluster(id: broker.name, topics: broker.topicsExist ? Set(broker.parts.map(\.topic)) : []) }
    }

    func create() async throws { try await look { [broker] in broker.createTopics() } }

    func ends(of partitions: [StreamPartition]) async throws -> [StreamPartition: Int64] {
        try await look { [broker] in
            guard broker.topicsExist else { throw Self.unknownTopic }
            let ends = Dictionary(uniqueKeysWithValues: broker.ends())
            return Dictionary(uniqueKeysWithValues: partitions.map { ($0, ends[$0] ?? 0) })
        }
    }

    /// A question to the broker, answered as it is then, or not at all.
    private func look<T: Sendable>(_ read: @escaping () throws -> T) async throws -> T {
        try await machine.ask { (reply: Reply<T>) in
            broker.scheduler.after(broker.random.delay(upTo: broker.habits.latency)) { [broker] in
                guard broker.isUp else { return broker.scheduler.after(1_500_000) { reply.settle(.failure(Self.timedOut)) } }
                let answer = Result { try read() }.mapError { $0 as any Error }
                broker.scheduler.after(broker.random.delay(upTo: broker.habits.latency)) { reply.settle(answer) }
            }
        }
    }

    /// Offsets, or why not, in the order of `records`.
    func send(_ records: [StreamRecord]) async throws -> [Result<Int64, KafkaError>] {
        try await machine.ask { (reply: Reply<[Result<Int64, KafkaError>]>) in
            if isFatal || isClosed { return reply.settle(.success(records.map { _ in .failure(Self.fatal) })) }
            var wait = broker.random.delay(upTo: broker.habits.latency)
            if broker.random.chance(broker.habits.lateSessions) {
                broker.tally.arrivedLate += 1
                wait += broker.random.within(10_000...4_000_000)
            }
            lastArrival = max(lastArrival, broker.scheduler.now + wait)
            broker.scheduler.after(lastArrival - broker.scheduler.now) { [self] in
                let results = arrive(records)
                broker.scheduler.after(broker.random.delay(upTo: broker.habits.latency)) { reply.settle(.success(results)) }
            }
            waiting.append { reply.settle(.success(records.map { _ in .failure(Self.timedOut) })) }
            // The session gives up waiting; what it sent may still arrive.
            broker.scheduler.after(3_000_000) { reply.settle(.success(records.map { _ in .failure(Self.timedOut) })) }
        }
    }

    private func arrive(_ records: [StreamRecord]) -> [Result<Int64, KafkaError>] {
        guard broker.isUp else {
            // Without acknowledgements nobody notices that nobody listens.
            if broker.habits.isUnsafe { broker.tally.unsafeLosses += records.count }
            return records.map { _ in broker.habits.isUnsafe ? .success(-1) : .failure(Self.timedOut) }
        }
        guard broker.topicsExist else { return records.map { _ in .failure(Self.unknownTopic) } }
        if broker.habits.isUnsafe { return arriveUnsafely(records) }
        if broker.random.chance(broker.habits.fatal) {
            broker.tally.fatals += 1
            isFatal = true
        }
        if broker.random.chance(broker.habits.failedDeliveries) { return arriveInPart(records) }
        let refused = refused(records)
        func storeAll() -> [Result<Int64, KafkaError>] {
            records.indices.map { refused.contains($0) ? .failure(Self.tooLarge) : .success(store(records[$0])) }
        }
        let results = storeAll()
        if broker.random.chance(broker.habits.duplicates) {
            broker.tally.duplicated += records.count - refused.count
            _ = storeAll()
        }
        return isFatal ? records.map { _ in .failure(Self.fatal) } : results
    }

    /// Places of the records that are too large now; often a partition's whole batch is refused for one of them.
    private func refused(_ records: [StreamRecord]) -> Set<Int> {
        let tooLarge = records.indices.filter { !broker.takes(records[$0]) }
        if tooLarge.isEmpty { return [] }
        broker.tally.refusedRecords += tooLarge.count
        var refused = Set(tooLarge)
        for partition in broker.parts where broker.random.chance(500) {
            guard tooLarge.contains(where: { records[$0].partition == partition }) else { continue }
            refused.formUnion(records.indices.filter { records[$0].partition == partition })
        }
        broker.tally.refusedBatches += refused.count - tooLarge.count
        return refused
    }

    /// Some are stored, some are not, and what is said of each need not fit.
    private func arriveInPart(_ records: [StreamRecord]) -> [Result<Int64, KafkaError>] {
        broker.tally.failed += 1
        let (from, to) = (broker.random.below(records.count + 1), broker.random.below(records.count + 1))
        let hasHole = broker.random.chance(300)
        let liar = broker.random.chance(500)
        let refused = refused(records)
        return records.enumerated().map { place, record in
            let isLost = hasHole ? place == from : place >= min(from, to)
            if isLost { return .failure(Self.timedOut) }
            if refused.contains(place) { return .failure(Self.tooLarge) }
            let offset = store(record)
            return liar && place >= to ? .failure(Self.timedOut) : .success(offset)
        }
    }

    private func arriveUnsafely(_ records: [StreamRecord]) -> [Result<Int64, KafkaError>] {
        var order = Array(records.indices)
        if broker.random.chance(300) { order.shuffle(using: &broker.random) }
        for place in order {
            // Nobody hears of what is refused either.
            if !broker.takes(records[place]) || broker.random.chance(100) {
                broker.tally.unsafeLosses += 1
                continue
            }
            _ = store(records[place])
            if broker.random.chance(60) {
                broker.tally.duplicated += 1
                _ = store(records[place])
            }
        }
        return records.map { _ in .success(-1) }
    }

    private func store(_ record: StreamRecord) -> Int64 {
        let partition = StreamPartition(topic: record.event.topic, part: record.event.part)
        guard let place = broker.place(of: partition) else { return -1 }
        return broker.append(record, to: place)
    }

    static func error(_ code: KafkaError.Code, _ message: String, isRetriable: Bool = true, isFatal: Bool = false) -> KafkaError {
        KafkaError(code, operation: "produce", message: message, isRetriable: isRetriable && !isFatal, isFatal: isFatal)
    }
    static var fatal: KafkaError { error(.fatal, "sequence desynchronization", isFatal: true) }
    static var timedOut: KafkaError { error(.messageTimedOut, "not acknowledged in time") }
    static var tooLarge: KafkaError { error(.messageTooLarge, "larger than the topic allows", isRetriable: false) }
    static var unknownTopic: KafkaError { error(.unknownTopicOrPartition, "no such topic") }
}
