import EventLog
import EventLoop
import Foundation
import HTTP
import Intake
import Postgres
import Routing
import Synchronization
import TestKit
import Testing

/// Real processes, real kills.
@Suite(
    .serialized, .enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)),
    .enabled(if: ServiceProcess.isBuilt("intake", "routing", "devbroker"), "the executables are not built"))
struct KillRoutingTests {
    private static let tickets = 20_000
    private static let connections = 64

    private final class Journal: Sendable {
        let accepted = Atomic<Int>(0)
        let refused = Atomic<Int>(0)
        let next = Atomic<Int>(0)
    }

    @Test func `20 000 tickets with routing killed in the middle: each called unit is called once, in order, and histories are equal`()
        async throws
    {
        try await TemporaryDatabase.withConfiguration(poolSize: 2) { intake in
            try await TemporaryDatabase.withConfiguration(poolSize: 2) { routing in
                let street = try await Street.start(intake: intake, routing: routing)
                do {
                    try await TemporaryDatabase.withPool(intake) { mine in
                        try await TemporaryDatabase.withPool(routing) { theirs in
                            try await play(street, mine, theirs)
                        }
                    }
                } catch {
                    Issue.record("\(error)\nintake: \(street.intake.tail)\nrouting: \(street.routing.tail)")
                }
                await street.stop()
            }
        }
    }

    private func play(_ street: Street, _ intake: PostgresPool, _ routing: PostgresPool) async throws {
        let reports = try Street.straightOut()
        try #require(!reports.isEmpty)
        // All of them: what comes before its plate is known is refused, rightly.
        let (plates, categories) = (Set(reports.map(\.plate)), Set(reports.map(\.category)))
        await eventually(within: .seconds(60), "intake knows every plate and category that is reported") {
            try await intake.query(
                """
                SELECT (SELECT count(*) FROM plate WHERE code = ANY(\(Array(plates))))
                    + (SELECT count(*) FROM category WHERE code = ANY(\(Array(categories))))
                """, as: Int64.self) == [Int64(plates.count + categories.count)]
        }
        let journal = Journal()
        let pushing = Task { try await push(reports, journal) }
        for portion in [0.25, 0.6] {
            await eventually(within: .seconds(180), "so many are accepted") {
                journal.accepted.load(ordering: .relaxed) >= Int(Double(Self.tickets) * portion)
            }
            await street.routing.kill9()
            try street.routing.start()
            try await street.routing.ready(adminPort: Street.admin(2))
        }
        try await pushing.value
        #expect(journal.refused.load(ordering: .relaxed) == 0)
        let called = reports.indices.reduce(0) { $0 + reports[$1].called * Self.share(of: $1, among: reports.count) }
        await eventually(within: .seconds(300), "every case is open and every unit called") {
            try await routing.query("SELECT count(*) FROM outbox WHERE type = 'dispatch.called.v1'", as: Int64.self) == [Int64(called)]
        }
        try await check(intake, routing, called: called)
    }

    private static func share(of place: Int, among count: Int) -> Int {
        tickets / count + (place < tickets % count ? 1 : 0)
    }

    private func push(_ reports: [(plate: String, category: String, called: Int)], _ journal: Journal) async throws {
        let client = try HTTPClient(.loopbackAllowedForTests)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.connections {
                group.addTask {
                    while true {
                        let number = journal.next.wrappingAdd(1, ordering: .relaxed).oldValue
                        guard number < Self.tickets else { return }
                        let report = reports[number % reports.count]
                        var request = HTTPClient.Request.post(
                            "http://127.0.0.1:\(Street.offset + 1)/v1/tickets",
                            Array(#"{"plate":"\#(report.plate)","category":"\#(report.category)","text":"第 \#(number) 件"}"#.utf8))
                        request.headers.append((name: "idempotency-key", value: "fault-\(number)"))
                        await Self.insist(request, client, journal)
                    }
                }
            }
        }
    }

    /// A client that sends again until it has an answer: the key makes it one ticket.
    private static func insist(_ request: HTTPClient.Request, _ client: HTTPClient, _ journal: Journal) async {
        for _ in 0..<50 {
            guard let answer = try? await client.send(request) else { continue }
            if answer.status == 201 {
                journal.accepted.add(1, ordering: .relaxed)
                return
            }
            if answer.status != 503 { break }
        }
        journal.refused.add(1, ordering: .relaxed)
    }

    private func check(_ intake: PostgresPool, _ routing: PostgresPool, called: Int) async throws {
        let tickets = try await intake.query("SELECT count(*) FROM ticket", as: Int64.self)
        #expect(tickets == [Int64(Self.tickets)])
        let opened = try await routing.query(
            "SELECT count(*) FROM outbox WHERE type = 'case.opened.v1' UNION ALL SELECT count(DISTINCT subject) FROM outbox WHERE type = 'case.opened.v1'",
            as: Int64.self)
        #expect(opened == [Int64(Self.tickets), Int64(Self.tickets)])
        let units = try await routing.query(
            "SELECT count(*) FROM (SELECT DISTINCT topic, subject FROM outbox WHERE type = 'dispatch.called.v1') x", as: Int64.self)
        #expect(units == [Int64(called)], "each unit is called once per ticket")
        for (pool, name) in [(intake, "intake"), (routing, "routing")] {
            await eventually(within: .seconds(60), "all of \(name) is numbered") {
                try await pool.query(
                    "SELECT count(*) FROM outbox o LEFT JOIN stream s ON s.outbox_id = o.id WHERE s.pos IS NULL", as: Int64.self) == [0]
            }
            let holes = try await pool.query(
                "SELECT count(*) FROM (SELECT topic, part FROM stream GROUP BY 1, 2 HAVING max(seq) - min(seq) + 1 <> count(*)) x",
                as: Int64.self)
            #expect(holes == [0], "\(name)'s streams are dense")
            let disorder = try await pool.query(
                """
                SELECT count(*) FROM (SELECT o.version, lag(o.version) OVER (PARTITION BY o.topic, o.subject ORDER BY s.seq) AS before
                FROM stream s JOIN outbox o ON o.id = s.outbox_id) x WHERE before IS NOT NULL AND version <= before
                """, as: Int64.self)
            #expect(disorder == [0], "\(name) keeps the order of each ticket")
        }
        try await equal("tickets.v1", of: intake, at: routing)
        try await equal("cases.v1", of: routing, at: intake)
    }

    /// What the hearer has applied is the owner's history, by its hash.
    private func equal(_ topic: String, of owner: PostgresPool, at hearer: PostgresPool) async throws {
        let said: SQL = "SELECT part || ' ' || seq || ' ' || encode(h, 'hex') FROM stream_head WHERE topic = \(topic) ORDER BY part"
        let heard: SQL =
            "SELECT part || ' ' || seq || ' ' || encode(h, 'hex') FROM inbox_cursor WHERE topic = \(topic) AND seq > 0 ORDER BY part"
        await eventually(within: .seconds(120), "\(topic) is applied to its end") {
            try await owner.query(said, as: String.self) == hearer.query(heard, as: String.self)
        }
        let heads = try await owner.query(said, as: String.self)
        #expect(heads.count == 12)
    }
}
