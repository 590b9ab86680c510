import Contracts
import DepartmentClient
import EventLoop
import FoundationEssentials
import JSON
import Kafka
import Telemetry
import TestKit
import Testing

struct DepartmentClientTests {
    private let log = Log("test", level: .error)

    private func call(_ department: DepartmentCode, ticket: TicketID, id: String) throws -> KafkaRecord {
        let now = Timestamp.now()
        let area = try #require(AreaCode("310106019001"))
        let event = DispatchCalled(
            dispatch: DispatchID(UUID()), ticket: ticket, number: try #require(TicketNumber(day: now.day, sequence: 1)),
            department: department, city: area.city, street: try #require(area.street),
            role: .lead, lead: department, coHandlers: [], category: try #require(CategoryCode("P01003")),
            categoryName: "雨水井盖缺损", urgency: .urgent,
            place: DispatchPlace(name: "彩云路", community: area), photos: [],
            due: DispatchDue(sign: now, handle: now), hasContact: true, basis: "三定")
        let cloud = CloudEvent(
            id: id, source: "/street/310106019000/routing", type: DispatchCalled.fullType, subject: event.subject, time: now)
        return KafkaRecord(
            topic: Topics.dispatch(department).name, key: Array(event.subject.utf8), value: event.json,
            headers: cloud.headers.map { KafkaHeader($0.name, $0.value) })
    }

    @Test(arguments: Broker.available)
    func `a department signs and completes what it is called to, and disputes every third call`(broker: Broker) async throws {
        let department = try #require(DepartmentCode("d\(UUID().uuidString.lowercased().prefix(8))"))
        try await broker.createTopics([
            KafkaTopicSpec(Topics.dispatch(department).name, partitions: 1),
            KafkaTopicSpec(Topics.feedback(department).name, partitions: 1),
        ])
        var options = DepartmentOptions(departments: [DepartmentTopics(department)])
        options.disputeEvery = 3
        options.group = Broker.uniqueName("group")
        let client = DepartmentClient(broker.configuration(), options: options, log: log)
        let running = Task(executorPreference: EventLoop.shared) { try await client.run() }
        let producer = try KafkaProducer(broker.configuration(), log: log)
        let tickets = (1...3).map { _ in TicketID(UUID()) }
        let records = try tickets.enumerated().map { try call(department, ticket: $1, id: "call-\($0)") }
        for result in try await producer.send(records) { _ = try result.get() }

        let consumer = try KafkaConsumer(
            broker.configuration(["auto.offset.reset": "earliest"]), group: Broker.uniqueName("group"),
            topics: [Topics.feedback(department).name], log: log)
        var heard: [String: [String]] = [:]
        var ids: Set<String> = []
        while ids.count < 5, let batch = try await consumer.nextBatch() {
            for message in batch {
                let headers = message.headers.map { (name: $0.name, value: $0.value) }
                let (event, data) = try CloudEvent.parse(headers: headers, value: message.value ?? [])
                #expect(try EventRegistry.kind(of: event.type)?.decode(data, unknown: .refuse) != nil)
                #expect(event.subject.map { Array($0.utf8) } == message.key)
                if ids.insert(event.id).inserted { heard[event.subject ?? "", default: []].append(event.shortType) }
            }
        }
        #expect(heard[tickets[0].description] == ["feedback.signed.v1", "feedback.completed.v1"])
        #expect(heard[tickets[1].description] == ["feedback.signed.v1", "feedback.completed.v1"])
        #expect(heard[tickets[2].description] == ["feedback.disputed.v1"])
        running.cancel()
        try await running.value
        await consumer.close()
        await producer.close()
    }
}
