import CLibrdkafka

/// What Kafka or its client refused.
public struct KafkaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// librdkafka's number: positive ones are the broker's (the protocol's), negative ones the client's own. Open: others may occur.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        public let rawValue: Int32
        public init(rawValue: Int32) { self.rawValue = rawValue }

        public static let offsetOutOfRange = Code(rawValue: 1)
        public static let unknownTopicOrPartition = Code(rawValue: 3)
        public static let invalidMessageSize = Code(rawValue: 4)
        public static let leaderNotAvailable = Code(rawValue: 5)
        public static let notLeader = Code(rawValue: 6)
        public static let requestTimedOut = Code(rawValue: 7)
        public static let messageTooLarge = Code(rawValue: 10)
        public static let coordinatorNotAvailable = Code(rawValue: 15)
        public static let invalidTopic = Code(rawValue: 17)
        public static let recordListTooLarge = Code(rawValue: 18)
        public static let notEnoughReplicas = Code(rawValue: 19)
        public static let topicAuthorizationFailed = Code(rawValue: 29)
        public static let groupAuthorizationFailed = Code(rawValue: 30)
        public static let clusterAuthorizationFailed = Code(rawValue: 31)
        public static let invalidTimestamp = Code(rawValue: 32)
        public static let topicAlreadyExists = Code(rawValue: 36)
        public static let policyViolation = Code(rawValue: 44)
        public static let outOfOrderSequence = Code(rawValue: 45)
        public static let invalidRecord = Code(rawValue: 87)
        public static let transport = Code(rawValue: -195)
        public static let messageTimedOut = Code(rawValue: -192)
        public static let unknownPartition = Code(rawValue: -190)
        public static let unknownTopic = Code(rawValue: -188)
        public static let allBrokersDown = Code(rawValue: -187)
        public static let invalidArgument = Code(rawValue: -186)
        public static let timedOut = Code(rawValue: -185)
        public static let queueFull = Code(rawValue: -184)
        public static let wrongState = Code(rawValue: -172)
        public static let authentication = Code(rawValue: -169)
        public static let unsupportedFeature = Code(rawValue: -165)
        /// Discarded by ``KafkaProducer/close(drainingFor:)`` before it was sent.
        public static let purged = Code(rawValue: -152)
        /// Discarded by ``KafkaProducer/close(drainingFor:)`` while under way: it may yet be stored.
        public static let purgedInFlight = Code(rawValue: -151)
        /// The producer or consumer ended for good; see ``KafkaProducer/fatalError``.
        public static let fatal = Code(rawValue: -150)
        /// The start offset does not exist and `auto.offset.reset` is `error`: our own position must decide.
        public static let noStartOffset = Code(rawValue: -140)
        /// A configuration property is unknown, has a bad value, or is not to be changed.
        public static let configuration = Code(rawValue: -20_001)
        /// The task was cancelled; what was sent may yet arrive.
        public static let cancelled = Code(rawValue: -20_002)
        /// The producer or consumer is closed.
        public static let closed = Code(rawValue: -20_003)
        /// The system gave no eventfd, socket or thread.
        public static let system = Code(rawValue: -20_004)

        public var description: String { rawValue <= -20_000 ? "shao \(rawValue)" : String(cString: rd_kafka_err2name(.init(rawValue))) }
    }

    public let code: Code
    /// What was being done: `produce`, `fetch`, `commit`, …
    public let operation: String
    public let message: String
    /// Whether the same thing may succeed later, unchanged.
    public let isRetriable: Bool
    /// Whether the producer or consumer must be dropped and made anew.
    public let isFatal: Bool
    /// The partition concerned, where one is.
    public let partition: KafkaPartition?

    public init(
        _ code: Code, operation: String, message: String, isRetriable: Bool = false, isFatal: Bool = false,
        partition: KafkaPartition? = nil
    ) {
        self.code = code
        self.operation = operation
        self.message = message
        self.isRetriable = isRetriable
        self.isFatal = isFatal
        self.partition = partition
    }

    public var description: String {
        "kafka \(operation)\(partition.map { " \($0)" } ?? ""): \(message) (\(code))"
    }
}

extension KafkaError {
    /// From a plain code; the message is the library's text unless the event had a better one.
    init(_ code: rd_kafka_resp_err_t, _ operation: String, _ message: String? = nil, partition: KafkaPartition? = nil) {
        let code = Code(rawValue: code.rawValue)
        self.init(
            code, operation: operation,
            message: message ?? String(cString: rd_kafka_err2str(.init(code.rawValue))),
            isRetriable: Self.retriable.contains(code.rawValue), isFatal: code == .fatal, partition: partition)
    }

    /// From an error object, which is destroyed.
    init(consuming error: OpaquePointer, _ operation: String) {
        let code = Code(rawValue: rd_kafka_error_code(error).rawValue)
        self.init(
            code, operation: operation, message: String(cString: rd_kafka_error_string(error)),
            isRetriable: rd_kafka_error_is_retriable(error) != 0 || Self.retriable.contains(code.rawValue),
            isFatal: rd_kafka_error_is_fatal(error) != 0)
        rd_kafka_error_destroy(error)
    }

    static func cancelled(_ operation: String) -> KafkaError {
        KafkaError(.cancelled, operation: operation, message: "the task was cancelled")
    }

    static func closed(_ operation: String) -> KafkaError {
        KafkaError(.closed, operation: operation, message: "already closed")
    }

    /// The protocol's retriable codes, and the client's own ones that a broker coming back cures.
    private static let retriable: Set<Int32> = [
        2, 3, 5, 6, 7, 8, 9, 13, 14, 15, 16, 19, 20, 27, 41, 56, 70, 71, 72, 74, 75, 78, 80, 84, 88, 89,  // the broker's
        // The client's: connection, name, time-outs, full queue, coordinator awaited, purged unsent.
        -195, -193, -192, -187, -185, -184, -180, -152,
    ]
}

extension rd_kafka_resp_err_t {
    init(_ number: Int32) { self.init(rawValue: number) }
}
