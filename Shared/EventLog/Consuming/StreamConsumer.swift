public import Contracts
public import Telemetry

/// Applies the streams of other services to this one's database: exactly the next number of each partition, in one
/// transaction with the cursor. Lower numbers are dropped; what Kafka does not bring is read from the owner's stream; another
/// history halts the partition. Kafka's group only says who reads what; its offsets are for operators' lag tools.
public final class StreamConsumer: Sendable {
    let feed: any RecordFeed
    let store: any ConsumerStore
    let owners: any StreamSource
    let hash: StreamHash
    let pace: any Pace
    let clock: any Timekeeper
    let log: Log
    let counters: ConsumerCounters
    /// Subjects that may be parked in one partition.
    let ceiling: Int
    let status = ConsumerStatus()
    /// The names of each owner's topics.
    private let topics: [String: [String]]
    private let ownerOf: [String: String]
    let partitions: [StreamPartition]

    /// - Parameter ceiling: so many subjects may be parked in one partition; then it halts.
    public init(
        feed: any RecordFeed, store: any ConsumerStore, owners: any StreamSource, topics: [Topic], hash: StreamHash,
        pace: any Pace, clock: any Timekeeper = SystemTimekeeper(), ceiling: Int = 100, log: Log, metrics: MetricsRegistry
    ) {
        self.feed = feed
        self.store = store
        self.owners = owners
        self.topics = Dictionary(grouping: topics, by: \.owner.rawValue).mapValues { $0.map(\.name) }
        ownerOf = Dictionary(topics.map { ($0.name, $0.owner.rawValue) }, uniquingKeysWith: { first, _ in first })
        partitions = topics.flatMap { topic in (0..<topic.partitions).map { StreamPartition(topic: topic.name, part: Int32($0)) } }
        self.hash = hash
        self.pace = pace
        self.clock = clock
        self.ceiling = ceiling
        self.log = log
        counters = ConsumerCounters(metrics)
        let (status, stalled) = (self.status, metrics.gauge("shao_consumer_stalled_seconds", Self.stalledHelp))
        metrics.collect { stalled.set((status.stalled(at: pace.elapsed()) ?? .zero).inSeconds) }
    }

    private static let stalledHelp =
        "For how long the consumer's loop has not come round, or a partition has stood still behind its owner: the longer of both."

    /// Why this consumer does not go on, for readiness; nil when all is well.
    public var trouble: String? { status.trouble }

    /// What an operator should know though everything else goes on; nil when there is nothing. Halted partitions are told here:
    /// a service that takes reports must not leave the gateway because one partition of what it hears is halted.
    public var remark: String? {
        let notes = [
            status.haltedPartitions?.words, status.feedTrouble.map { "Kafka: \($0)" },
            status.isPulling ? "reading from owners instead of Kafka" : nil,
        ]
        let told = notes.compactMap { $0 }
        return told.isEmpty ? nil : told.joined(separator: "; ")
    }

    /// Applies until the feed is closed or the task cancelled.
    public func run() async throws {
        try await store.open(partitions)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (owner, topics) in topics { group.addTask { await self.watch(owner, topics) } }
            defer { group.cancelAll() }
            do { try await self.loop() } catch is CancellationError {}
        }
    }

    private func loop() async throws {
        var memory = ConsumerMemory()
        memory.newUntil = pace.elapsed() + ConsumerMemory.startupGrace
        var reader = FeedReader(feed, pace: pace, log: log)
        var watch = PullWatch(counters)
        while !Task.isCancelled {
            status.cameRound(at: pace.elapsed(), waitingSince: memory.longestWait)
            guard let batch = try await reader.next(within: patience(memory)) else { return }
            if !batch.messages.isEmpty { CrashPoint.pass(.consumerAfterPoll) }
            status.settleFeed(reader.trouble)
            memory.assign(batch.assignment)
            try await applyForSure(batch.messages.compactMap(record), &memory)
            if !batch.messages.isEmpty { await feed.done(with: batch) }
            if try await pullStalePartitions(&memory) { reader.noteMissed() }
            await reader.renewWhenSilent()
            status.isPulling = !memory.pulled.isEmpty
            status.looksOften = status.isPulling || memory.isNewcomer(at: pace.elapsed())
            watch.note(memory.pulled.count, at: pace.elapsed())
            counters.haltedPartitions.set(Double(status.haltedPartitions?.count ?? 0))
        }
    }

    /// How long to wait for Kafka before something else is due.
    private func patience(_ memory: ConsumerMemory) -> Duration {
        if !memory.unfinished.isEmpty { return .zero }
        return memory.pulled.isEmpty && !memory.isNewcomer(at: pace.elapsed()) ? .milliseconds(500) : Self.pullInterval
    }

    /// How often owners are asked while their streams are read instead of Kafka.
    static let pullInterval = Duration.milliseconds(200)
    /// How often they are asked whether Kafka lost a tail.
    static let lookInterval = Duration.seconds(1)

    func owner(of partition: StreamPartition) -> String? { ownerOf[partition.topic] }

    func isSilent(_ partition: StreamPartition) -> Bool {
        ownerOf[partition.topic].map { status.isSilent($0) } ?? false
    }

    func ownerIsSilent(_ partition: StreamPartition) {
        if let owner = ownerOf[partition.topic] { status.noteSilence(of: owner) }
    }

    /// Stops a partition for good; everything else goes on.
    func diverged(_ partition: StreamPartition, at seq: Int64, _ why: String) {
        counters.diverged.add()
        log.error(
            "DIVERGED: this partition's history is not the owner's; it is halted until an operator has looked",
            ["topic": .string(partition.topic), "part": .int(Int(partition.part)), "seq": .int(seq), "why": .string(why)])
        status.halt(partition, ConsumerStatus.Halt(reason: "DIVERGED at \(seq): \(why)", until: nil))
    }
}

/// Counts how many partitions are pulled, and for how long.
struct PullWatch {
    private let counters: ConsumerCounters
    private var since: Duration?

    init(_ counters: ConsumerCounters) { self.counters = counters }

    mutating func note(_ count: Int, at now: Duration) {
        counters.pulledPartitions.set(Double(count))
        if let since {
            let seconds = (now - since).components.seconds
            counters.pullSeconds.add(Int(seconds))
            self.since = count == 0 ? nil : since + .seconds(seconds)
        } else if count > 0 {
            since = now
        }
    }
}
