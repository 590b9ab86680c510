import Contracts
import Crypto
import HTTP
import JSON
import Synchronization
import TestKit
import Testing

@testable import Notification

/// A department's own system: keeps each request and answers as told.
private final class Receiver: Sendable {
    struct Hit: Sendable {
        let id: String, timestamp: String, signature: String, type: String, body: [UInt8]
    }
    private let state = Mutex<(hits: [Hit], answers: [(Int, String)])>(([], []))

    var hits: [Hit] { state.withLock { $0.hits } }
    func answer(_ answers: (Int, String)...) { state.withLock { $0.answers += answers } }

    var routes: Routes {
        var routes = Routes()
        routes.post("/in") { request in
            let hit = Hit(
                id: request.header("webhook-id") ?? "", timestamp: request.header("webhook-timestamp") ?? "",
                signature: request.header("webhook-signature") ?? "", type: request.header("content-type") ?? "", body: request.body)
            let (status, body) = self.state.withLock { state in
                state.hits.append(hit)
                return state.answers.isEmpty ? (200, #"{"success":true}"#) : state.answers.removeFirst()
            }
            return .bytes(Array(body.utf8), type: "application/json", status: HTTPStatus(status))
        }
        return routes
    }
}

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "SHAO_TEST_POSTGRES names no scratch server"), .serialized)
struct `Webhooks to departments` {
    private static let secret = "whsec_" + Base64.standard.encode([UInt8](repeating: 7, count: 32))

    private func with(rule: String = "status", _ body: (World, Receiver) async throws -> Void) async throws {
        let receiver = Receiver()
        try await HTTPServer.serving(receiver.routes) { port in
            let file = """
                {"light": [{"channel": "webhook", "address": "http://127.0.0.1:\(port)/in", "secret": "\(Self.secret)", "successRule": "\(rule)"}]}
                """
            try await World.with(recipients: file) { world in try await body(world, receiver) }
        }
    }

    @Test func `the receiver can verify the signature and finds the event as a CloudEvent`() async throws {
        try await with { world, receiver in
            let event = CaseAdjudicated(snapshot: Samples.called.taken(by: Samples.staff), verdict: .reassign, to: Samples.light)
            let id = try await world.hear(event)
            try await world.sending { await eventually { try await world.deliveries() == ["webhook sent 1"] } }
            let hit = try #require(receiver.hits.first)
            #expect(hit.id == id.description && hit.type == "application/cloudevents+json")
            let seconds = world.clock.now().milliseconds / 1_000
            let secrets = [try WebhookSecret(Self.secret)]
            #expect(
                WebhookSignature.isValid(
                    header: hit.signature, id: hit.id, timestamp: hit.timestamp, body: hit.body, secrets: secrets, now: seconds))
            #expect(
                !WebhookSignature.isValid(
                    header: hit.signature, id: hit.id, timestamp: hit.timestamp, body: hit.body + [32], secrets: secrets, now: seconds))
            let body = try JSONReader.decode(JSONValue.self, from: hit.body)
            #expect(body["id"]?.text == id.description && body["type"]?.text == "org.shao.case.adjudicated.v1")
            #expect(body["source"]?.text == "/street/310106019000/routing" && body["specversion"]?.text == "1.0")
            #expect(body["subject"]?.text == Samples.ticket.description && body["data"]?["verdict"]?.text == "reassign")
            #expect(hit.body.count <= 20_000)
        }
    }

    @Test func `a repeated attempt has the same id and a new signature`() async throws {
        try await with { world, receiver in
            receiver.answer((503, ""))
            try await world.hear(CaseOverdue(snapshot: Samples.called, clock: .sign, dueAt: Samples.noon))
            try await world.sending {
                await eventually { try await world.deliveries() == ["webhook queued 1 later"] }
                world.clock.advance(.seconds(5))
                await eventually { try await world.deliveries() == ["webhook sent 2"] }
            }
            #expect(receiver.hits.count == 2 && Set(receiver.hits.map(\.id)).count == 1 && Set(receiver.hits.map(\.timestamp)).count == 2)
            #expect(Set(receiver.hits.map(\.signature)).count == 2)
        }
    }

    @Test func `success false under status 200 is no success where the rule says so`() async throws {
        try await with(rule: "$.success==true") { world, receiver in
            receiver.answer((200, #"{"success":false,"message":"系统繁忙"}"#))
            try await world.hear(CaseOverdue(snapshot: Samples.called, clock: .sign, dueAt: Samples.noon))
            try await world.sending {
                await eventually { try await world.deliveries() == ["webhook queued 1 later"] }
                let settled = try await world.settled()
                #expect(settled.isEmpty)
                world.clock.advance(.seconds(5))
                await eventually { try await world.deliveries() == ["webhook sent 2"] }
            }
        }
    }

    @Test func `a receiver that has gone is not tried again`() async throws {
        try await with { world, receiver in
            receiver.answer((410, ""))
            try await world.hear(CaseOverdue(snapshot: Samples.called, clock: .sign, dueAt: Samples.noon))
            try await world.sending { await eventually { try await world.deliveries() == ["webhook failed 1 gone"] } }
            #expect(try await world.settled().map(\.outcome) == [.failed])
        }
    }

    @Test func `after a crash between claim and outcome a webhook is sent again under the same id`() async throws {
        try await with { world, receiver in
            let id = try await world.hear(CaseOverdue(snapshot: Samples.called, clock: .sign, dueAt: Samples.noon))
            try await world.claimAndDie()
            try await world.sending {
                world.clock.advance(Retrying.lease)
                await eventually { try await world.deliveries() == ["webhook queued 1 abandoned"] }
                world.clock.advance(.seconds(5))
                await eventually { try await world.deliveries() == ["webhook sent 2"] }
            }
            #expect(receiver.hits.map(\.id) == [id.description])
        }
    }
}
