import Analytics
import Contracts
import Crypto
import EventLoop
import Foundation
import HTTP
import Intake
import JSON
import Kafka
import Notification
import PageForms
import Postgres
import Routing
import ServiceKit
import Telemetry
import TestKit
import Testing
import Voting

/// The five services over one broker, and everybody who has to do with a ticket.
struct JourneyStreet: Sendable {
    let services: ServiceHarness
    let kafka: KafkaConfiguration
    let departments: [DepartmentTopics]
    /// Where messages are written instead of being sent.
    let outbox: URL

    static let publicURL = "http://127.0.0.1:8080"
    static let community = "310106019001"
    static let lamp = "F6WQYJKG"
    private static let demo = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../deploy/demo").standardized

    /// - Parameter recipients: where desks are told, as JSON.
    static func run(_ broker: Broker, recipients: String = "{}", _ body: @escaping @Sendable (JourneyStreet) async throws -> Void)
        async throws
    {
        let departments = try departmentTopics()
        let topics = Topics.all(departments: departments)
        let cluster = try await FreshCluster(broker, topics.map { KafkaTopicSpec($0.name, partitions: $0.partitions) })
        let outbox = FileManager.default.temporaryDirectory.appending(path: "shao-journey-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: outbox) }
        let linkKey = ["SHAO_LINK_KEY": "link key of a test"]
        let settings: [String: [String: String]] = [
            "": ["SHAO_STAFF": staff(), "SHAO_PUBLIC_URL": publicURL],
            "intake": linkKey.merging(["SHAO_PHOTOWORKER": ServiceProcess.products.appending(path: "photoworker").path()]) { $1 },
            "routing": linkKey,
            "notification": linkKey.merging(["SHAO_OUTBOX_DIR": outbox.path(), "SHAO_RECIPIENTS": recipients]) { $1 }, "voting": linkKey,
        ]
        let kafka = cluster.configuration
        try await ServiceHarness.run(
            [Intake.self, Routing.self, Notification.self, Voting.self, Analytics.self], kafka: kafka["bootstrap.servers"] ?? "",
            settings: settings, prepare: ["routing": importDemo]
        ) { services in
            let street = JourneyStreet(services: services, kafka: kafka, departments: departments, outbox: outbox)
            await eventually(within: .seconds(60), "intake knows the lamp's plate") {
                try await services.send("GET", "/q/\(lamp)", to: "intake").status == 200
            }
            try await body(street)
        }
        cluster.keep()
    }

    @Sendable private static func importDemo(_ database: PostgresConfiguration) async throws {
        let pool = PostgresPool(database, on: .shared, log: Log("import", level: .error), metrics: nil)
        let running = Task(executorPreference: EventLoop.shared) { await pool.run() }
        defer { running.cancel() }
        try await ImportCommand.run(folder: demo.path(), into: pool)
        await pool.close()
    }

    // MARK: Staff

    static func token(_ name: String) -> String { "token-of-\(name)-only-for-tests" }

    private static func staff() -> String {
        let members = [
            ("community", "community", community), ("neighbour", "community", "310106019002"), ("street", "street", "310106019000"),
            ("district", "district", "310106000000"),
        ]
        let rows = members.map { name, role, organisation in
            #"{"name":"\#(name)","role":"\#(role)","org":"\#(organisation)","tokenSHA256":"\#(Hex.encode(SHA256.hash(token(name))))"}"#
        }
        return "[\(rows.joined(separator: ","))]"
    }

    /// An address for every community, street and department of the demo.
    static var demoRecipients: String {
        get throws { try String(contentsOf: demo.appending(path: "recipients.json"), encoding: .utf8) }
    }

    private static func departmentTopics() throws -> [DepartmentTopics] {
        let file = try JSONReader.decode(JSONValue.self, from: Array(Data(contentsOf: demo.appending(path: "departments.json"))))
        guard case .array(let rows)? = file["departments"] else { return [] }
        return rows.compactMap { DepartmentTopics(code: $0["code"]?.text, topic: $0["topic"]?.text) }
    }

    // MARK: Deeds

    struct Receipt: Sendable {
        let ticket: TicketID
        let token: String
    }

    func report(category: String, text: String, phone: String) async throws -> Receipt {
        let body = #"{"plate":"\#(Self.lamp)","category":"\#(category)","text":"\#(text)","contact":{"phone":"\#(phone)"}}"#
        let answer = try await services.send("POST", "/v1/tickets", to: "intake", Array(body.utf8), type: "application/json")
        let receipt = try JSONReader.decode(JSONValue.self, from: answer.body)
        let ticket = try #require(receipt["id"]?.text.flatMap { TicketID($0) }, "\(receipt)")
        return Receipt(ticket: ticket, token: String(try #require(receipt["status_url"]?.text).dropFirst(3)))
    }

    /// A step of the staff at their desk: sign in, open the case, fill in the form and send it. The answer's status; 404 where the case
    /// is not theirs, 409 where the page does not offer it.
    func act(_ code: String, _ ticket: TicketID, as name: String, _ answers: [String: [String]] = [:]) async throws -> Int {
        let (base, cookie) = try await signIn(name)
        let page = try await services.send("GET", "\(base)/\(ticket)", to: "routing", cookie: cookie)
        guard page.status == 200 else { return page.status }
        let forms = PageForm.all(in: String(decoding: page.body, as: UTF8.self))
        guard var form = forms.last(where: { $0.action == "\(base)/\(ticket)/\(code)" }) else { return 409 }
        try form.fill(answers)
        return try await services.send(
            "POST", form.action, to: "routing", cookie: cookie, Array(form.encoded.utf8), type: "application/x-www-form-urlencoded"
        ).status
    }

    private func signIn(_ name: String) async throws -> (base: String, cookie: String) {
        let page = try await services.send("GET", "/sign-in", to: "routing")
        var form = try #require(PageForm.all(in: String(decoding: page.body, as: UTF8.self)).first { $0["token"] != nil })
        try form.fill(["token": [Self.token(name)]])
        let answer = try await services.send(
            "POST", form.action, to: "routing", Array(form.encoded.utf8), type: "application/x-www-form-urlencoded")
        let (base, cookie) = (try #require(answer.header("location")), try #require(answer.header("set-cookie")))
        return (base, String(cookie.prefix { $0 != ";" }))
    }

    /// A department's own program: only Kafka.
    func answer(_ event: some Event, of department: DepartmentCode, trace: TraceContext? = nil) async throws {
        let producer = try KafkaProducer(kafka, log: Log("department", level: .error))
        let attributes = CloudEvent(
            id: UUID().uuidString.lowercased(), source: "/department/\(department)", type: type(of: event).fullType, subject: event.subject,
            time: Timestamp.now(), partitionKey: event.subject, traceparent: trace?.traceparent)
        let results = try await producer.send([
            KafkaRecord(
                topic: Topics.feedback(department).name, key: Array(event.subject.utf8), value: event.json,
                headers: attributes.headers.map { KafkaHeader($0.name, $0.value) })
        ])
        for result in results { _ = try result.get() }
        await producer.close()
    }

    func evaluate(_ receipt: Receipt, _ answers: [String: [String]]) async throws -> Int {
        let page = try await services.send("GET", "/s/\(receipt.token)", to: "intake")
        let html = String(decoding: page.body, as: UTF8.self)
        let link = try #require(html.firstRange(of: "href=\"/e/"), "the status page leads to the evaluation")
        let path = "/e/" + html[link.upperBound...].prefix { $0 != "\"" }
        let opened = try await services.send("GET", path, to: "voting")
        guard var form = PageForm.all(in: String(decoding: opened.body, as: UTF8.self)).first(where: { $0["solved"] != nil }) else {
            return 409
        }
        try form.fill(answers)
        return try await services.send(
            "POST", form.action, to: "voting", Array(form.encoded.utf8), type: "application/x-www-form-urlencoded"
        ).status
    }

    // MARK: Views

    func json(_ path: String, of name: String, as member: String = "street") async throws -> JSONValue {
        let answer = try await services.send("GET", path, to: name, token: Self.token(member))
        return (try? JSONReader.decode(JSONValue.self, from: answer.body)) ?? .null
    }

    /// Until the resident's own view has that state. A journey that does not get there ends: each later step would wait in vain as well.
    func resident(_ receipt: Receipt, sees state: CaseState, at location: SourceLocation = #_sourceLocation) async throws {
        let isThere = await eventually(within: .seconds(45), "the resident sees \(state)", sourceLocation: location) {
            let answer = try await services.send("GET", "/v1/tickets/\(receipt.ticket)?token=\(receipt.token)", to: "intake")
            let ticket = try JSONReader.decode(JSONValue.self, from: answer.body)
            return ticket["state"]?.text == state.rawValue && ticket["case"]?["version"] != nil
        }
        try #require(isThere, sourceLocation: location)
    }

    /// Until a department has heard its call; the dispatch.
    func call(_ ticket: TicketID, of code: String) async throws -> (department: DepartmentCode, dispatch: DispatchID) {
        let department = try #require(DepartmentCode(code))
        var found: DispatchID?
        await eventually(within: .seconds(45), "\(code) is called") {
            let tape = try await KafkaTape.read(kafka, [Topics.dispatch(department)])
            let call = tape.about(ticket).last { $0.shortType == "dispatch.called.v1" }
            found = try call?.value.map { try DispatchCalled.decode($0).dispatch }
            return found != nil
        }
        return (department, try #require(found))
    }

    /// Until routing shows that moment of a department's call.
    func routing(_ ticket: TicketID, shows moment: String, of department: DepartmentCode) async {
        await eventually(within: .seconds(45), "routing shows \(moment) of \(department)") {
            guard case .array(let calls) = try await json("/v1/cases/\(ticket)", of: "routing")["dispatches"] else { return false }
            return calls.contains { $0["department"]?.text == department.description && $0[moment]?.text != nil }
        }
    }

    /// Everything that lies on the broker now.
    func tape() async throws -> KafkaTape { try await KafkaTape.read(kafka, Topics.all(departments: departments)) }
}
