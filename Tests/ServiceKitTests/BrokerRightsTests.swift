import Contracts
import EventLoop
import Foundation
import Kafka
import ServiceKit
import TestKit
import Testing

/// Who may do what on a real broker that asks for sign-in: each user × topic × operation, as the contracts' owners and readers say.
/// One after another: a group that has members is described with them, which the questioner does not read.
@Suite(.serialized, .enabled(if: SecuredStreet.isAvailable, Comment(rawValue: SecuredStreet.reason)))
struct BrokerRightsTests {
    private static let departments = SecuredStreet.departments.compactMap { DepartmentTopics(code: $0, topic: nil) }
    private static let topics = Topics.all(departments: departments)
    private static let rights = Topics.rights(departments: departments)

    private func client(_ user: String) async throws -> KafkaConfiguration {
        var kafka = try KafkaConfiguration(environment: await SecuredStreet.shared().environment(user))
        kafka["auto.offset.reset"] = "earliest"
        return kafka
    }

    private func operations(_ user: String, _ isMeant: (BrokerRight.Resource) -> Bool) -> Set<BrokerQuestions.Operation> {
        Self.rights.filter { $0.user == user && isMeant($0.resource) }.reduce(into: []) { found, right in
            found.formUnion([right.operation == .read ? .read : .write, .describe])
        }
    }

    @Test func `each user may do with each topic what the contracts say, and nothing else`() async throws {
        let street = try await SecuredStreet.shared()
        try await roundTrip(Topics.tickets, from: "intake", to: "routing", group: "shao-routing")
        for user in SecuredBroker.users {
            let groups = SecuredBroker.users.flatMap { name in
                ["shao-\(name)", "shao-\(name)-feedback", "shao-\(name)2", name, name + ".a", name + "-a"]
            }
            let answer = try await BrokerQuestions.ask(
                user, password: SecuredBroker.password(user), port: street.broker.port(.plain), topics: Self.topics.map(\.name),
                groups: groups)
            for topic in Self.topics {
                let wanted = operations(user) { $0 == .topic(topic.name) }
                #expect(answer.topics[topic.name] == wanted, "\(user) on \(topic.name)")
            }
            for group in groups {
                let wanted = operations(user) { resource in
                    switch resource {
                    case .topic: false
                    case .group(let name): name == group
                    case .groups(let prefix): group.hasPrefix(prefix)
                    }
                }
                #expect(answer.groups[group] == wanted, "\(user) on the group \(group)")
            }
        }
    }

    @Test func `the expected table is not empty, and nobody unknown is in it`() {
        #expect(Set(Self.rights.map(\.user)) == Set(SecuredBroker.users).subtracting(["stranger"]))
        for topic in Self.topics {
            let writers = Self.rights.filter { $0.operation == .write && $0.resource == .topic(topic.name) }.map(\.user)
            #expect(writers.count == 1, "one owner writes \(topic.name)")
        }
        let water = Self.rights.filter { $0.user == "dept-water" }
        #expect(
            Set(water) == [
                BrokerRight(user: "dept-water", .read, .groups(prefix: "dept-water.")),
                BrokerRight(user: "dept-water", .read, .topic("dispatch.water.v1")),
                BrokerRight(user: "dept-water", .write, .topic("feedback.water.v1")),
                BrokerRight(user: "dept-water", .read, .topic("feedback.water.v1-dlt")),
            ])
    }

    /// Over SASL_SSL through the same configuration, producer and consumer as the services'.
    private func roundTrip(_ topic: Topic, from owner: String, to reader: String, group: String) async throws {
        let value = Array("哨 \(UUID().uuidString)".utf8)
        let producer = try KafkaProducer(try await client(owner))
        let results = try await producer.send([KafkaRecord(topic: topic.name, value: value)])
        for result in results { _ = try result.get() }
        await producer.close()
        let consumer = try KafkaConsumer(try await client(reader), group: group, topics: [topic.name])
        let deadline = ContinuousClock.now + .seconds(30)
        var found = false
        while !found, ContinuousClock.now < deadline, let batch = try await consumer.nextBatch(upTo: 100, until: deadline) {
            found = batch.contains { $0.value == value }
            try await consumer.store(batch)
        }
        try await consumer.commit()
        await consumer.close()
        #expect(found, "\(owner) → \(topic.name) → \(reader)")
    }

    @Test func `services and departments talk over TLS, signed in`() async throws {
        guard let water = DepartmentCode("water") else { return }
        try await roundTrip(Topics.cases, from: "routing", to: "notification", group: "shao-notification")
        try await roundTrip(Topics.dispatch(water), from: "routing", to: "dept-water", group: "dept-water.tests")
        try await roundTrip(Topics.feedback(water), from: "dept-water", to: "routing", group: "shao-routing-feedback")
    }

    @Test func `what is another's is refused when it is tried`() async throws {
        var plain = try await client("voting")
        plain["enable.idempotence"] = "false"
        plain["topic.metadata.propagation.max.ms"] = "500"
        let producer = try KafkaProducer(plain)
        let results = try await producer.send([KafkaRecord(topic: Topics.cases.name, value: [1])])
        await producer.close()
        for result in results {
            #expect(throws: KafkaError.self) { try result.get() }
            if case .failure(let error) = result { #expect(error.code == .topicAuthorizationFailed, "\(error)") }
        }
        #expect(try await refusal(reading: "dispatch.water.v1", as: "dept-water-2", group: "dept-water-2.x") == .topicAuthorizationFailed)
        #expect(try await refusal(reading: "tickets.v1", as: "routing", group: "shao-intake") == .groupAuthorizationFailed)
        #expect(try await refusal(reading: "dispatch.water-2.v1", as: "dept-water-2", group: "dept-water.x") == .groupAuthorizationFailed)

        let admin = try KafkaAdmin(try await client("routing"))
        let making = await #expect(throws: KafkaError.self) {
            try await admin.createTopics([KafkaTopicSpec("mine.v1", partitions: 1)])
        }
        #expect(making?.code == .topicAuthorizationFailed || making?.code == .clusterAuthorizationFailed)
        let deleting = await #expect(throws: KafkaError.self) { try await admin.deleteTopics([Topics.cases.name]) }
        #expect(deleting?.code == .topicAuthorizationFailed)
        let granting = await #expect(throws: KafkaError.self) {
            try await admin.grant([KafkaAcl(user: "routing", .write, .topic(Topics.tickets.name))])
        }
        #expect(granting?.code == .clusterAuthorizationFailed)
        let seen = try await admin.topics().map(\.name)
        #expect(!seen.contains("deliveries.v1") && seen.contains("cases.v1"))
    }

    private func refusal(reading topic: String, as user: String, group: String) async throws -> KafkaError.Code? {
        let consumer = try KafkaConsumer(try await client(user), group: group, topics: [topic])
        var code: KafkaError.Code?
        do throws(KafkaError) {
            _ = try await consumer.nextBatch(upTo: 1, until: .now + .seconds(20))
        } catch { code = error.code }
        await consumer.close()
        return code
    }
}
