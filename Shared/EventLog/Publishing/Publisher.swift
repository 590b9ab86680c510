package import Contracts
import Synchronization
package import Telemetry

/// Produces the stream to Kafka in `pos` order. Any number may run; an advisory lock lets one work at a time, but only to
/// save traffic: two of them would write the same bytes twice, and consumers drop what they have.
///
/// A delivery that failed but may yet succeed means: drop the producer, make a new one, go back to the first unacknowledged record. What
/// the broker will never take is set aside (`PublisherAside.swift`). A broker that was exchanged, emptied or shortened is filled again
/// from the stream.
public final class Publisher: Sendable {
    let store: any PublisherStore
    let topics: [Topic]
    let pace: any Pace
    let clock: any Timekeeper
    let log: Log
    let refills: RefillCounters
    let refilled: Counter
    let remaining: Gauge
    private let makeSink: @Sendable () throws -> any RecordSink
    private let wakeUp: any Bell
    let published: Counter
    private let delay: Histogram
    let aside: AsideCounters
    let asideInterval: Duration
    private let failures: Counter, recreated: Counter
    let lag: Gauge
    let memory = Mutex(Memory())

    struct Memory {
        /// Windows handed over by this process's sequencer: read here instead of from the database.
        var pending: [StreamRecord] = []
        var isCaughtUp = false
        var hadSink = false
        /// Since when records are due and none was acknowledged.
        var dueSince: Duration?
        var lastFailure: String?
        var isLeading = false
        /// What the last lead knew of the broker: good for the next one unless another publisher led in between.
        var shared: SharedPublisherState?
    }

    /// - Parameters:
    ///   - topics: made when the broker lacks them.
    ///   - clock: says which records a topic's retention would keep.
    ///   - asideInterval: how often what was set aside is tried again.
    ///   - makeSink: a new session with the broker, after each failure another.
    package init(
        store: any PublisherStore, keeping topics: [Topic] = [], pace: any Pace = LoopPace(),
        clock: any Timekeeper = SystemTimekeeper(), retryingAsideEvery asideInterval: Duration = .seconds(30), log: Log,
        metrics: MetricsRegistry, makeSink: @escaping @Sendable () throws -> any RecordSink
    ) {
        self.store = store
        self.topics = topics
        self.makeSink = makeSink
        self.pace = pace
        self.asideInterval = asideInterval
        self.clock = clock
        self.log = log
        wakeUp = pace.bell()
        published = metrics.counter("shao_published_total", "Records that the broker acknowledged.")
        delay = metrics.histogram(
            "shao_publish_delay_seconds", "From the moment at which an event happened until the broker had it.",
            buckets: ConsumerCounters.delays)
        failures = metrics.counter(
            "shao_publish_failures_total", "Leads that ended because a record was not acknowledged or the broker had changed.")
        recreated = metrics.counter("shao_producers_recreated_total", "Producers made after the first.")
        lag = metrics.gauge("shao_publish_lag", "Records sequenced but not acknowledged by the broker, as last seen.")
        refilled = metrics.counter("shao_refilled_total", "Records sent again because the broker had lost them.")
        remaining = metrics.gauge("shao_refill_remaining", "Records still to be sent again.")
        refills = RefillCounters(metrics)
        aside = AsideCounters(metrics)
    }

    /// A window from the sequencer beside this publisher.
    public func accept(_ records: [StreamRecord]) {
        memory.withLock { memory in
            if memory.pending.count + records.count > Self.memoryLimit { memory.pending = [] }
            if let last = memory.pending.last, let first = records.first, last.pos + 1 != first.pos { memory.pending = [] }
            memory.pending.append(contentsOf: records)
        }
        wakeUp.ring()
    }

    /// Whether all that was sequenced when last looked at has been acknowledged; shutdown waits for it.
    public var isCaughtUp: Bool { memory.withLock { $0.isCaughtUp && $0.pending.isEmpty } }

    /// Publishes until cancelled.
    public func run() async throws {
        var backOff = BackOff(pace)
        while !Task.isCancelled {
            let before = published.value
            do {
                if try await !store.lead(lead) {
                    noteFollowing()
                    try await pace.pause(for: .seconds(1))
                }
                backOff.reset()
            } catch is CancellationError {
                return
            } catch {
                if Task.isCancelled { return }
                failures.add()
                noteLag(error)
                if published.value > before { backOff.reset() }
                log.warning("publishing failed, going back to the last acknowledged record", ["error": "\(error)"])
                try await backOff.pause()
            }
        }
    }

    private static let memoryLimit = 20_000
    static let batchSize = 2000
    /// How soon records sequenced by another replica are noticed, and what was acknowledged is written down.
    private static let poll = Duration.milliseconds(100)
    /// Where no topics are named: a fortnight, as the contracts promise.
    static let shortestRefill = Duration.seconds(14 * 86_400)

