public import Contracts
package import EventLoop
public import Kafka
package import Telemetry

/// Where the publisher produces to: one producer's session with a cluster. After a failed delivery it is closed and a new
/// one is made.
package protocol RecordSink: Sendable {
    /// Whether receipts carry offsets; not when the broker was asked for no answers.
    var saysOffsets: Bool { get }
    /// Sends all in their order per partition and suspends until each is settled; the results have the records' order.
    /// Throws when nothing can be said of single records.
    func send(_ records: [StreamRecord]) async throws -> [Result<Receipt, any Error>]
    /// Which cluster answers now, and what it has. Throws when none does.
    func cluster() async throws -> BrokerCluster
    /// The offset after the last record of each partition. Their topics must exist.
    func ends(of partitions: [StreamPartition]) async throws -> [StreamPartition: Int64]
    /// Makes topics that do not exist, as the contracts say.
    func create(_ topics: [Topic]) async throws
    /// Waits at most so long for what is under way, then lets everything go: senders get errors for the rest.
    func close(drainingFor patience: Duration) async
}

/// A broker's word that it has a record.
package struct Receipt: Sendable, Equatable {
    /// Where the record is in its partition; nil when the broker does not say (`acks=0`, a repetition it recognised).
    package var offset: Int64?
    package init(offset: Int64?) { self.offset = offset }
}

/// A cluster as it shows itself.
package struct BrokerCluster: Sendable, Equatable {
    /// Another id means another, or an emptied, cluster. Nil where it tells none.
    package var id: String?
    package var topics: Set<String>

    package init(id: String?, topics: Set<String>) {
        self.id = id
        self.topics = topics
    }
}

/// Kafka.
package struct KafkaRecordSink: RecordSink {
    private let producer: KafkaProducer
    private let configuration: KafkaConfiguration
    private let source: String
    private let loop: EventLoop
    private let log: Log

    /// - Parameter source: the CloudEvents source of this service, `/street/<code>/<service>`.
    package init(
        _ configuration: KafkaConfiguration, source: String, on loop: EventLoop = .shared, log: Log,
        metrics: MetricsRegistry? = nil
    ) throws {
        producer = try KafkaProducer(configuration, on: loop, log: log, metrics: metrics)
        self.configuration = configuration
        self.source = source
        self.loop = loop
        self.log = log
    }

    package var saysOffsets: Bool { producer.isAcknowledged }

    package func send(_ records: [StreamRecord]) async throws -> [Result<Receipt, any Error>] {
        let results = try await producer.send(records.map { StreamHeaders.record($0, source: source) })
        return results.map { result in
            switch result {
            case .success(let receipt): .success(Receipt(offset: receipt.offset < 0 ? nil : receipt.offset))
            case .failure(let error): .failure(error)
            }
        }
    }

    package func cluster() async throws -> BrokerCluster {
        let topics = try await producer.topics(within: Self.patience)
        // The list came with the id, if there is one: no reason to wait for it.
        let id = try? await producer.clusterID(within: .milliseconds(50))
        return BrokerCluster(id: id, topics: Set(topics.map(\.name)))
    }

    package func ends(of partitions: [StreamPartition]) async throws -> [StreamPartition: Int64] {
        let ends = try await producer.ends(of: partitions.map { KafkaPartition($0.topic, $0.part) }, within: Self.patience)
        return Dictionary(
            ends.map { (StreamPartition(topic: $0.key.topic, part: $0.key.number), $0.value) }, uniquingKeysWith: { a, _ in a })
    }

    package func create(_ topics: [Topic]) async throws {
        try await KafkaAdmin(configuration, on: loop, log: log).createTopics(topics.map { KafkaTopicSpec($0) }, within: .seconds(10))
    }

    package func close(drainingFor patience: Duration) async { await producer.close(drainingFor: patience) }

    /// A look at the broker is repeated soon: better late than long.
    private static let patience = Duration.milliseconds(1500)
}

extension KafkaTopicSpec {
    /// As the contracts say.
    public init(_ topic: Topic) {
        self.init(
            topic.name, partitions: topic.partitions,
            config: ["retention.ms": String(topic.retention.components.seconds * 1000)])
    }
}
