import CLibrdkafka
public import EventLoop
import Synchronization

/// A Kafka cluster inside this process: librdkafka's mock, which speaks the real protocol on TCP (127.0.0.1 only).
///
/// For tests, demonstrations and the `devbroker`. It knows produce (idempotent too), fetch, groups and committed offsets.
/// What it does not do, as of librdkafka 2.0.2:
/// - Everything lives in memory and ends with this object: messages, topics, committed offsets. While it lives, committed
///   offsets are kept per group and partition, also after the last member has left.
/// - Each partition keeps 5 MiB or 100 000 record batches, and this cannot be changed. Beyond that the oldest batches go, and
///   the low watermark rises: a reader that is behind gets ``KafkaError/Code/noStartOffset``, and the event log repairs over HTTP.
/// - It knows no largest record: one of more than 5 MiB would push everything out of its partition, itself included. A request of more than
///   4 MiB is therefore not read: its connection is closed, and a client that insists tries again until it gives up.
/// - No retention by time, no compaction, no access control, no durable idempotence: it believes any sequence number.
/// - It makes every topic that a client asks for, with four partitions, whatever `allow.auto.create.topics` says: only a real
///   broker finds misspelt names.
/// - ``KafkaAdmin`` cannot make or delete topics here: ``createTopic(_:partitions:)`` does. It has no cluster id that stays.
/// - A group's first assignment takes 3 s, always, and a member that has left is missed only after `session.timeout.ms`, so
///   its partitions stay unread for up to 10 s (a real broker hands them over at once). Fetches that find nothing are answered after `fetch.wait.max.ms`.
/// - A broker taken down must not be brought up again: that aborts the process. Hence no such method here.
public final class EmbeddedBroker: @unchecked Sendable {
    private let host: OpaquePointer
    private let cluster: OpaquePointer
    private let relay: BootstrapRelay?
    private let brokers: Int32

    /// Bootstrap servers: the fixed address where a port was asked for, else the brokers' own.
    public let servers: String

    /// Starts `brokers` listeners on ports the system chooses.
    ///
    /// The mock cannot be told its ports. With `port`, clients find it there all the same: a relay on that port carries their
    /// first connection to a broker, whose metadata then leads them to the real ports. `topics` are there before the first
    /// client can ask for one, which would make it with another number of partitions.
    public init(
        brokers: Int = 1, port: UInt16? = nil, topics: [KafkaTopicSpec] = [], on loop: EventLoop = .shared
    ) throws(KafkaError) {
        let count = Int32(clamping: max(1, brokers))
        let conf = try KafkaConfiguration(["receive.message.max.bytes": String(Self.largestRequest)]).makeConf(.admin)
        var text = [CChar](repeating: 0, count: 512)
        guard let host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, &text, text.count) else {
            rd_kafka_conf_destroy(conf)
            throw KafkaError(.system, operation: "embedded broker", message: KafkaConfiguration.text(text))
        }
        guard let cluster = rd_kafka_mock_cluster_new(host, count) else {
            rd_kafka_destroy(host)
            throw KafkaError(.system, operation: "embedded broker", message: "no mock cluster")
        }
        let own = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
        do throws(KafkaError) {
            try Self.make(topics, cluster, replicas: count)
            relay = try port.map { port throws(KafkaError) in try BootstrapRelay(port: port, to: own, on: loop) }
        } catch {
            rd_kafka_mock_cluster_destroy(cluster)
            rd_kafka_destroy(host)
            throw error
        }
        self.host = host
        self.cluster = cluster
        self.brokers = count
        servers = relay.map { "127.0.0.1:\($0.port)" } ?? own
    }

    deinit {
        relay?.close()
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(host)
    }

    /// Below what a partition keeps, and four times what a stock broker takes of one record.
    static let largestRequest = 4 << 20

    /// Makes a topic; one that exists is left as it is.
    public func createTopic(_ name: String, partitions: Int) throws(KafkaError) {
        try Self.make([KafkaTopicSpec(name, partitions: partitions)], cluster, replicas: brokers)
    }

    /// Makes topics, all at once: the mock answers each such call only every fifth of a second. Blocks meanwhile.
    public func createTopics(_ topics: [KafkaTopicSpec]) throws(KafkaError) {
        try Self.make(topics, cluster, replicas: brokers)
    }

    private static func make(_ topics: [KafkaTopicSpec], _ cluster: OpaquePointer, replicas: Int32) throws(KafkaError) {
        if topics.isEmpty { return }
        let failures = Failures()
        let cluster = Cluster(pointer: cluster)
        OwnThread.all(
            "kafka-call",
            topics.map { topic in
                {
                    let code = rd_kafka_mock_topic_create(cluster.pointer, topic.name, CInt(clamping: topic.partitions), replicas)
                    if code.rawValue != 0 && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS {
                        failures.keep(KafkaError(code, "create topic"))
                    }
                }
            })
        if let error = failures.first { throw error }
    }

    /// The library's object is safe from any thread.
    private struct Cluster: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// Lets the next `count` requests of that kind, from whomever, fail with `code`.
    /// ``KafkaError/Code/transport`` drops the connection instead of answering.
    public func fail(next count: Int, of request: KafkaRequest, with code: KafkaError.Code) {
        let errors = [rd_kafka_resp_err_t](repeating: .init(rawValue: code.rawValue), count: count)
        rd_kafka_mock_push_request_errors_array(cluster, request.apiKey, errors.count, errors)
    }

    /// Lets the next request of that kind, on any broker, be answered so much later.
    public func delay(next request: KafkaRequest, by delay: Duration) {
        for broker in 1...brokers {
            _ = shao_rk_mock_push(cluster, broker, request.apiKey, RD_KAFKA_RESP_ERR_NO_ERROR, delay.clampedMilliseconds)
        }
    }
}

/// A kind of request of Kafka's protocol.
public struct KafkaRequest: Sendable, Hashable {
    /// The protocol's number for it.
    public let apiKey: Int16

    public init(apiKey: Int16) { self.apiKey = apiKey }

    public static let produce = KafkaRequest(apiKey: 0)
    public static let fetch = KafkaRequest(apiKey: 1)
    public static let listOffsets = KafkaRequest(apiKey: 2)
    public static let metadata = KafkaRequest(apiKey: 3)
}

private final class Failures: Sendable {
    private let kept = Mutex<KafkaError?>(nil)
    var first: KafkaError? { kept.withLock { $0 } }
    func keep(_ error: KafkaError) { kept.withLock { $0 = $0 ?? error } }
}
