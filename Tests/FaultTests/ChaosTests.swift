import Crypto
import Foundation
import Telemetry
import TestKit
import Testing

/// The small selection of `./dev chaos`: the same program, the same promises, a minute instead of hours.
@Suite(
    .serialized, .enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)),
    .enabled(
        if: ServiceProcess.isBuilt("chaos", "intake", "routing", "notification", "voting", "analytics", "devbroker"),
        "the executables are not built"))
struct ChaosTests {
    @Test func `a short chaos run keeps every promise`() async throws {
        try await chaos(["--short", "--seed", "5"])
    }

    /// Runs the tool on databases of its own at the scratch server; its output is the failure's text.
    private func chaos(_ arguments: [String]) async throws {
        let server = try #require(ScratchSocket(TemporaryDatabase.conninfo ?? ""), "the scratch server has no socket")
        let state = FileManager.default.temporaryDirectory.appending(path: "shao-chaos-\(UUID().uuidString.prefix(8).lowercased())")
        try ChaosState.write(to: state)
        let tool = try ServiceProcess("chaos", environment: ["NO_COLOR": "1"], logDirectory: state)
        let prefix = "chaos_\(UUID().uuidString.prefix(8).lowercased())_"
        do {
            try await tool.run(
                [
                    "--state", state.path(), "--products", ServiceProcess.products.path(), "--demo", Street.demo.path(), "--first-port",
                    "23100",
                    "--postgres-socket", server.folder, "--postgres-port", server.port, "--postgres-user", "postgres", "--database-prefix",
                    prefix,
                ] + arguments, within: .seconds(300))
        } catch {
            Issue.record("\(error)\n\(tool.tail)\n\(state.path())")
            return
        }
        #expect(FileManager.default.fileExists(atPath: state.appending(path: "chaos.json").path()))
        try FileManager.default.removeItem(at: state)
    }

    @Test func `every crash point stands in the code, once`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        var places: [String: Int] = [:]
        for folder in ["Shared", "Services"] {
            let files = try #require(FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil))
            for case let file as URL in files where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                for found in text.matches(of: /CrashPoint\.pass\(\.([A-Za-z]+)\)/) { places[String(found.1), default: 0] += 1 }
            }
        }
        #expect(places == Dictionary(uniqueKeysWithValues: CrashPoint.allCases.map { ("\($0)", 1) }))
    }
}

/// Where the scratch server's socket is.
struct ScratchSocket {
    let folder: String
    let port: String

    init?(_ conninfo: String) {
        var values: [String: String] = [:]
        for pair in conninfo.split(separator: " ") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[String(parts[0])] = parts[1].trimmingCharacters(in: ["'"]) }
        }
        guard let folder = values["host"], folder.hasPrefix("/") else { return nil }
        self.folder = folder
        port = values["port"] ?? "5432"
    }
}

/// What `./dev chaos` writes down for the tool: settings of each service, keys, staff.
private enum ChaosState {
    static func write(to folder: URL) throws {
        let manager = FileManager.default
        for part in ["env", "outbox", "secrets/staff"] {
            try manager.createDirectory(at: folder.appending(path: part), withIntermediateDirectories: true)
        }
        var staff: [String] = []
        for (name, role, organisation) in members {
            let token = "token of \(name)"
            try token.write(to: folder.appending(path: "secrets/staff/\(name).token"), atomically: true, encoding: .utf8)
            staff.append(#"{"name":"\#(name)","role":"\#(role)","org":"\#(organisation)","tokenSHA256":"\#(try hash(token))"}"#)
        }
        let common = [
            "PATH=/usr/bin:/bin", "TZ=Asia/Shanghai", "SHAO_EVENT_KEY=event key of the fault tests", "SHAO_LOG_LEVEL=warning",
            "SHAO_STAFF=[\(staff.joined(separator: ","))]", "SHAO_KAFKA_FETCH_WAIT_MAX_MS=5", "SHAO_CLIENT_LIMITS=off",
        ]
        let link = "SHAO_LINK_KEY=link key of the fault tests"
        let recipients = Street.demo.appending(path: "recipients.json").path()
        let own = [
            "intake": [link], "routing": [link],
            "notification": [link, "SHAO_OUTBOX_DIR=\(folder.path())/outbox", "SHAO_RECIPIENTS_FILE=\(recipients)"], "voting": [link],
            "analytics": [],
        ]
        for (service, settings) in own {
            try (common + settings).joined(separator: "\n").write(
                to: folder.appending(path: "env/\(service)"), atomically: true, encoding: .utf8)
        }
    }

    private static let members = [
        ("street", "street", "310106019000"), ("community-001", "community", "310106019001"),
        ("community-002", "community", "310106019002"),
        ("community-003", "community", "310106019003"), ("community-004", "community", "310106019004"),
        ("community-005", "community", "310106019005"),
    ]

    private static func hash(_ text: String) throws -> String { SHA256.hash(Array(text.utf8)).map { String(format: "%02x", $0) }.joined() }
}
