import Contracts
import Crypto
import EventLoop
import Postgres
import Telemetry
import TestKit
import Testing

@testable import EventLog
@testable import Routing

/// `GET /v1/cases?after=`: what changed, by the numbers of the event log.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct ChangesAfterTests {
    @Test func `a reader who asks for what changed misses no case whose transaction commits late`() async throws {
        try await TestDesk.with { desk in
            let (late, early) = (try await desk.put([], 1), try await desk.put([], 2))
            try await desk.sequence()
            var after = try place(try await desk.get("/v1/cases?after=now", as: "street").text)
            try await desk.pool.transaction { transaction in
                // Changed first, committed last.
                desk.clock.advance(.seconds(1))
                let file = try #require(try await transaction.lockCases(.ticket(late)).first).file
                let actor = Actor(.community(try #require(file.serviceCase.place.community)))
                _ = try desk.use.command.execute.perform(Accept(), by: actor, on: file, in: &transaction)
                _ = try await transaction.query("SELECT 1", as: Int.self)
                desk.clock.advance(.seconds(1))
                try await desk.submit(early, "accept", as: "community")
                try await desk.sequence()
                let seen = try await desk.get("/v1/cases?after=\(after)", as: "street").text
                #expect(seen.contains(early.description) && !seen.contains(late.description))
                after = try place(seen)
            }
            try await desk.sequence()
            let next = try await desk.get("/v1/cases?after=\(after)", as: "street").text
            #expect(next.contains(late.description) && !next.contains(early.description))
            let last = try await desk.get("/v1/cases?after=\(try place(next))", as: "street").text
            #expect(last.contains("\"cases\":[]") && !last.contains("\"next\""))
            #expect(try place(last) == place(next))
        }
    }

    @Test func `from the first change on every case of the unit is met, and no other`() async throws {
        try await TestDesk.with { desk in
            var ids: Set<String> = []
            for number in 1...7 { ids.insert(try await desk.put([], number).description) }
            try await desk.sequence()
            for (staff, wanted) in [("street", ids), ("neighbour", [])] {
                var address: String? = "/v1/cases?after=0&limit=3"
                var seen: Set<String> = []
                for _ in 0..<20 {
                    guard let next = address else { break }
                    let page = try await desk.get(next, as: staff)
                    #expect(page.status == 200)
                    seen.formUnion(page.text.split(separator: "\"ticket\":\"").dropFirst().map { String($0.prefix(36)) })
                    address = page.header("link").map { String($0.dropFirst().prefix { $0 != ">" }) }
                }
                #expect(address == nil && seen == wanted)
            }
        }
    }

    @Test func `a place that is none, is of another history, or was taken away is said to be so`() async throws {
        try await TestDesk.with { desk in
            for number in 1...3 { _ = try await desk.put([], number) }
            try await desk.sequence()
            for wrong in ["", "x", "1", "1-", "-1", "1-0", "1-2.1-3", "1-2..3-4", "99999999999-1"] {
                #expect(try await desk.get("/v1/cases?after=\(wrong)", as: "street").status == 400)
            }
            for other in ["state=filed", "community=310106019001", "cursor=0198c0de-0000-7000-8000-000000000001"] {
                let answer = try await desk.get("/v1/cases?after=0&\(other)", as: "street")
                #expect(answer.status == 400 && answer.text.contains("after-alone"))
            }
            let ahead = try await desk.get("/v1/cases?after=3-1000000", as: "street")
            #expect(ahead.status == 410 && ahead.text.contains("after-expired"))
            #expect(try await desk.pool.execute("DELETE FROM stream WHERE topic = 'cases.v1'") == 3)
            try await desk.pool.execute("UPDATE stream_partition SET seq = 1 WHERE topic = 'cases.v1'")
            #expect(try await desk.get("/v1/cases?after=0", as: "street").status == 410)
            #expect(try await desk.get("/v1/cases?after=now", as: "street").status == 200)
        }
    }

    private func place(_ text: String) throws -> String {
        let rest = try #require(text.split(separator: "\"after\":\"", maxSplits: 1).dropFirst().first)
        return String(rest.prefix { $0 != "\"" })
    }
}

extension TestDesk {
    /// Numbers what was committed, as the sequencer does beside every service.
    func sequence() async throws {
        let sequencer = Sequencer(
            store: PostgresSequencerStore(pool: pool), hash: StreamHash(key: .init(Array("key".utf8))), wakeUp: Signal(),
            log: Log("test", level: .error), metrics: MetricsRegistry()
        ) { _ in }
        try await PostgresSequencerStore(pool: pool).session { session in
            var memory: SequencerMemory?
            while try await sequencer.sequenceOnce(&memory, session) > 0 {}
        }
    }
}
