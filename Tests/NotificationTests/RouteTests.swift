import Channels
import Contracts
import Crypto
import HTTP
import JSON
import Postgres
import ServiceKit
import TestKit
import Testing

@testable import Notification

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "SHAO_TEST_POSTGRES names no scratch server"), .serialized)
struct `Staff look at deliveries` {
    private static let people = [
        ("community", "310106019001", "c1"), ("community", "310106019002", "c2"), ("street", "310106019000", "s"),
        ("district", "310106000000", "d"), ("department", "light", "l"),
    ]

    private func with(_ body: (World, (String, String, String) async throws -> (Int, JSONValue)) async throws -> Void) async throws {
        let staff = Self.people.map { role, organisation, token in
            #"{"name": "\#(token)", "role": "\#(role)", "org": "\#(organisation)", "tokenSHA256": "\#(Hex.encode(SHA256.hash(token)))"}"#
        }
        let directory = try StaffDirectory(json: Array("[\(staff.joined(separator: ","))]".utf8))
        try await World.with(recipients: #"{"310106019001": [{"channel": "email", "address": "desk@hq.example"}]}"#) { world in
            let show = ShowDeliveries(pool: world.pool, staff: directory, book: world.book)
            let retry = RetryDelivery(pool: world.pool, staff: directory, show: show, clock: world.clock, wake: {}, log: world.log)
            let client = try HTTPClient(.loopbackAllowedForTests)
            try await HTTPServer.serving(routes(UseCases(show: show, retry: retry))) { port in
                try await body(world) { method, path, token in
                    var request = HTTPClient.Request(method, "http://127.0.0.1:\(port)\(path)")
                    request.headers = [("authorization", "Bearer \(token)")]
                    let answer = try await client.send(request)
                    return (answer.status, try JSONReader.decode(JSONValue.self, from: answer.body))
                }
            }
        }
    }

    private func list(_ value: JSONValue) -> [JSONValue] {
        guard case .array(let elements)? = value["deliveries"] else { return [] }
        return elements
    }

    @Test func `the place's staff see to whom, and not where; others see nothing`() async throws {
        try await with { world, ask in
            try await world.hear(Samples.opened())
            try await world.sending { await eventually { try await world.deliveries() == ["sms sent 1", "email sent 1"] } }
            let path = "/v1/deliveries?ticket=\(Samples.ticket)"
            for token in ["c1", "s", "d"] {
                let (status, answer) = try await ask("GET", path, token)
                #expect(status == 200)
                #expect(list(answer).map { $0["audience"]?.text } == ["resident", "310106019001"])
                #expect(list(answer).map { $0["to"]?.text } == [nil, "d***@hq.example"])
                #expect(list(answer).allSatisfy { $0["state"]?.text == "sent" && $0["trouble"] == nil })
            }
            let (_, foreign) = try await ask("GET", path, "c2")
            #expect(list(foreign).isEmpty)
            #expect(try await ask("GET", path, "l").0 == 403)
            #expect(try await ask("GET", path, "nobody").0 == 401)
            #expect(try await ask("GET", "/v1/deliveries?ticket=1", "s").0 == 400)
            let id = try #require(list(try await ask("GET", path, "s").1).first?["id"]?.text)
            let (status, one) = try await ask("GET", "/v1/deliveries/\(id)", "c1")
            #expect(status == 200)
            guard case .array(let log)? = one["log"] else { return #expect(Bool(false), "no log") }
            #expect(log.map { $0["outcome"]?.text } == ["sent"])
            #expect(try await ask("GET", "/v1/deliveries/\(id)", "c2").0 == 404)
        }
    }

    @Test func `the street sends again what failed, and only that`() async throws {
        try await with { world, ask in
            world.email.answer(.refused(reason: .rejected))
            try await world.hear(CaseRefused(snapshot: Samples.plain.taken(by: Samples.staff), reason: "x"))
            try await world.sending { await eventually { try await world.deliveries() == ["email failed 1 rejected"] } }
            let id = try #require(list(try await ask("GET", "/v1/deliveries?ticket=\(Samples.ticket)", "s").1).first?["id"]?.text)
            #expect(try await ask("POST", "/v1/deliveries/\(id)/retry", "c1").0 == 403)
            let (status, view) = try await ask("POST", "/v1/deliveries/\(id)/retry", "s")
            #expect(status == 202 && view["state"]?.text == "queued")
            #expect(try await ask("POST", "/v1/deliveries/\(id)/retry", "s").0 == 409)
            try await world.sending { await eventually { try await world.deliveries() == ["email sent 2"] } }
            #expect(try await ask("POST", "/v1/deliveries/\(id)/retry", "d").0 == 409)
            #expect(try await world.settled().map(\.outcome) == [.failed, .sent])
        }
    }

    @Test func `sending again is for the declared roles and states, and for no other`() async throws {
        try await with { world, ask in
            try await world.hear(CaseRefused(snapshot: Samples.plain.taken(by: Samples.staff), reason: "x"))
            let id = try #require(list(try await ask("GET", "/v1/deliveries?ticket=\(Samples.ticket)", "s").1).first?["id"]?.text)
            for state in DeliveryState.allCases {
                for (role, organisation, token) in Self.people {
                    try await world.pool.execute("UPDATE delivery SET state = \(state.rawValue), attempts = 2, attempts_before = 0")
                    let status = try await ask("POST", "/v1/deliveries/\(id)/\(Retry.name)", token).0
                    let mayDo = Retry.by.contains { $0.rawValue == role }
                    let expected = !mayDo ? 403 : Retry.from.contains(state) ? 202 : 409
                    #expect(status == expected, "\(state) by \(role) of \(organisation)")
                    // A new round of attempts, from now on.
                    let after = try await world.pool.query("SELECT concat_ws(' ', state, attempts_before) FROM delivery", as: String.self)
                    #expect(after == [expected == 202 ? "queued 2" : "\(state) 0"], "\(state) by \(role)")
                }
            }
        }
    }
}
