import CLibrdkafka
public import EventLoop
public import Telemetry

/// A topic to be made.
public struct KafkaTopicSpec: Sendable, Hashable {
    public var name: String
    public var partitions: Int
    /// Copies; -1 takes the broker's default.
    public var replication: Int
    /// Broker-side properties such as `cleanup.policy`, `retention.ms`.
    public var config: [String: String]

    public init(_ name: String, partitions: Int, replication: Int = -1, config: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replication = replication
        self.config = config
    }
}

/// Makes, lists and deletes topics. The library's mock cluster refuses making and deleting (see ``EmbeddedBroker``).
public struct KafkaAdmin: Sendable {
    let client: Client

    /// Starts the client; brokers need not be reachable.
    public init(
        _ configuration: KafkaConfiguration, on loop: EventLoop = .shared, log: Log = Log("kafka")
    ) throws(KafkaError) {
        client = try Client(configuration, .admin, on: loop, log: log, metrics: nil)
    }

    /// Makes those that do not exist; existing ones are left as they are, whatever their partitions.
    public func createTopics(_ specs: [KafkaTopicSpec], within timeout: Duration = .seconds(30)) async throws(KafkaError) {
        if specs.isEmpty { return }
        let outcome = await OwnThread.run("kafka-call") { [client] () -> Result<Void, KafkaError> in
            do throws(KafkaError) {
                let topics = try NewTopics(specs)
                return .success(try client.create(topics, timeout))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    /// Deletes topics; those that do not exist are no error.
    public func deleteTopics(_ names: [String], within timeout: Duration = .seconds(30)) async throws(KafkaError) {
        if names.isEmpty { return }
        let outcome = await OwnThread.run("kafka-call") { [client] () -> Result<Void, KafkaError> in
            do throws(KafkaError) { return .success(try client.delete(names, timeout)) } catch { return .failure(error) }
        }
        try outcome.get()
    }

    /// Every topic the cluster shows to us, by name.
    public func topics(within timeout: Duration = .seconds(10)) async throws(KafkaError) -> [KafkaTopic] {
        try await client.topics(within: timeout)
    }

    /// The cluster's own id.
    public func clusterID(within timeout: Duration = .seconds(5)) async throws(KafkaError) -> String {
        try await client.clusterID(within: timeout)
    }

    /// Oldest and next offset of a partition.
    public func watermarks(
        _ partition: KafkaPartition, within timeout: Duration = .seconds(5)
    ) async throws(KafkaError) -> KafkaWatermarks {
        try await client.watermarks(partition, within: timeout)
    }
}

/// The library's topic descriptions, freed with their owner.
private struct NewTopics: ~Copyable {
    private(set) var pointers: [OpaquePointer?] = []

    init(_ specs: [KafkaTopicSpec]) throws(KafkaError) {
        for spec in specs {
            var text = [CChar](repeating: 0, count: 512)
            guard
                let topic = rd_kafka_NewTopic_new(
                    spec.name, CInt(clamping: spec.partitions), CInt(clamping: spec.replication), &text, text.count)
            else {
                throw KafkaError(
                    .invalidArgument, operation: "create topics", message: "\(spec.name): \(KafkaConfiguration.text(text))")
            }
            pointers.append(topic)
            for (name, value) in spec.config { rd_kafka_NewTopic_set_config(topic, name, value) }
        }
    }

    deinit {
        for case let pointer? in pointers { rd_kafka_NewTopic_destroy(pointer) }
    }
}

extension Client {
    fileprivate func create(_ topics: borrowing NewTopics, _ timeout: Duration) throws(KafkaError) {
        var pointers = topics.pointers
        let event = try ask("create topics", timeout) { options, replies in
            rd_kafka_CreateTopics(pointer, &pointers, pointers.count, options, replies)
        }
        try event.withPointer { event throws(KafkaError) in
            var count = 0
            let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
            try Self.check(results, count, tolerating: .topicAlreadyExists, "create topics")
        }
    }

    fileprivate func delete(_ names: [String], _ timeout: Duration) throws(KafkaError) {
        var pointers: [OpaquePointer?] = names.map { rd_kafka_DeleteTopic_new($0) }
        defer { for case let pointer? in pointers { rd_kafka_DeleteTopic_destroy(pointer) } }
        let event = try ask("delete topics", timeout) { options, replies in
            rd_kafka_DeleteTopics(pointer, &pointers, pointers.count, options, replies)
        }
        try event.withPointer { event throws(KafkaError) in
            var count = 0
            let results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count)
            try Self.check(results, count, tolerating: .unknownTopicOrPartition, "delete topics")
        }
    }

    /// Sends an admin request and waits for its answer; the caller is a thread that may wait.
    func ask(
        _ operation: String, _ timeout: Duration, _ send: (OpaquePointer?, OpaquePointer?) -> Void
    ) throws(KafkaError) -> Event {
        let replies: OpaquePointer = rd_kafka_queue_new(pointer)
        defer { rd_kafka_queue_destroy(replies) }
        let options: OpaquePointer? = rd_kafka_AdminOptions_new(pointer, RD_KAFKA_ADMIN_OP_ANY)
        defer { rd_kafka_AdminOptions_destroy(options) }
        var text = [CChar](repeating: 0, count: 512)
        rd_kafka_AdminOptions_set_request_timeout(options, timeout.clampedMilliseconds, &text, text.count)
        send(options, replies)
        guard let answer = rd_kafka_queue_poll(replies, timeout.clampedMilliseconds) else {
            throw KafkaError(.timedOut, operation: operation, message: "no answer in time", isRetriable: true)
        }
        let event = Event(answer)
        if event.error.rawValue != 0 { throw KafkaError(event.error, operation, event.errorText) }
        return event
    }

    private static func check(
        _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, tolerating: KafkaError.Code, _ operation: String
    ) throws(KafkaError) {
        for result in UnsafeBufferPointer(start: results, count: count) {
            let code = rd_kafka_topic_result_error(result)
            if code.rawValue == 0 || code.rawValue == tolerating.rawValue { continue }
            let name = rd_kafka_topic_result_name(result).map { String(cString: $0) } ?? ""
            let why = rd_kafka_topic_result_error_string(result).map { String(cString: $0) } ?? ""
            throw KafkaError(code, operation, "\(name): \(why)")
        }
    }
}
