public import Kafka
import Synchronization

/// A member of a consumer group. Where its client does not find back by itself it joins with a new one: after a fatal error, and
/// when it has lost the way (librdkafka looks for a coordinator that has moved to another port at the old one, for ever).
///
/// Two signs show that, and neither covers the other. `renew` comes from a reader whose owners had news that this feed did not
/// bring: also while the group still gives partitions, and after ten seconds already. Departments' feedback has no owner whom
/// one could ask: there `Membership` sees only that the group gives nothing, which may be right, so it is slower and ever rarer.
public final class KafkaRecordFeed: RecordFeed {
    private struct State {
        var consumer: KafkaConsumer?
        var closed = false
        var membership = Membership()
    }
    private let make: @Sendable () throws(KafkaError) -> KafkaConsumer
    private let state: Mutex<State>

    /// Makes the first client at once, so that a bad property shows at the start. Brokers need not be reachable.
    public init(_ make: @escaping @Sendable () throws(KafkaError) -> KafkaConsumer) throws(KafkaError) {
        self.make = make
        state = Mutex(State(consumer: try make()))
    }

    public func next(upTo limit: Int, within patience: Duration) async throws -> FeedBatch? {
        guard let consumer = try current() else { return nil }
        do throws(KafkaError) {
            let batch = try await consumer.nextBatch(upTo: limit, until: .now + patience)
            let assignment = await consumer.assignment
            guard let batch else { return nil }
            if state.withLock({ $0.membership.isLost(hasAssignment: !assignment.isEmpty, at: .now) }) { drop(consumer) }
            return FeedBatch(
                messages: batch.messages, assignment: Set(assignment.map { StreamPartition(topic: $0.topic, part: $0.number) }))
        } catch {
            if error.code == .cancelled { throw CancellationError() }
            if error.isFatal { drop(consumer) }
            throw error
        }
    }

    public func done(with batch: FeedBatch) async {
        guard !batch.messages.isEmpty, let consumer = state.withLock({ $0.consumer }) else { return }
        try? await consumer.store(KafkaBatch(batch.messages))
    }

    public func renew() async {
        if let consumer = state.withLock({ $0.consumer }) { drop(consumer) }
    }

    /// The next question makes a new client. Leaving takes seconds where nobody answers; nobody waits for it.
    private func drop(_ consumer: KafkaConsumer) {
        state.withLock { if $0.consumer === consumer { $0.consumer = nil } }
        Task(executorPreference: consumer.loop) { await consumer.close() }
    }

    public func close() async {
        let consumer = state.withLock { state -> KafkaConsumer? in
            state.closed = true
            return state.consumer
        }
        await consumer?.close()
    }

    private func current() throws(KafkaError) -> KafkaConsumer? {
        let (consumer, closed) = state.withLock { ($0.consumer, $0.closed) }
        if closed || consumer != nil { return closed ? nil : consumer }
        let fresh = try make()
        state.withLock { $0.consumer = fresh }
        return fresh
    }
}

/// Whether a group has forgotten this member. librdkafka keeps asking a coordinator at its old address when the same broker
/// comes back at another one after the session has timed out; only a new client finds it again.
struct Membership {
    private var lastedUntil: ContinuousClock.Instant?
    private var patience = Self.least

    /// A rejoin takes some seconds at most. A member that really gets nothing, because there are more members than partitions,
    /// must not disturb the group often: each time the pause doubles.
    static let least = Duration.seconds(20), most = Duration.seconds(640)

    mutating func isLost(hasAssignment: Bool, at now: ContinuousClock.Instant) -> Bool {
        guard !hasAssignment, let last = lastedUntil else {
            lastedUntil = now
            if hasAssignment { patience = Self.least }
            return false
        }
        guard now - last > patience else { return false }
        lastedUntil = now
        patience = min(patience * 2, Self.most)
        return true
    }
}
