import Contracts
import FoundationEssentials
import Postgres
import ServiceKit
import TestKit
import Testing

@testable import Voting

/// `POST /v1/evaluations` and `GET /v1/evaluations/{ticket}`.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct EvaluationAPITests {
    @Test func `an evaluation is filed and said in one commit, its words without personal numbers`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            let answer = try await voting.post(
                voting.answer(ticket, more: #","reasons":["slow","attitude_good"],"text":"请打 138 1234 5678 找我""#))
            #expect(answer.status == 201)
            #expect(!answer.text.contains("1234"))
            let (version, event) = try #require(try await voting.said().first)
            #expect(version == 1)
            #expect(event.evaluation.description == answer.member("evaluation"))
            #expect(event.ticket == ticket)
            #expect(event.number.description == "GD-20261121-000123-7")
            #expect(event.party == .resident)
            #expect((event.contacted, event.solved, event.satisfied) == (.yes, .yes, .fair))
            #expect(event.reasons.map(\.description) == ["slow", "attitude_good"])
            #expect(try await !voting.payloads().contains { $0.contains("找我") }, "nobody who hears of it reads the words")
            #expect(event.area.description == "310106019001")
            #expect(event.department?.description == "greening")
            let words = try await voting.pool.query("SELECT words FROM evaluation", as: String.self)
            #expect(words == ["请打 ▇▇▇ 找我"])
        }
    }

    @Test func `of a hundred evaluations at once exactly one counts`() async throws {
        try await Fixture.with(poolSize: 8) { voting in
            let ticket = try await voting.closedTicket()
            let answers = try await withThrowingTaskGroup(of: RawResponse.self) { group in
                for number in 0..<100 {
                    group.addTask { try await voting.post(voting.answer(ticket, more: #","text":"\#(number)""#)) }
                }
                return try await group.reduce(into: [RawResponse]()) { $0.append($1) }
            }
            #expect(answers.filter { $0.status == 201 }.count == 1)
            #expect(answers.filter { $0.status == 409 && $0.member("code") == "already-evaluated" }.count == 99)
            #expect(try await voting.said().count == 1)
            #expect(try await voting.pool.query("SELECT count(*) FROM evaluation", as: Int64.self) == [1])
        }
    }

    @Test func `the same key gives the same answer, at once and long afterwards`() async throws {
        try await Fixture.with(poolSize: 8) { voting in
            let ticket = try await voting.closedTicket()
            let body = voting.answer(ticket)
            let answers = try await withThrowingTaskGroup(of: RawResponse.self) { group in
                for _ in 0..<20 { group.addTask { try await voting.post(body, key: "tap-1") } }
                return try await group.reduce(into: [RawResponse]()) { $0.append($1) }
            }
            #expect(Set(answers.map(\.status)) == [201])
            #expect(Set(answers.map(\.body)).count == 1)
            #expect(answers.filter { $0.header("idempotency-replayed") == "true" }.count == 19)
            voting.clock.advance(.seconds(30 * 86_400))
            #expect(try await voting.post(body, key: "\"tap-1\"").body == answers[0].body)
            let other = try await voting.post(voting.answer(ticket, solved: "no"), key: "tap-1")
            #expect(other.status == 422)
            #expect(other.member("code") == "idempotency-key-reused")
            #expect(try await voting.said().count == 1)
        }
    }

    @Test func `a weak key counts for its sender's address alone, a random one everywhere`() async throws {
        try await Fixture.with { voting in
            func send(_ ticket: TicketID, _ key: String, from address: String) async throws -> RawResponse {
                try await voting.exchange(
                    "POST /v1/evaluations",
                    ["Content-Type: application/json", "Idempotency-Key: \(key)", "X-Forwarded-For: \(address)"],
                    body: voting.answer(ticket))
            }
            let (weak, strong) = (try await voting.closedTicket(), try await voting.closedTicket())
            #expect(try await send(weak, "1", from: "198.51.100.7").status == 201)
            #expect(try await send(weak, "1", from: "198.51.100.7").header("idempotency-replayed") == "true")
            #expect(try await send(weak, "1", from: "198.51.100.8").member("code") == "already-evaluated")
            let random = "8d4f0a60-7c1e-4b5e-9a3f-2f1d9b1c7e55"
            #expect(try await send(strong, random, from: "198.51.100.7").status == 201)
            #expect(try await send(strong, random.uppercased(), from: "203.0.113.9").header("idempotency-replayed") == "true")
        }
    }

    @Test func `the constraint holds where the lock is gone round`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            let one = GivenEvaluation(
                id: EvaluationID(UUID()), closing: Closing(work: ticket, round: 1), party: .resident, opinion: Sample.opinion(),
                givenAt: voting.clock.now(),
                bodyHash: [])
            var two = one
            two.id = EvaluationID(UUID())
            try await voting.pool.execute(EvaluationQueries.file(one, on: ticket, askedBy: nil))
            await #expect(throws: (any Error).self) {
                try await voting.pool.execute(EvaluationQueries.file(two, on: ticket, askedBy: nil))
            }
        }
    }

    @Test func `a window ends by the clock`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            voting.clock.advance(.seconds(7 * 86_400))
            let refused = try await voting.post(voting.answer(ticket))
            #expect(refused.status == 409)
            #expect(refused.member("code") == "evaluation-expired")
            #expect(try await voting.said().isEmpty)
        }
    }

    @Test func `a forged token opens nothing and a genuine one of a case not closed waits`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            let genuine = voting.links.token(.evaluation, ticket)
            let forged = [
                voting.links.token(.status, ticket), String(genuine.dropLast()), genuine.uppercased(), "", ticket.description,
            ]
            for token in forged {
                let refused = try await voting.post(#"{"token":"\#(token)","contacted":"yes","solved":"yes","satisfied":"yes"}"#)
                #expect(refused.status == 404, "\(token)")
            }
            let early = try await voting.post(voting.answer(TicketID(UUID())))
            #expect(early.status == 409)
            #expect(early.member("code") == "not-closed-yet")
            #expect(try await voting.said().isEmpty)
        }
    }

    @Test func `staff who call back have a voice of their own`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            let body = #"{"party":"staff","ticket":"\#(ticket)","contacted":"no","solved":"no","satisfied":"no"}"#
            let table: [(String?, Int)] = [
                (nil, 401), ("nobody", 401), ("community", 403), ("greening", 403), ("grid", 403), ("elsewhere", 404),
                ("caller", 201), ("street", 409),
            ]
            for (token, status) in table { #expect(try await voting.post(body, as: token).status == status, "\(token ?? "–")") }
            #expect(try await voting.post(voting.answer(ticket)).status == 201)
            #expect(try await voting.said().map(\.event.party) == [.staff, .resident])
            #expect(try await voting.said().map(\.version) == [1, 2])
            let askedBy = try await voting.pool.query("SELECT asked_by FROM evaluation ORDER BY given_at, id", as: String?.self)
            #expect(askedBy == ["caller", nil])
        }
    }

    @Test func `bad input gets a clear answer and changes nothing`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            let token = #""token":"\#(voting.links.token(.evaluation, ticket))""#
            let rest = #""contacted":"yes","solved":"yes","satisfied":"yes""#
            let long = String(repeating: "长", count: 1001)
            let table: [(String, Int, String)] = [
                ("", 400, "bad-json"), ("{", 400, "bad-json"), ("[]", 422, "invalid"), ("{}", 422, "invalid"), ("null", 422, "invalid"),
                ("{\(token),\(token),\(rest)}", 400, "bad-json"), ("{\(token),\(rest)} x", 400, "bad-json"),
                ("{\(token),\(rest),\"stars\":5}", 422, "invalid"), ("{\(token),\"contacted\":\"yes\"}", 422, "invalid"),
                ("{\(token),\"contacted\":true,\"solved\":\"yes\",\"satisfied\":\"yes\"}", 422, "invalid"),
                ("{\(token),\"contacted\":\"YES\",\"solved\":\"yes\",\"satisfied\":\"yes\"}", 422, "invalid"),
                ("{\(token),\(rest),\"reasons\":\"slow\"}", 422, "invalid"), ("{\(token),\(rest),\"reasons\":[1]}", 422, "invalid"),
                ("{\(token),\(rest),\"reasons\":[\"nice_hat\"]}", 422, "reason-unknown"),
                ("{\(token),\(rest),\"reasons\":[\"slow\",\"slow\"]}", 422, "reason-twice"),
                ("{\(token),\(rest),\"text\":\"\(long)\"}", 422, "text-too-long"), ("{\(token),\(rest),\"text\":7}", 422, "invalid"),
                ("{\(rest)}", 422, "token-missing"), ("{\(token),\(rest),\"ticket\":\"\(ticket)\"}", 422, "ticket-not-asked"),
                ("{\(rest),\"party\":\"staff\"}", 422, "ticket-missing"), ("{\(rest),\"party\":\"press\"}", 422, "invalid"),
                ("{\(token),\(rest),\"party\":\"staff\",\"ticket\":\"\(ticket)\"}", 422, "token-not-asked"),
                ("{\(rest),\"party\":\"staff\",\"ticket\":\"\(ticket.description.uppercased())\"}", 422, "invalid"),
                (String(repeating: " ", count: 70_000), 413, "body-too-large"),
            ]
            for (body, status, code) in table {
                let answer = try await voting.post(body, as: "street")
                #expect(answer.status == status, "\(body.prefix(200))")
                #expect(answer.member("code") == code || status == 413, "\(body.prefix(200)): \(answer.text)")
            }
            #expect(try await voting.post(voting.answer(ticket), key: "a b").member("code") == "idempotency-key-not-valid")
            let plain = try await voting.exchange("POST /v1/evaluations", ["Content-Type: text/plain"], body: voting.answer(ticket))
            #expect(plain.status == 415)
            #expect(try await voting.said().isEmpty)
        }
    }

    @Test func `staff read what was said of their own matters`() async throws {
        try await Fixture.with { voting in
            let ticket = try await voting.closedTicket()
            #expect(try await voting.post(voting.answer(ticket, more: #","reasons":["slow"]"#)).status == 201)
            let table: [(String?, Int)] = [
                (nil, 401), ("grid", 403), ("elsewhere", 404), ("neighbour", 404), ("water", 404),
                ("street", 200), ("caller", 200), ("community", 200), ("greening", 200),
            ]
            for (token, status) in table {
                let answer = try await voting.get("/v1/evaluations/\(ticket)", as: token)
                #expect(answer.status == status, "\(token ?? "–")")
                if status == 200 { #expect(answer.text.contains(#""reasons":["slow"]"#)) }
            }
            #expect(try await voting.get("/v1/evaluations/\(TicketID(UUID()))", as: "street").status == 404)
            #expect(try await voting.get("/v1/evaluations/x", as: "street").status == 404)
        }
    }
}
