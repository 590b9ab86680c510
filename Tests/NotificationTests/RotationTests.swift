import Contracts
import Crypto
import HTTP
import JSON
import Synchronization
import TestKit
import Testing

@testable import Notification

/// While a webhook's secret is being replaced, receivers that know the new one and those that know the old one are both content.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "SHAO_TEST_POSTGRES names no scratch server"), .serialized)
struct `Two secrets of a webhook` {
    private static func secret(_ byte: UInt8) -> String { "whsec_" + Base64.standard.encode([UInt8](repeating: byte, count: 32)) }

    @Test func `sign every message while both are known`() async throws {
        let hits = Hits()
        var routes = Routes()
        routes.post("/in") { request in
            hits.add(
                Hit(
                    id: request.header("webhook-id") ?? "", timestamp: request.header("webhook-timestamp") ?? "",
                    signature: request.header("webhook-signature") ?? "", body: request.body))
            return .bytes(Array("{}".utf8), type: "application/json")
        }
        try await HTTPServer.serving(routes) { port in
            let file = """
                {"light": [{"channel": "webhook", "address": "http://127.0.0.1:\(port)/in", "secret": "\(Self.secret(1))", \
                "oldSecret": "\(Self.secret(2))"}]}
                """
            try await World.with(recipients: file) { world in
                try await world.hear(CaseOverdue(snapshot: Samples.called, clock: .sign, dueAt: Samples.noon))
                try await world.sending { await eventually { try await world.deliveries() == ["webhook sent 1"] } }
                let hit = try #require(hits.all.first)
                let seconds = world.clock.now().milliseconds / 1_000
                for (byte, isKnown) in [(1, true), (2, true), (3, false)] as [(UInt8, Bool)] {
                    let isValid = WebhookSignature.isValid(
                        header: hit.signature, id: hit.id, timestamp: hit.timestamp, body: hit.body,
                        secrets: [try WebhookSecret(Self.secret(byte))], now: seconds)
                    #expect(isValid == isKnown, "secret \(byte)")
                }
            }
        }
    }
}

private struct Hit: Sendable {
    let id: String, timestamp: String, signature: String, body: [UInt8]
}

private final class Hits: Sendable {
    private let kept = Mutex<[Hit]>([])
    var all: [Hit] { kept.withLock { $0 } }
    func add(_ hit: Hit) { kept.withLock { $0.append(hit) } }
}
