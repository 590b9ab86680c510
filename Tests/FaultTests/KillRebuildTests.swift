import Crypto
import EventLoop
import Foundation
import HTTP
import JSON
import Postgres
import TestKit
import Testing

/// A service that is killed while it rebuilds starts again as if nothing had been begun.
@Suite(
    .serialized, .enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)),
    .enabled(if: ServiceProcess.isBuilt("intake", "routing", "devbroker"), "the executables are not built"))
struct KillRebuildTests {
    @Test func `a kill in the middle of a rebuild leaves no schema and no harm`() async throws {
        try await TemporaryDatabase.withConfiguration(poolSize: 4) { intake in
            try await TemporaryDatabase.withConfiguration(poolSize: 2) { routing in
                let street = try await Street.start(intake: intake, routing: routing)
                do {
                    try await TemporaryDatabase.withPool(intake) { try await play(street, $0) }
                } catch {
                    Issue.record("\(error)\nintake: \(street.intake.tail)")
                }
                await street.stop()
            }
        }
    }

    private func play(_ street: Street, _ intake: PostgresPool) async throws {
        let file = try JSONReader.decode(JSONValue.self, from: Array(Data(contentsOf: Street.demo.appending(path: "plates.json"))))
        let plates = if case .array(let plates)? = file["plates"] { plates.count } else { 0 }
        await eventually(within: .seconds(60), "intake knows all plates") {
            try await intake.query("SELECT count(*) FROM plate", as: Int64.self) == [Int64(plates)]
        }
        let known: SQL = "SELECT code || version || encode(registered, 'hex') FROM plate ORDER BY 1"
        // The cursors are held here, so that the rebuild cannot come to its end.
        try await intake.withConnection { connection in
            try await connection.transaction { transaction in
                try await transaction.execute("LOCK TABLE inbox_cursor IN SHARE ROW EXCLUSIVE MODE")
                #expect(try await rebuild("POST", "?projection=directory")["phase"] != nil)
                await eventually(within: .seconds(30), "the rebuild waits for the cursors") {
                    try await rebuild("GET", "")["phase"]?.text == "comparing"
                }
                #expect(try await schemas(intake) == ["rebuild_directory"])
                await street.intake.kill9()
            }
        }
        try street.intake.start()
        try await street.intake.ready(adminPort: Street.admin(1))
        await eventually(within: .seconds(30), "what was begun is removed") { try await schemas(intake).isEmpty }
        let before = try await intake.query(known, as: String.self)
        _ = try await rebuild("POST", "?projection=directory")
        var report = JSONValue.null
        await eventually(within: .seconds(60), "a new one comes to its end") {
            report = try await rebuild("GET", "")
            return report["phase"]?.text == "done"
        }
        #expect(report["swapped"] == .bool(true) && report["differs"] == .bool(false), "\(report)")
        #expect(try await intake.query(known, as: String.self) == before)
    }

    private func schemas(_ pool: PostgresPool) async throws -> [String] {
        try await pool.query("SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'rebuild%'", as: String.self)
    }

    private func rebuild(_ method: String, _ query: String) async throws -> JSONValue {
        var request = HTTPClient.Request(method, "http://127.0.0.1:\(Street.admin(1))/internal/rebuild\(query)")
        let token = HMACKey(Array("event key of the fault tests".utf8)).authenticate("service-token")
        request.headers = [("authorization", "Bearer \(Base64.url.encode(token))")]
        let answer = try await HTTPClient(.unrestricted).send(request)
        return try JSONReader.decode(JSONValue.self, from: answer.body)
    }
}
