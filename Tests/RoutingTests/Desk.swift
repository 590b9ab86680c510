import Contracts
import Crypto
import EventLoop
import FoundationEssentials
import HTTP
import JSON
import Postgres
import Telemetry
import TestKit
import Testing

@testable import EventLog
@testable import Routing
@testable import ServiceKit

/// Routing's use cases and routes over a database of its own, with the demo street and a clock moved by hand.
struct TestDesk: Sendable {
    let pool: PostgresPool
    let clock: ManualTimekeeper
    let use: UseCases
    let city: City
    let ids: UUIDv7Generator
    let links: PrivateLinks
    let port: Int

    static func with(
        _ start: String = "2026-11-23T09:00:00.000+08:00", poolSize: Int = 4, folder: String = folder,
        _ body: (TestDesk) async throws -> Void
    ) async throws {
        try await TemporaryDatabase.with(migrations: try Routing.allMigrations, poolSize: poolSize) { pool in
            let clock = ManualTimekeeper(start)
            let configuration = try configuration()
            let assembly = try Assembly(
                name: "routing", configuration: configuration, loop: .shared, log: Log("test", level: .error), clock: clock)
            let city = try City(folder: folder, today: clock.now().day, ids: assembly.ids)
            let use = try UseCases(CurrentCity(city), assembly, pool: pool)
            try await HTTPServer.serving(routes(use), problemPage: assembly.problemPage) { port in
                try await body(
                    TestDesk(
                        pool: pool, clock: clock, use: use, city: city, ids: assembly.ids, links: try assembly.links, port: port))
            }
        }
    }

    static var folder: String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "deploy/demo").path
    }

    private static func configuration() throws -> Configuration {
        try Configuration(
            environment: [
                "SHAO_POSTGRES": "host=/nowhere", "SHAO_HTTP_PORT": "0", "SHAO_ADMIN_PORT": "0", "SHAO_EVENT_KEY": "event key",
                "SHAO_LINK_KEY": "link key", "SHAO_PUBLIC_URL": "http://shao.test", "SHAO_STAFF": staff,
            ], keys: CommonSettings.all + Routing.settings)
    }

    /// The id of who works at the street's desk.
    static let streetPerson = "0198a7c2-1f00-7abc-8def-0123456789ab"

    /// Tokens are the names.
    private static var staff: String {
        let members = [
            ("street", "street", "310106019000"), ("elsewhere", "street", "310106020000"),
            ("community", "community", "310106019001"), ("neighbour", "community", "310106019002"),
            ("district", "district", "310106000000"), ("ludeng", "department", "ludeng"), ("paishui", "department", "paishui"),
            ("grid", "grid_worker", "310106019001"), ("admin", "admin", "310106019000"),
        ]
        let entries = members.map { name, role, org in
            // Who has no person is a program of the unit's.
            #"{"name":"\#(name)",\#(name == "street" ? #""person":"\#(streetPerson)","# : "")"role":"\#(role)","org":"\#(org)","tokenSHA256":"\#(Hex.encode(SHA256.hash(name)))"}"#
        }
        return "[\(entries.joined(separator: ","))]"
    }

    // MARK: What is heard

    /// As the consumer does: decoded from JSON, whole groups of one type in one transaction.
    func hear(_ events: [any Event]) async throws {
        let heard = subscriptions(open: use.open, hear: use.hear)
        let committed = events.map { event in
            CommittedEvent(
                topic: type(of: event).topic.name, part: 0, subject: event.subject, version: 1, id: UUID(),
                type: "\(type(of: event).type).v1", time: clock.now(), payload: event.json)
        }
        guard let type = committed.first?.type, let subscriptions = heard.byType[type] else { return }
        try await pool.transaction { for subscription in subscriptions { try await subscription.apply(committed, &$0) } }
    }

    func ticket(
        _ number: Int, plate: PlateCode? = nil, category: String? = nil, text: String? = nil, point: Contracts.GeoPoint? = nil,
        hasContact: Bool = true
    ) throws -> TicketSubmitted {
        TicketSubmitted(
            ticket: ids.next(), number: try #require(TicketNumber(day: clock.now().day, sequence: number)), channel: .plate,
            plate: plate, point: point, category: category.flatMap { CategoryCode($0) }, text: PublicText(scrubbing: text),
            photos: [ids.next()],
            hasContact: hasContact, submittedAt: clock.now())
    }

    /// A plate in the first community.
    func plate() throws -> PlateCode {
        try #require(
            city.directory.plates.values.filter { $0.community.description == "310106019001" }.map(\.code).min())
    }

    /// A department's word, as its record would say it.
    func feedback(_ event: any Event, from department: String, key: String? = nil) async throws {
        try await feedback(type: "\(type(of: event).type).v1", event.json, key: key ?? event.subject, from: department)
    }

    func feedback(type: String, _ payload: [UInt8], key: String?, subject: String? = nil, from department: String) async throws {
        let record = ApplyFeedback.Record(
            topic: "feedback.\(department).v1", type: type, subject: subject, key: key.map { Array($0.utf8) }, payload: payload,
            trace: nil)
        try await pool.transaction { try await use.feedback.take(record, &$0) }
    }

    // MARK: What is there

    func file(_ id: CaseID) async throws -> CaseFile {
        try #require(try await pool.readCases(.ticket(id)).first).file
    }

    /// What was said about one ticket: `cases.v1 case.opened 1`, in order.
    func said(_ id: CaseID) async throws -> [String] {
        try await pool.query("SELECT topic, type, version FROM outbox WHERE subject = \(id.description) ORDER BY id") { row in
            "\(try row["topic"] as String) \(try row["type"] as String) \(try row["version"] as Int32)"
        }
    }

    func payloads<E: Event>(_ type: E.Type, of id: CaseID) async throws -> [E] {
        try await pool.query(
            "SELECT payload FROM outbox WHERE subject = \(id.description) AND type = \("\(E.type).v1") ORDER BY id"
        ) { row in try E.decode(try row["payload"] as [UInt8]) }
    }

    // MARK: What is asked

    func exchange(_ head: String, _ fields: [String] = [], body: String = "") async throws -> RawResponse {
        try await RawHTTP.exchange(port: port, head, fields, body: body)
    }

    func get(_ path: String, as staff: String? = nil) async throws -> RawResponse {
        try await exchange("GET \(path)", staff.map { ["Authorization: Bearer \($0)"] } ?? [])
    }

    func post(_ id: CaseID, _ action: String, _ json: String = "", as staff: String?, _ more: [String] = []) async throws -> RawResponse {
        var fields = more
        if !more.contains(where: { $0.lowercased().hasPrefix("if-match") }) { fields.append("If-Match: *") }
        if !json.isEmpty { fields.append("Content-Type: application/json") }
        if let staff { fields.append("Authorization: Bearer \(staff)") }
        return try await exchange("POST /v1/cases/\(id)/\(action)", fields, body: json)
    }
}
