import FoundationEssentials
public import Kafka
import Synchronization

/// A Kafka to test against: the embedded one always, a real one when `SHAO_TEST_KAFKA` names it.
///
///     @Test(arguments: Broker.available) func `…`(broker: Broker) async throws
///
/// One broker serves all tests of a process: topics and groups are made by each test, with names nobody else has.
public struct Broker: Sendable, CustomStringConvertible {
    /// Which one, for the test's name.
    public let description: String
    /// For `bootstrap.servers`.
    public let servers: String
    /// Present when this is the embedded one: faults can be ordered from it.
    public let mock: EmbeddedBroker?

    /// The embedded broker of this process, started by the first test that asks.
    public static let embedded: Broker = {
        do {
            let mock = try EmbeddedBroker()
            return Broker(description: "embedded", servers: mock.servers, mock: mock)
        } catch {
            preconditionFailure("no embedded broker: \(error)")
        }
    }()

    /// All there are in this run.
    public static var available: [Broker] {
        guard let servers = ProcessInfo.processInfo.environment["SHAO_TEST_KAFKA"], !servers.isEmpty else { return [embedded] }
        return [embedded, Broker(description: "real", servers: servers, mock: nil)]
    }

    /// A configuration for this broker, with these properties besides.
    public func configuration(_ properties: KafkaConfiguration = [:]) -> KafkaConfiguration {
        KafkaConfiguration(bootstrapServers: servers).merging(properties)
    }

    /// Makes a topic of its own for the calling test and returns its name.
    public func makeTopic(partitions: Int = 1) async throws -> String {
        let name = Broker.uniqueName("topic")
        try await createTopics([KafkaTopicSpec(name, partitions: partitions)])
        return name
    }

    /// Makes topics of given names; on a real broker they outlive the test.
    public func createTopics(_ specs: [KafkaTopicSpec]) async throws {
        if let mock {
            try mock.createTopics(specs)
            return
        }
        let admin = try KafkaAdmin(configuration())
        try await admin.createTopics(specs)
        // A new topic's leader is known to the broker a moment later than the topic.
        let wanted = Dictionary(uniqueKeysWithValues: specs.map { ($0.name, $0.partitions) })
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            let known = try await admin.topics().filter { wanted[$0.name] == $0.partitions }
            if known.count == wanted.count { return }
        }
    }

    /// A name for a group or topic that no other test has.
    public static func uniqueName(_ kind: String) -> String {
        "\(kind)-\(UUID().uuidString.lowercased())"
    }
}
