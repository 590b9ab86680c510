public import Kafka
import Synchronization

/// A member of a consumer group. Where its client does not find back by itself it joins with a new one: after a fatal error,
/// and when `renew` says that nothing comes (librdkafka looks for a coordinator that has moved to another port at the old
/// one, for ever).
public final class KafkaRecordFeed: RecordFeed {
    private struct State {
        var consumer: KafkaConsumer?
        var closed = false
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

    /// Leaving takes seconds where nobody answers; nobody waits for it.
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
