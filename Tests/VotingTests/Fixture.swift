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
@testable import ServiceKit
@testable import Voting

/// Voting's routes on a free port over a database of its own, with a clock moved by hand.
struct Fixture: Sendable {
    let pool: PostgresPool
    let clock: ManualTimekeeper
    let links: PrivateLinks
    let use: UseCases
    let port: Int

    static func with(poolSize: Int = 4, _ body: (Fixture) async throws -> Void) async throws {
        try await TemporaryDatabase.with(migrations: try Voting.allMigrations, poolSize: poolSize) { pool in
            let clock = ManualTimekeeper()
            let assembly = try Assembly(
                name: "voting", configuration: try configuration(), loop: .shared, log: Log("test", level: .error), clock: clock)
            let links = try assembly.links
            let give = GiveEvaluation(
                pool: pool, outbox: assembly.outbox, clock: clock, ids: assembly.ids, meter: EvaluationMeter(assembly.metrics))
            let use = UseCases(
                link: EvaluateByLink(give: give, pool: pool, links: links, site: assembly.site, clock: clock),
                post: PostEvaluation(give: give, links: links, staff: assembly.staff),
                list: ListEvaluations(pool: pool, staff: assembly.staff))
            try await HTTPServer.serving(routes(use)) { port in
                try await body(Fixture(pool: pool, clock: clock, links: links, use: use, port: port))
            }
        }
    }

    static func configuration(_ more: [String: String] = [:]) throws -> Configuration {
        let standard = [
            "SHAO_POSTGRES": "host=/nowhere", "SHAO_HTTP_PORT": "0", "SHAO_ADMIN_PORT": "0", "SHAO_EVENT_KEY": "event key",
            "SHAO_LINK_KEY": "link key", "SHAO_PUBLIC_URL": "http://127.0.0.1:8080", "SHAO_STAFF": staff,
        ]
        return try Configuration(
            environment: standard.merging(more) { _, new in new }, keys: CommonSettings.all + Voting.settings)
    }

    /// Tokens are the names.
    private static var staff: String {
        let members = [
            ("street", "street", "310106019000"), ("caller", "caller", "310106019000"), ("elsewhere", "street", "310106020000"),
            ("community", "community", "310106019001"), ("neighbour", "community", "310106019002"),
            ("greening", "department", "greening"), ("water", "department", "water"), ("grid", "grid_worker", "310106019001"),
        ]
        let entries = members.map { name, role, org in
            #"{"name":"\#(name)","role":"\#(role)","org":"\#(org)","tokenSHA256":"\#(Hex.encode(SHA256.hash(name)))"}"#
        }
        return "[\(entries.joined(separator: ","))]"
    }

    // MARK: What is heard

    /// As the consumer does: decoded from JSON, in one transaction.
    func hear(_ events: (any Event, version: Int32)...) async throws {
        try await pool.transaction { transaction in
            for (event, version) in events {
                let committed = CommittedEvent(
                    topic: type(of: event).topic.name, part: 0, subject: event.subject, version: version, id: UUID(),
                    type: "\(type(of: event).type).v1", time: clock.now(), payload: event.json)
                for subscription in Subscriptions(projections).byType[committed.type] ?? [] {
                    try await subscription.apply([committed], &transaction)
                }
            }
        }
    }

    /// A fresh ticket whose case was just closed.
    func closedTicket(_ change: (inout CaseSnapshot) -> Void = { _ in }) async throws -> TicketID {
        let snapshot = try Sample.snapshot(at: clock.now(), change)
        try await hear((CaseClosed(snapshot: snapshot, ending: .solved), 9))
        return snapshot.ticket
    }

    // MARK: What is there

    func matter(_ ticket: TicketID) async throws -> Evaluable? {
        try await pool.query(EvaluationQueries.matter(ticket), as: Evaluable.self).first
    }

    /// What was said, in order, with its versions.
    func said() async throws -> [(version: Int32, event: EvaluationGiven)] {
        try await pool.query("SELECT version, payload FROM outbox WHERE topic = 'evaluations.v1' ORDER BY id") { row in
            (try row["version"] as Int32, try EvaluationGiven.decode(try row["payload"]))
        }
    }

    /// What was said, byte for byte.
    func payloads() async throws -> [String] {
        try await pool.query("SELECT payload FROM outbox") { row in String(decoding: try row["payload"] as [UInt8], as: UTF8.self) }
    }

    /// What is kept of what people wrote.
    func words() async throws -> [String] { try await pool.query("SELECT words FROM evaluation", as: String.self) }

    // MARK: What is asked

    func exchange(_ head: String, _ fields: [String] = [], body: String = "") async throws -> RawResponse {
        try await RawHTTP.exchange(port: port, head, fields, body: body)
    }

    func get(_ path: String, as staff: String? = nil) async throws -> RawResponse {
        try await exchange("GET \(path)", staff.map { ["Authorization: Bearer \($0)"] } ?? [])
    }

    func post(_ json: String, key: String? = nil, as staff: String? = nil) async throws -> RawResponse {
        var fields = ["Content-Type: application/json"]
        if let key { fields.append("Idempotency-Key: \(key)") }
        if let staff { fields.append("Authorization: Bearer \(staff)") }
        return try await exchange("POST /v1/evaluations", fields, body: json)
    }

    func submit(_ form: String, to path: String) async throws -> RawResponse {
        try await exchange("POST \(path)", ["Content-Type: application/x-www-form-urlencoded"], body: form)
    }

    func page(_ ticket: TicketID) -> String { links.path(.evaluation, ticket) }

    /// A resident's answer as an app sends it.
    func answer(_ ticket: TicketID, solved: String = "yes", more: String = "") -> String {
        #"{"token":"\#(links.token(.evaluation, ticket))","contacted":"yes","solved":"\#(solved)","satisfied":"fair"\#(more)}"#
    }
}

enum Sample {
    /// A case just closed, led by greening, with a week to evaluate it.
    static func snapshot(at now: Timestamp, _ change: (inout CaseSnapshot) -> Void = { _ in }) throws -> CaseSnapshot {
        var snapshot = CaseSnapshot(
            ticket: TicketID(UUID()), number: try #require(TicketNumber("GD-20261121-000123-7")), version: 9, state: .closed,
            owner: .none, by: .resident, area: try #require(AreaCode("310106019001")), category: try #require(CategoryCode("E06010")),
            categoryName: "暴露垃圾", urgency: .normal, channel: .plate, lead: DepartmentCode("greening"),
            ending: .solved, submittedAt: now, openedAt: now, closedAt: now, clocks: [])
        change(&snapshot)
        return snapshot
    }

    static func opinion(_ solved: Solved = .yes, reasons: [String] = [], words: PublicText? = nil) -> Opinion {
        Opinion(
            contacted: .yes, solved: solved, satisfied: .very, reasons: reasons.compactMap { ReasonCode($0) }, words: words)
    }
}
