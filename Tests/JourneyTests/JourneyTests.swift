import Contracts
import EventLog
import JSON
import Kafka
import Postgres
import Telemetry
import TestKit
import Testing

/// A ticket's whole way through five services that share nothing but a broker.
@Suite(.serialized, .enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct JourneyTests {
    /// Stand in no event and no log.
    private static let contactPhone = "13912345678", spokenPhone = "13787654321"

    @Test(arguments: Broker.available)
    func `a report is filed, whistled, dispatched to two departments, done, verified, closed and evaluated`(broker: Broker) async throws {
        try await JourneyStreet.run(broker) { street in
            let receipt = try await street.report(
                category: "E99999", text: "灯杆上的线垂下来了，有事打\(Self.spokenPhone)", phone: Self.contactPhone)
            try await Self.community(street, receipt)
            try await Self.departments(street, receipt)
            try await Self.ending(street, receipt)
            try await Self.records(street, receipt)
            try await Self.histories(street)
            try await street.projectionsAreRebuilt()
            Self.secrets(street, try await street.tape())
        }
    }

    @Test(arguments: Broker.available)
    func `one trace leads from the request to the department's record`(broker: Broker) async throws {
        try await JourneyStreet.run(broker) { street in
            let trace = TraceContext.root()
            let receipt = try await TraceContext.$current.withValue(trace) {
                try await street.report(category: "P01024", text: "灯不亮", phone: Self.contactPhone)
            }
            try await street.resident(receipt, sees: .dispatched)
            _ = try await street.call(receipt.ticket, of: "ludeng")
            _ = try await street.call(receipt.ticket, of: "gongdian")
            let records = try await street.tape().about(receipt.ticket)
            #expect(Set(records.map(\.shortType)) == ["ticket.submitted.v1", "case.opened.v1", "case.dispatched.v1", "dispatch.called.v1"])
            for record in records {
                let found = record.text("traceparent").flatMap { TraceContext(traceparent: $0) }
                #expect(found?.traceIDText == trace.traceIDText, "\(record.topic) \(record.shortType)")
            }
        }
    }

    @Test(
        .enabled(if: OutsideReader.isHere, "needs Node and ../shared/checks/cloudevents.mjs beside the checkout"),
        arguments: Broker.available)
    func `a client that is not ours reads every topic's records as CloudEvents`(broker: Broker) async throws {
        try await JourneyStreet.run(broker) { street in
            let receipt = try await street.report(category: "P01024", text: "灯不亮", phone: Self.contactPhone)
            try await street.resident(receipt, sees: .dispatched)
            _ = try await street.call(receipt.ticket, of: "ludeng")
            for (topic, count) in [("tickets.v1", 1), ("cases.v1", 2), ("directory.v1", 50), ("dispatch.ludeng.v1", 1)] {
                let (text, allAreEvents) = try await OutsideReader.read(topic, count, from: street.kafka["bootstrap.servers"] ?? "")
                #expect(allAreEvents, "\(topic): \(text.prefix(600))")
            }
        }
    }

    // MARK: Hops

    private static func community(_ street: JourneyStreet, _ receipt: JourneyStreet.Receipt) async throws {
        let ticket = receipt.ticket
        try await street.resident(receipt, sees: .reported)
        #expect(try await street.act("accept", ticket, as: "neighbour") == 404, "another community's case does not exist for it")
        #expect(try await street.act("accept", ticket, as: "community") == 303)
        try await street.resident(receipt, sees: .filed)
        #expect(try await street.act("accept", ticket, as: "community") == 409, "once is enough")
        #expect(try await street.act("whistle", ticket, as: "community", ["kind": ["tough"], "reason": ["两家单位的事"]]) == 303)
        try await street.resident(receipt, sees: .whistled)
        let units = ["lead": ["ludeng"], "coHandlers": ["gongdian"], "basis": ["城市照明管理规定"]]
        #expect(try await street.act("dispatch", ticket, as: "community", units) == 409, "only the street dispatches")
        #expect(try await street.act("dispatch", ticket, as: "street", units) == 303)
        try await street.resident(receipt, sees: .dispatched)
    }

    private static func departments(_ street: JourneyStreet, _ receipt: JourneyStreet.Receipt) async throws {
        let lead = try await street.call(receipt.ticket, of: "ludeng")
        let other = try await street.call(receipt.ticket, of: "gongdian")
        for call in [lead, other] {
            try await street.answer(FeedbackSigned(dispatch: call.dispatch, ticket: receipt.ticket), of: call.department)
            await street.routing(receipt.ticket, shows: "signedAt", of: call.department)
        }
        try await street.resident(receipt, sees: .handling)
        for call in [lead, other] {
            try await street.answer(
                FeedbackCompleted(dispatch: call.dispatch, ticket: receipt.ticket, text: "已修复"), of: call.department)
            await street.routing(receipt.ticket, shows: "completedAt", of: call.department)
        }
        try await street.resident(receipt, sees: .answered)
        // Who was not called has nothing to say.
        let stranger = try #require(DepartmentCode("huanwei"))
        try await street.answer(FeedbackSigned(dispatch: lead.dispatch, ticket: receipt.ticket), of: stranger)
        await eventually(within: .seconds(30), "a stranger's word is refused with a reason") {
            try await KafkaTape.read(street.kafka, [Topics.feedback(stranger).deadLetter]).messages.count == 1
        }
    }

    private static func ending(_ street: JourneyStreet, _ receipt: JourneyStreet.Receipt) async throws {
        let ticket = receipt.ticket
        #expect(try await street.act("verify", ticket, as: "community", ["accepted": ["yes"], "text": ["看过了"]]) == 303)
        try await street.resident(receipt, sees: .closed)
        await eventually(within: .seconds(30), "voting takes the evaluation") {
            try await street.evaluate(receipt, ["contacted": ["yes"], "solved": ["yes"], "satisfied": ["very"]]) == 200
        }
        try await street.resident(receipt, sees: .evaluated)
        let given = try await street.json("/v1/evaluations/\(ticket)", of: "voting")
        #expect(given["evaluations"]?[0]?["solved"]?.text == "yes")
        #expect(given["evaluations"]?[1] == nil)
        await eventually(within: .seconds(30), "analytics counts it") {
            let total = try await street.json("/v1/rates/overview", of: "analytics")["total"]
            return total?["tickets"]?.integer == 1 && total?["resolution"]?["count"]?.integer == 1
        }
        await eventually(within: .seconds(30), "the resident was told") {
            guard case .array(let all) = try await street.json("/v1/deliveries?ticket=\(ticket)", of: "notification")["deliveries"] else {
                return false
            }
            return all.contains { $0["audience"]?.text == "resident" && $0["state"]?.text == "sent" }
        }
    }

    // MARK: What lies on the broker

    private static func records(_ street: JourneyStreet, _ receipt: JourneyStreet.Receipt) async throws {
        let tape = try await street.tape()
        let story = tape.about(receipt.ticket, on: "cases.").map(\.shortType).filter { !$0.hasPrefix("case.warned") }
        #expect(
            story == [
                "case.opened.v1", "case.filed.v1", "case.whistled.v1", "case.dispatched.v1", "case.signed.v1", "case.signed.v1",
                "case.completed.v1", "case.completed.v1", "case.verified.v1", "case.closed.v1", "case.evaluated.v1",
            ])
        for name in ["dispatch.ludeng.v1", "dispatch.gongdian.v1"] {
            let calls = tape.about(receipt.ticket, on: name)
            #expect(calls.map(\.shortType) == ["dispatch.called.v1", "dispatch.closed.v1"], "\(name)")
            for call in calls {
                let event = try #require(call.cloudEvent?.event, "a record of \(name) is a CloudEvent")
                #expect(event.source == "/street/310106019000/routing")
                #expect(event.subject == receipt.ticket.description && event.partitionKey == event.subject)
                #expect(call.text("content-type") == "application/json" && call.text("ce_specversion") == "1.0")
            }
        }
        #expect(tape.messages.allSatisfy { $0.cloudEvent != nil }, "every record is a CloudEvent")
    }

    /// What each hearer has applied is the owner's history, hash by hash.
    private static func histories(_ street: JourneyStreet) async throws {
        let said: SQL = "SELECT topic || ' ' || part || ' ' || seq || ' ' || encode(h, 'hex') FROM stream_head ORDER BY 1"
        let heard: SQL = "SELECT topic || ' ' || part || ' ' || seq || ' ' || encode(h, 'hex') FROM inbox_cursor WHERE seq > 0 ORDER BY 1"
        await eventually(within: .seconds(30), "every hearer's history is its owner's") {
            var heads: Set<String> = []
            for service in street.services.all { heads.formUnion(try await service.pool.query(said, as: String.self)) }
            for service in street.services.all {
                let cursors = try await service.pool.query(heard, as: String.self)
                if service.name == "analytics" && cursors.isEmpty { return false }
                guard heads.isSuperset(of: cursors) else { return false }
            }
            return !heads.isEmpty
        }
        for service in street.services.all {
            let deep = try await HistoryStore(pool: service.pool).deep()
            #expect(deep.isSound, "\(service.name): \(deep)")
        }
    }

    private static func secrets(_ street: JourneyStreet, _ tape: KafkaTape) {
        for phone in [contactPhone, spokenPhone] {
            #expect(!tape.holds(phone), "a telephone number travelled on Kafka")
            for service in street.services.all {
                #expect(!service.log.text.contains(phone), "\(service.name) logged a telephone number")
            }
        }
    }
}
