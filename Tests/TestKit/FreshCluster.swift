public import Kafka
import Testing

/// A broker whose topics are empty, for tests that need the real topics' names: an embedded one of its own, or the real one
/// with the topics made anew.
public struct FreshCluster: Sendable {
    private let mock: EmbeddedBroker?
    /// How to reach it.
    public let configuration: KafkaConfiguration

    public init(_ broker: Broker, _ topics: [KafkaTopicSpec]) async throws {
        if broker.mock != nil {
            let own = try EmbeddedBroker()
            try own.createTopics(topics)
            mock = own
            configuration = KafkaConfiguration(bootstrapServers: own.servers)
            return
        }
        mock = nil
        configuration = broker.configuration()
        let admin = try KafkaAdmin(configuration)
        let known = Set(try await admin.topics().map(\.name))
        try await admin.deleteTopics(topics.map(\.name).filter(known.contains))
        await eventually(within: .seconds(20), "the old topics are gone") {
            let names = Set(try await admin.topics().map(\.name))
            return topics.allSatisfy { !names.contains($0.name) }
        }
        try await admin.createTopics(topics)
    }

    /// Swift frees a broker after its last use; call at the end of the test.
    public func keep() { withExtendedLifetime(mock) {} }
}
