import Contracts
import Testing

struct TopicTests {
    private let departments = ["water", "greening"].compactMap { DepartmentTopics(code: $0, topic: nil) }
    private let sharing = ["well-1", "well-2"].compactMap { DepartmentTopics(code: $0, topic: "shared") }

    @Test func `the topics of a street are known by name`() {
        let names = Topics.all(departments: departments).map(\.name)
        #expect(
            names == [
                "tickets.v1", "cases.v1", "directory.v1", "deliveries.v1", "evaluations.v1", "ballots.v1", "alerts.v1",
                "dispatch.water.v1", "feedback.water.v1", "feedback.water.v1-dlt", "dispatch.greening.v1", "feedback.greening.v1",
                "feedback.greening.v1-dlt",
            ])
        for topic in Topics.all(departments: departments) {
            #expect(Topics.named(topic.name) == topic)
            #expect(!topic.isPattern)
            #expect(topic.name.wholeMatch(of: /[a-zA-Z0-9._-]{1,249}/) != nil, "legal for Kafka")
        }
    }

    @Test func `however many departments share their topics, these are three`() throws {
        let names = Topics.all(departments: departments + sharing).map(\.name)
        #expect(names.filter { $0.contains("shared") } == ["dispatch.shared.v1", "feedback.shared.v1", "feedback.shared.v1-dlt"])
        #expect(!names.contains { $0.contains("well") } && names.contains("dispatch.water.v1"))
        for topic in Topics.all(departments: sharing) { #expect(Topics.named(topic.name) == topic && !topic.isPattern) }
        #expect(Topics.sharedDispatch.partitions == 12 && Topics.sharedFeedback.partitions == 12)
        #expect(DepartmentCode("shared") == nil)
        let ticket = try #require(TicketID("019a9b3c-7d20-7001-8a00-00000000a001"))
        #expect(departments[0].key(ticket) == ticket.description && sharing[0].key(ticket) == "well-1")
    }

    @Test func `who shares topics may use them, and has none of its own`() {
        let rights = Topics.rights(departments: departments + sharing)
        for code in ["well-1", "well-2"] {
            #expect(
                Set(rights.filter { $0.user == "dept-\(code)" }) == [
                    BrokerRight(user: "dept-\(code)", .read, .groups(prefix: "dept-\(code).")),
                    BrokerRight(user: "dept-\(code)", .read, .topic("dispatch.shared.v1")),
                    BrokerRight(user: "dept-\(code)", .write, .topic("feedback.shared.v1")),
                    BrokerRight(user: "dept-\(code)", .read, .topic("feedback.shared.v1-dlt")),
                ])
        }
        #expect(!rights.contains { $0.user == "dept-water" && $0.resource == .topic("dispatch.shared.v1") })
        let others = Set(rights.filter { $0.resource == .topic("feedback.shared.v1") }.map { "\($0.user) \($0.operation)" })
        #expect(others == ["dept-well-1 write", "dept-well-2 write", "routing read"])
        #expect(Set(rights).count == rights.count, "each right once")
    }

    @Test(arguments: [
        "", "tickets", "dispatch.shared.v2", "feedback.shared.v1-dlt-dlt", "tickets.v2", "dispatch..v1", "dispatch.water.v2",
        "dispatch.Water.v1", "feedback.water.v1-dlt-dlt",
        "dispatch.{department}.v1",
    ])
    func `other names are no topic`(name: String) { #expect(Topics.named(name) == nil) }

    @Test func `one service owns a topic, and the partitions are those promised`() {
        #expect(Topics.tickets.owner == .intake && Topics.tickets.partitions == 12)
        #expect(Topics.cases.owner == .routing && Topics.cases.kind == .internal)
        #expect(departments[0].dispatch.partitions == 3)
        #expect(departments[0].feedback.owner == .department)
        #expect(departments[0].feedback.deadLetter.kind == .deadLetter(of: "feedback.water.v1"))
    }

    @Test func `events to and from departments have a pattern for a topic`() {
        #expect(DispatchCalled.topic.isPattern && FeedbackSigned.topic.isPattern)
        #expect(DispatchCalled.topic.name == "dispatch.{department}.v1")
        #expect(
            EventRegistry.all.filter(\.topic.isPattern).map(\.type).allSatisfy { $0.hasPrefix("dispatch.") || $0.hasPrefix("feedback.") })
    }

    /// Figures of the Java client's own tests for `Utils.murmur2`, taken positive and modulo a large number of partitions.
    @Test(
        arguments: [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829), ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] as [(String, Int32)])
    func `keys go to the partition that Kafka's own clients choose`(key: String, hash: Int32) {
        let positive = Int32(bitPattern: UInt32(bitPattern: hash) & 0x7FFF_FFFF)
        #expect(Topics.tickets.partition(forKey: key) == positive % 12)
        #expect(DispatchCalled.topic.partition(forKey: key) == positive % 3)
    }

    @Test func `keys spread over all partitions`() {
        var counts = [Int](repeating: 0, count: 12)
        for number in 0..<12_000 {
            counts[Int(Topics.tickets.partition(forKey: "0198a7c2-1f00-7abc-8def-\(100_000_000_000 + number)"))] += 1
        }
        #expect(counts.allSatisfy { (800...1_200).contains($0) })
    }
}
