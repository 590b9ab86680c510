import Kafka

/// What it means to the publisher that a record was not acknowledged: the one place where this is decided.
enum DeliveryFailure: Sendable, Equatable {
    /// Neither the record nor its topic is at fault, and it may pass: begin a new session, go back to what was acknowledged.
    case session
    /// The topic takes nothing before somebody has acted: it is missing, or not ours to write.
    case topic
    /// The record will not be taken as it is, however often it is sent.
    case record

    init(of error: any Error) {
        guard let error = error as? KafkaError, !error.isFatal else {
            self = .session
            return
        }
        self = Self.topics.contains(error.code) ? .topic : Self.records.contains(error.code) ? .record : .session
    }

    private static let topics: Set<KafkaError.Code> = [
        .unknownTopic, .unknownTopicOrPartition, .unknownPartition, .invalidTopic, .topicAuthorizationFailed,
    ]
    /// A broker refuses a whole batch with these, also for one of its records.
    private static let records: Set<KafkaError.Code> = [
        .messageTooLarge, .invalidMessageSize, .recordListTooLarge, .invalidRecord, .invalidTimestamp, .policyViolation,
    ]
}
