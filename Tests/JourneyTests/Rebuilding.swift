import Crypto
import EventLoop
import HTTP
import JSON
import Postgres
import TestKit
import Testing

/// What the services fold of each other's events is the same when it is folded again, and a damage is mended.
extension JourneyStreet {
    private static let projections = [
        "intake": ["directory", "progress"], "notification": ["names"], "voting": ["cases", "directory"], "analytics": ["facts"],
        "routing": [],
    ]

    func projectionsAreRebuilt() async throws {
        #expect(try await rebuild("POST", "?projection=facts", of: "analytics", token: "Bearer nonsense").status == 401)
        for (service, names) in Self.projections {
            let unknown = try await rebuild("POST", "?projection=nothing", of: service)
            #expect(unknown.status == 404)
            for name in names { #expect(String(decoding: unknown.body, as: UTF8.self).contains(name)) }
            for name in names { try await isEqual(service, name, "&check=true") }
        }
        let intake = services("intake")
        try await intake.pool.execute("UPDATE plate SET registered = '{}' WHERE code = \(Self.lamp)")
        try await intake.pool.execute("DELETE FROM progress_step WHERE version = 3")
        for (service, names) in Self.projections {
            for name in names {
                let report = try await end(service, name, "")
                let isDamaged = service == "intake"
                #expect(report["swapped"] == .bool(true) && report["differs"] == .bool(isDamaged), "\(service) \(name): \(report)")
                try await isEqual(service, name, "&check=true")
            }
        }
        #expect(try await rebuild("POST", "?projection=directory&check=perhaps", of: "intake").status == 400)
    }

    private func isEqual(_ service: String, _ name: String, _ more: String) async throws {
        let report = try await end(service, name, more)
        #expect(report["phase"]?.text == "done" && report["differs"] == .bool(false), "\(service) \(name): \(report)")
    }

    private func end(_ service: String, _ name: String, _ more: String) async throws -> JSONValue {
        #expect(try await rebuild("POST", "?projection=\(name)\(more)", of: service).status == 202)
        var report = JSONValue.null
        await eventually(within: .seconds(60), "\(service) has rebuilt \(name)") {
            report = try JSONReader.decode(JSONValue.self, from: try await rebuild("GET", "", of: service).body)
            return ["done", "failed", "cancelled"].contains(report["phase"]?.text)
        }
        return report
    }

    private func rebuild(_ method: String, _ query: String, of service: String, token: String? = nil) async throws -> HTTPClient.Response {
        let key = HMACKey(Array("event key of a test".utf8))
        var request = HTTPClient.Request(method, "http://127.0.0.1:\(services(service).adminPort)/internal/rebuild\(query)")
        request.headers = [("authorization", token ?? "Bearer \(Base64.url.encode(key.authenticate("service-token")))")]
        return try await HTTPClient(.unrestricted).send(request)
    }
}