    private func lead(_ session: any PublisherSession) async throws {
        let sink = try makeSink()
        if memory.withLock({ memory in
            defer { memory.hadSink = true }
            return memory.hadSink
        }) {
            recreated.add()
        }
        do {
            let shared = try await prepare(session, sink)
            memory.withLock { memory in
                memory.shared = shared
                memory.isLeading = true
            }
            try await refillPartitions(shared, session, sink)
            // A lead that nobody watches any more would miss a broker that loses its records: whichever ends, ends both.
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.watch(shared, session, sink) }
                group.addTask { try await self.publish(shared, session, sink) }
                group.addTask { try await self.retryAside(shared, session, sink) }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            await sink.close(drainingFor: .seconds(1))
            throw error
        }
    }

    private func publish(_ shared: SharedPublisherState, _ session: any PublisherSession, _ sink: any RecordSink) async throws {
        var state = shared.state
        log.info("publishing", ["after": .int(state.acknowledged)])
        var savedAt = pace.elapsed()
        var lookedAt: Duration?
        var progress = RefillProgress(last: state.acknowledged, told: pace.elapsed())
        while true {
            try shared.check()
            guard let records = try await next(after: state.acknowledged, session, &lookedAt) else {
                try await wakeUp.wait(atMost: Self.poll)
                continue
            }
            guard let last = records.last else {
                CrashPoint.pass(.publisherBeforeSave)
                try await shared.save(session)
                CrashPoint.pass(.publisherAfterSave)
                savedAt = pace.elapsed()
                noteRest()
                continue
            }
            noteLag()
            let isRefill = records[0].pos <= state.refillTo
            let sent = isRefill ? kept(records.filter { $0.pos <= state.refillTo }) + records.filter { $0.pos > state.refillTo } : records
            CrashPoint.pass(.publisherBeforeProduce)
            _ = try await send(sent, sink, shared, session)
            CrashPoint.pass(.publisherAfterProduce)
            state.acknowledged = last.pos
            shared.state.acknowledged = last.pos
            if isRefill { noteRefill(state, sent: sent.filter { $0.pos <= state.refillTo }.count, &progress) }
            if pace.elapsed() - savedAt > .milliseconds(200) {
                try await shared.save(session)
                savedAt = pace.elapsed()
            }
        }
    }

    /// What follows `acked`: from memory, or from the database when that has not just said that there is nothing, or windows
    /// are missing here. Nil when it is not time to ask.
    private func next(
        after acked: Int64, _ session: any PublisherSession, _ lookedAt: inout Duration?
    ) async throws -> [StreamRecord]? {
        let (taken, isMissing) = takePending(after: acked)
        if !taken.isEmpty { return taken }
        let now = pace.elapsed()
        if !isMissing, let lookedAt, now - lookedAt < Self.poll { return nil }
        let read = try await session.next(after: acked, limit: Self.batchSize)
        lookedAt = read.isEmpty ? now : nil
        lag.set(Double(read.count))
        return read
    }

    /// What this process's sequencer handed over and follows `acked`; otherwise whether windows before it are missing.
    private func takePending(after acked: Int64) -> (taken: [StreamRecord], isMissing: Bool) {
        memory.withLock { memory in
            guard let first = memory.pending.first, let last = memory.pending.last, last.pos > acked else {
                memory.pending = []
                return ([], false)
            }
            guard first.pos <= acked + 1 else { return ([], true) }
            let known = Int(acked + 1 - first.pos)
            let batch = Array(memory.pending.dropFirst(known).prefix(Self.batchSize))
            memory.pending.removeFirst(known + batch.count)
            return (batch, false)
        }
    }

    /// Sends all that may be sent, notes where they are, and throws unless every one was acknowledged where it had to be, or set aside.
    /// False when a topic of theirs takes nothing.
    func send(
        _ records: [StreamRecord], _ sink: any RecordSink, _ shared: SharedPublisherState, _ session: any PublisherSession,
        retrying topic: String? = nil
    ) async throws -> Bool {
        let due = try await sendable(records, shared, session, retrying: topic)
        if due.isEmpty { return true }
        let results = try await sink.send(due)
        let now = clock.now()
        try shared.check()
        var failure: (any Error)?
        var refused: [(record: StreamRecord, error: any Error)] = []
        for (record, result) in zip(due, results) {
            switch result {
            case .success(let receipt):
                // Every place is noted, also behind the first that is wrong.
                let trouble = note(record, receipt, sink, shared)
                if topic == nil, record.pos > shared.state.refillTo { delay.observe(now.secondsSince(record.event.time)) }
                failure = failure ?? trouble
            case .failure(let error) where DeliveryFailure(of: error) != .session: refused.append((record, error))
            case .failure(let error):
                if failure == nil {
                    log.warning("a record was not acknowledged", ["topic": .string(record.event.topic), "pos": .int(record.pos)])
                }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        noteProgress(due.count - refused.count)
        return refused.isEmpty ? true : try await setAside(refused, sink, shared, session, retrying: topic)
    }

    /// Notes where the broker has put a record; what is wrong with that position.
    func note(
        _ record: StreamRecord, _ receipt: Receipt, _ sink: any RecordSink, _ shared: SharedPublisherState, isLate: Bool = false
    ) -> BrokerTrouble? {
        let saysOffsets = sink.saysOffsets
        guard shared.withPositions({ $0.note(record, receipt, saysOffsets: saysOffsets, isLate: isLate) }) else { return nil }
        refills.truncated.add()
        return BrokerTrouble(reason: "truncated", detail: "the broker put a record where another had been")
    }

    func forgetPending() { memory.withLock { $0.pending = [] } }

    /// What this publisher's last lead knew, if nobody led since.
    func keptPositions(after lead: Int64) -> BrokerPositions? {
        guard let shared = memory.withLock({ $0.shared }), shared.state.lead == lead - 1 else { return nil }
        return shared.withPositions { $0 }
    }
}

/// Refills begun, by why.
struct RefillCounters: Sendable {
    /// Another, or an emptied, cluster.
    let cluster: Counter
    /// Topics that were gone.
    let topic: Counter
    /// Partitions that had lost their end.
    let truncated: Counter

    init(_ metrics: MetricsRegistry) {
        func counter(_ reason: String) -> Counter {
            metrics.counter("shao_refills_total", "Refills of the broker begun.", labels: [("reason", reason)])
        }
        (cluster, topic, truncated) = (counter("cluster"), counter("topic"), counter("truncated"))
    }
}
