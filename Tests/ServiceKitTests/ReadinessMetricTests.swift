import EventLoop
import HTTP
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import ServiceKit

/// Readiness as Prometheus sees it.
@Suite struct ReadinessMetricTests {
    @Test func `metrics say what readyz would say at that moment, and by which check`() async throws {
        let (health, metrics, trouble) = (Health(), MetricsRegistry(), Trouble())
        health.add("postgres") { nil }
        health.add("consumer") { trouble.text.withLock { $0 } }
        try await HTTPServer.serving(AdminRoutes(health: health, metrics: metrics).routes) { port in
            func lines() async throws -> Set<String> {
                let answer = try await HTTPClient(.unrestricted).send(.get("http://127.0.0.1:\(port)/metrics"))
                return Set(String(decoding: answer.body, as: UTF8.self).split(separator: "\n").map(String.init))
            }
            #expect(try await lines().isSuperset(of: ["shao_ready 1.0", "shao_check_ready{check=\"consumer\"} 1.0"]))
            trouble.text.withLock { $0 = "away" }
            let failing = try await lines()
            #expect(
                failing.isSuperset(of: [
                    "shao_ready 0.0", "shao_check_ready{check=\"consumer\"} 0.0", "shao_check_ready{check=\"postgres\"} 1.0",
                ]))
            trouble.text.withLock { $0 = nil }
            health.beginStopping()
            let stopping = try await lines()
            #expect(stopping.isSuperset(of: ["shao_ready 0.0", "shao_check_ready{check=\"consumer\"} 1.0"]))
            #expect(!stopping.contains { $0.contains("stopping") }, "the end of a process makes no series")
        }
    }

    private final class Trouble: Sendable {
        let text = Mutex<String?>(nil)
    }
}
