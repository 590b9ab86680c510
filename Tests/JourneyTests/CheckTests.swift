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
    private static let demo = Gateway.root.appending(path: "deploy/demo")

    private func check(_ service: any ServiceMain.Type, _ more: [String: String] = [:]) async throws {
        let environment = [
            "SHAO_POSTGRES": "host=/nowhere", "SHAO_HTTP_PORT": "8101", "SHAO_ADMIN_PORT": "9101", "SHAO_EVENT_KEY": "key",
            "SHAO_PHOTOWORKER": ServiceProcess.products.appending(path: "photoworker").path(), "SHAO_DEMO_DIR": Self.demo.path(),
            "SHAO_LINK_KEY": "key",
        ].merging(more) { $1 }
        let keys = CommonSettings.all + service.settings
        let own = environment.filter { name, _ in keys.contains { $0.name == name } || name.contains("KAFKA") }
        let configuration = try Configuration(environment: own, keys: keys)
        try await service.tryAssembly(configuration, Log("check", level: .error))
    }

    /// The demo's folder with one file changed; nil takes it away.
    private func city(_ file: String, _ content: String?) throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "shao-check-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: Self.demo, to: folder)
        try FileManager.default.removeItem(at: folder.appending(path: file))
        try content.map { try $0.write(to: folder.appending(path: file), atomically: true, encoding: .utf8) }
        return folder
    }

    @Test func `a sound configuration passes at every service, without a broker or a database`() async throws {
        for service in Self.services { try await check(service) }
    }

    @Test(arguments: ["areas", "grids", "departments", "plates", "calendar", "clocks", "categories", "catalogue"])
    func `a file of the city that cannot be read is told`(_ name: String) async throws {
        for content in [nil, "{", #"{"calendar":1}"#] {
            let folder = try city("\(name).json", content)
            defer { try? FileManager.default.removeItem(at: folder) }
            let error = await #expect(throws: (any Error).self) { try await check(Routing.self, ["SHAO_DEMO_DIR": folder.path()]) }
            #expect(error.map { "\($0)".contains("\(name).json") } == true, "\(error.map { "\($0)" } ?? "nothing")")
        }
    }

    @Test(arguments: [
        ("notification", "SHAO_RECIPIENTS", #"{"310106019001":[{"channel":"pigeon"}]}"#), ("notification", "SHAO_QUIET_HOURS", "22-7"),
        ("notification", "SHAO_WEBHOOK_NETWORKS", "10.0.0.0/8,mine"), ("notification", "SHAO_SMTP_URL", "gopher://mail"),
        ("notification", "SHAO_SENDERS", "0"), ("routing", "SHAO_STREET", "310106019999"), ("analytics", "SHAO_STREET", "31010601900"),
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
