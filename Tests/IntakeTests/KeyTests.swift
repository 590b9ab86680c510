import Contracts
import EventLog
import EventLoop
import Postgres
import ServiceKit
import Telemetry
import TestKit
import Testing

@testable import Intake

func isPlate(_ text: String) -> Bool { PlateCode(text) != nil }

extension IntakeService {
    @Suite struct `Submitting` {
        private let report = #"{"plate":"ANWVVR1E","category":"E06010","text":"满了","contact":{"phone":"13800138000"}}"#

        @Test func `a report is stored with its event, in which there is no phone`() async throws {
            try await World.with { world in
                let filed = try await world.file(#"{"plate":"ANWVVR1E","text":"打 13800138000 找我"}"#)
                #expect(TicketNumber(filed.number) != nil)
                #expect(try await world.rows() == [1, 1, 0, 0])
                let event = try #require(try await world.events().first)
                #expect(event.type == "ticket.submitted.v1" && event.version == 1)
                #expect(event.payload.contains(filed.number) && !event.payload.contains("13800138000"))
            }
        }

        @Test func `50 identical posts at the same time make one ticket and one answer`() async throws {
            try await World.with { world in
                let answers = try await withThrowingTaskGroup(of: RawResponse.self) { group in
                    for _ in 0..<50 {
                        group.addTask { try await world.send(Request.json(self.report).with("Idempotency-Key", "\"same-key\"")) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.allSatisfy { $0.status == 201 })
                #expect(Set(answers.map(\.text)).count == 1)
                #expect(answers.count { $0.header("idempotency-replayed") == "true" } == 49)
                #expect(try await world.rows() == [1, 1, 0, 1])
            }
        }

        @Test func `a key used again with the same body is answered as before, with another body it is refused`() async throws {
            try await World.with { world in
                let first = try await world.file(report, key: "k-1")
                let again = try await world.send(Request.json(report).with("Idempotency-Key", "k-1"))
                #expect(again.status == 201 && again.header("idempotency-replayed") == "true")
                #expect(try Filed(again).id == first.id)
                let other = try await world.send(Request.json(report.replacing("满了", with: "空了")).with("Idempotency-Key", "k-1"))
                #expect(other.status == 422 && other.member("code") == "idempotency-key-reused")
                let form = Form(["plate": World.plate, "category": World.category, "text": "满了"])
                let throughForm = try await world.send(Request.form(form).with("Idempotency-Key", "k-1"))
                #expect(throughForm.member("code") == "idempotency-key-reused")
                #expect(try await world.rows() == [1, 1, 0, 1])
            }
        }

        @Test func `a key that others may choose too counts for its sender's address alone, a random one everywhere`() async throws {
            try await World.with { world in
                func send(_ key: String, from address: String) async throws -> RawResponse {
                    try await world.send(Request.json(report).with("Idempotency-Key", key).with("X-Forwarded-For", address))
                }
                for weak in ["1", "2026-11-30", "00000000-0000-0000-0000-000000000000", "5b2e9c4e-5f0b-1b0e-9d54-000000000001"] {
                    let mine = try await send(weak, from: "198.51.100.7")
                    let theirs = try await send(weak, from: "198.51.100.8")
                    #expect(mine.status == 201 && theirs.status == 201 && theirs.header("idempotency-replayed") == nil, "\(weak)")
                    #expect(mine.member("status_url") != theirs.member("status_url"), "\(weak)")
                    #expect(try await send(weak, from: "198.51.100.7").member("status_url") == mine.member("status_url"))
                }
                let random = "8d4f0a60-7c1e-4b5e-9a3f-2f1d9b1c7e55"
                let before = try await send(random, from: "198.51.100.7")
                let after = try await send(random.uppercased(), from: "203.0.113.9")
                #expect(after.header("idempotency-replayed") == "true")
                #expect(after.member("status_url") == before.member("status_url"))
                #expect(try await world.pool.query("SELECT idempotency FROM ticket", as: String.self).allSatisfy { !$0.contains("198.51") })
            }
        }

        @Test func `keys that race with different bodies: one wins, the others are refused`() async throws {
            try await World.with { world in
                let answers = try await withThrowingTaskGroup(of: RawResponse.self) { group in
                    for place in 0..<20 {
                        let body = #"{"plate":"ANWVVR1E","text":"body \#(place)"}"#
                        group.addTask { try await world.send(Request.json(body).with("Idempotency-Key", "race")) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.count { $0.status == 201 } == 1)
                #expect(answers.count { $0.member("code") == "idempotency-key-reused" } == 19)
                #expect(try await world.rows() == [1, 1, 0, 0])
            }
        }

        @Test func `without a key every report is one of its own, with a number of its own`() async throws {
            try await World.with { world in
                let numbers = try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<40 { group.addTask { try await world.file().number } }
                    return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                }
                #expect(numbers.count == 40)
                #expect(try await world.rows() == [40, 40, 0, 0])
            }
        }

        @Test func `a category that no plate offers counts once the catalogue has published it`() async throws {
            try await World.with { world in
                let general = CategoryRegistered(category: try #require(CategoryCode("E01001")), name: "其他")
                try await world.pool.execute(PlateQueries.learn(categories: [(1, general)]))
                _ = try await world.file(#"{"plate":"ANWVVR1E","category":"E01001"}"#)
            }
        }
    }

    @Suite struct `Group commit` {
        private func submission(_ world: World, id: TicketID? = nil, words: String? = nil, key: String? = nil) throws -> Submission {
            let now = world.clock.now()
            let ticket = Ticket(
                id: id ?? world.use.submit.ids.next(), number: try #require(TicketNumber(day: now.day, sequence: 1)), channel: .web,
                words: words, submittedAt: now)
            let event = TicketWithdrawn(ticket: ticket.id)
            return Submission(
                ticket: ticket, photos: [], event: world.outbox.prepare(event, version: 1), key: key, bodyHash: key.map { Array($0.utf8) })
        }

        @Test func `a row that cannot be stored does not fail its neighbours`() async throws {
            try await World.with(commits: false) { world in
                let taken = try submission(world)
                async let first = world.commit.file(taken)
                let committing = Task(executorPreference: EventLoop.shared) { try await world.commit.run() }
                #expect(await first == .filed)
                let group = try (0..<20).map { place in
                    // One repeats a ticket's id, one holds what Postgres cannot store.
                    try submission(world, id: place == 7 ? taken.ticket.id : nil, words: place == 13 ? "a\0b" : nil)
                }
                let outcomes = await withTaskGroup(of: (Int, Filing?).self) { tasks in
                    for (place, one) in group.enumerated() { tasks.addTask { (place, await world.commit.file(one)) } }
                    return await tasks.reduce(into: [Int: Filing?]()) { $0[$1.0] = $1.1 }
                }
                for place in group.indices {
                    #expect(outcomes[place] == ([7, 13].contains(place) ? .failed(retriable: false) : .filed), "\(place)")
                }
                #expect(try await world.rows() == [19, 19, 0, 0])
                committing.cancel()
                _ = try? await committing.value
            }
        }

        /// 57014 is a statement time-out, 53100 a full disk, 42501 a missing right: each half would fail as the whole did.
        @Test(arguments: [("57014", true), ("53100", true), ("42501", false)])
        func `what is no row's fault fails the group once, and not a thousand times`(state: String, retriable: Bool) async throws {
            try await World.with(commits: false) { world in
                try await world.pool.execute("CREATE SEQUENCE tries")
                try await world.pool.execute(
                    """
                    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        PERFORM nextval('tries');
                        RAISE EXCEPTION 'not now' USING ERRCODE = (SELECT r.state FROM refusal r);
                    END $$
                    """)
                try await world.pool.execute("CREATE TABLE refusal (state text)")
                try await world.pool.execute("INSERT INTO refusal VALUES (\(state))")
                try await world.pool.execute("CREATE TRIGGER refuse BEFORE INSERT ON ticket FOR EACH STATEMENT EXECUTE FUNCTION refuse()")
                let group = try (0..<512).map { _ in try submission(world) }
                let outcomes = await withTaskGroup(of: Filing?.self) { tasks in
                    for one in group { tasks.addTask { await world.commit.file(one) } }
                    await eventually("all wait") { world.commit.waitingCount == group.count }
                    let committing = Task(executorPreference: EventLoop.shared) { try await world.commit.run() }
                    let outcomes = await tasks.reduce(into: [Filing?]()) { $0.append($1) }
                    committing.cancel()
                    _ = try? await committing.value
                    return outcomes
                }
                #expect(outcomes.allSatisfy { $0 == .failed(retriable: retriable) })
                #expect(try await world.pool.query("SELECT last_value FROM tries", as: Int64.self) == [1])
            }
        }

        @Test func `a full queue says so at once, with a time to come back`() async throws {
            try await World.with(commits: false) { world in
                let waiting = (0..<GroupCommit.queueLimit).compactMap { _ in try? submission(world) }
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for one in waiting { tasks.addTask { _ = await world.commit.file(one) } }
                    await eventually("the queue is full") { world.commit.waitingCount == GroupCommit.queueLimit }
                    let answer = try await world.send(Request.json(#"{"plate":"ANWVVR1E","category":"E06010"}"#))
                    #expect(answer.status == 503 && answer.member("code") == "busy" && answer.header("retry-after") == "1")
                    // Who waits when intake stops is told so, and nothing is stored.
                    let committing = Task(executorPreference: EventLoop.shared) { try await world.commit.run() }
                    try await tasks.waitForAll()
                    committing.cancel()
                    _ = try? await committing.value
                }
                let after = try await world.send(Request.json(#"{"plate":"ANWVVR1E","category":"E06010"}"#))
                #expect(after.status == 503)
                #expect(try await world.rows()[0] == GroupCommit.queueLimit)
            }
        }

        @Test func `a connection lost between groups costs at most an answer, never a double row`() async throws {
            try await World.with { world in
                _ = try await world.file()
                try await world.pool.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
                await eventually("filing again") {
                    try await world.send(Request.json(#"{"plate":"ANWVVR1E","text":"again"}"#).with("Idempotency-Key", "once")).status
                        == 201
                }
                #expect(try await world.rows() == [2, 2, 0, 0])
            }
        }
    }
}
