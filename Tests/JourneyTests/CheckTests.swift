import Analytics
import Foundation
import Intake
import Notification
import Routing
import ServiceKit
import Telemetry
import TestKit
import Testing
import Voting

/// `<service> check` ends on whatever `serve` would end on before it serves.
@Suite struct CheckTests {
    private static let services: [any ServiceMain.Type] = [Intake.self, Routing.self, Notification.self, Voting.self, Analytics.self]

    private func check(_ service: any ServiceMain.Type, _ more: [String: String] = [:]) async throws {
        let environment = [
            "SHAO_POSTGRES": "host=/nowhere", "SHAO_HTTP_PORT": "8101", "SHAO_ADMIN_PORT": "9101", "SHAO_EVENT_KEY": "key",
            "SHAO_PHOTOWORKER": ServiceProcess.products.appending(path: "photoworker").path(),
            "SHAO_LINK_KEY": "key",
        ].merging(more) { $1 }
        let keys = CommonSettings.all + service.settings
        let own = environment.filter { name, _ in keys.contains { $0.name == name } || name.contains("KAFKA") }
        let configuration = try Configuration(environment: own, keys: keys)
        try await service.tryAssembly(configuration, Log("check", level: .error))
    }

    @Test func `a sound configuration passes at every service, without a broker or a database`() async throws {
        for service in Self.services { try await check(service) }
    }

    @Test(arguments: [
        ("notification", "SHAO_RECIPIENTS", #"{"310106019001":[{"channel":"pigeon"}]}"#), ("notification", "SHAO_QUIET_HOURS", "22-7"),
        ("notification", "SHAO_WEBHOOK_NETWORKS", "10.0.0.0/8,mine"), ("notification", "SHAO_SMTP_URL", "gopher://mail"),
        ("notification", "SHAO_SENDERS", "0"), ("analytics", "SHAO_STREET", "31010601900"),
        ("", "SHAO_STAFF", #"[{"name":"x","role":"king","org":"1","tokenSHA256":"a"}]"#), ("", "SHAO_STAFF", "{"),
        ("", "SHAO_HTTP_PORT", "70000"),
        ("", "SHAO_ADMIN_PORT", "x"), ("", "SHAO_POSTGRES_POOL", "1"), ("", "SHAO_DRAIN_NOTICE_MS", "-1"),
        ("", "SHAO_ARCHIVE_KEEP_DAYS", "many"), ("", "SHAO_PARKED_CEILING", "0"), ("", "SHAO_KAFKA_ACKSS", "all"),
        ("", "SHAO_KAFKA_SECURITY_PROTOCOL", "pigeon"), ("", "SHAO_CRASH_AT", "somewhere"), ("", "SHAO_CLIENT_LIMITS", "perhaps"),
        ("", "SHAO_WRONG_TOKENS", "many"), ("", "SHAO_BODY_MEMORY_MIB", "1"), ("", "SHAO_FORWARDED_HOPS", "-1"),
        ("intake", "SHAO_REPORTS_PER_ADDRESS", "300"),
    ])
    func `a setting that serve ends on ends check`(_ name: String, _ key: String, _ value: String) async throws {
        for service in Self.services where name.isEmpty || service.name == name {
            await #expect(throws: (any Error).self, "\(service.name) with \(key)=\(value)") {
                try await check(service, [key: value])
            }
        }
    }
}
