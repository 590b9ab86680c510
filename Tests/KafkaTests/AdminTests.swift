import Kafka
import TestKit
import Testing

@Suite struct AdminTests {
    @Test(arguments: Broker.available)
    func `topics are listed with their partitions`(broker: Broker) async throws {
        let topic = try await broker.makeTopic(partitions: 5)
        let admin = try KafkaAdmin(broker.configuration())
        #expect(try await admin.topics().contains(KafkaTopic(name: topic, partitions: 5)))
        #expect(try await admin.clusterID().isEmpty == false)
    }

    @Test(arguments: Broker.available.filter { $0.mock == nil })
    func `making a topic twice and deleting it twice are no errors`(broker: Broker) async throws {
        let admin = try KafkaAdmin(broker.configuration())
        let spec = KafkaTopicSpec(Broker.uniqueName("topic"), partitions: 2, replication: 1, config: ["cleanup.policy": "compact"])
        try await admin.createTopics([spec])
        try await admin.createTopics([spec])
        #expect(try await holdsListed(spec.name, true, admin))
        try await admin.deleteTopics([spec.name])
        try await admin.deleteTopics([spec.name])
        #expect(try await holdsListed(spec.name, false, admin))
        let error = await #expect(throws: KafkaError.self) {
            try await admin.createTopics([KafkaTopicSpec(spec.name, partitions: 1, config: ["no.such.property": "1"])])
        }
        #expect(error?.message.contains("no.such.property") == true)
    }

    private func holdsListed(_ name: String, _ wanted: Bool, _ admin: KafkaAdmin) async throws -> Bool {
        try await holds { try await admin.topics().contains { $0.name == name } == wanted }
    }

    @Test func `the embedded broker says that it cannot make topics this way`() async throws {
        let admin = try KafkaAdmin(Broker.embedded.configuration())
        let error = await #expect(throws: KafkaError.self) {
            try await admin.createTopics([KafkaTopicSpec("x", partitions: 1)], within: .seconds(1))
        }
        #expect(error?.code == .timedOut || error?.code == .unsupportedFeature)
    }

    @Test func `questions to a broker that is away end with their time-out`() async throws {
        let admin = try KafkaAdmin(["bootstrap.servers": "127.0.0.1:1"])
        let error = await #expect(throws: KafkaError.self) { try await admin.topics(within: .milliseconds(100)) }
        #expect(error?.isRetriable == true)
        let later = await #expect(throws: KafkaError.self) { try await admin.clusterID(within: .milliseconds(100)) }
        #expect(later?.isRetriable == true)
    }
}
