public import Kafka

/// Records as Kafka brings them: perhaps repeated, missing, out of order or not the owner's. The real one is `KafkaRecordFeed`.
public protocol RecordFeed: Sendable {
    /// Up to `limit` messages: an empty batch when none came within `patience`, nil once closed. Throws what somebody must
    /// act on at the broker; the next call tries again.
    func next(upTo limit: Int, within patience: Duration) async throws -> FeedBatch?
    /// Says that the batch has been dealt with. For operators' lag tools: nothing is decided by it.
    func done(with batch: FeedBatch) async
    /// Joins anew: what it should have brought came another way.
    func renew() async
    /// Leaves the group; a suspended `next` returns nil.
    func close() async
}

extension RecordFeed {
    public func renew() async {}
}

/// What one call brought.
public struct FeedBatch: Sendable {
    public var messages: [KafkaMessage]
    /// The partitions that Kafka's group gives this member now.
    public var assignment: Set<StreamPartition>

    public init(messages: [KafkaMessage], assignment: Set<StreamPartition>) {
        self.messages = messages
        self.assignment = assignment
    }
}
