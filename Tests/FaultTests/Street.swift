import Contracts
import EventLoop
import Foundation
import HTTP
import JSON
import Postgres
import TestKit
import Testing

/// Intake, routing and an embedded broker as processes of their own, on databases and ports of their own.
struct Street: Sendable {
    let intake: ServiceProcess
    let routing: ServiceProcess
    let broker: ServiceProcess
    let folder: URL
    let bootstrap: String
    static let offset = 21_000
    static var demo: URL { URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../deploy/demo").standardized }

    static func start(intake: PostgresConfiguration, routing: PostgresConfiguration) async throws -> Street {
        let folder = FileManager.default.temporaryDirectory.appending(path: "shao-fault-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let address = folder.appending(path: "broker.address")
        let broker = try ServiceProcess("devbroker", environment: [:], logDirectory: folder)
        let names = Topics.all(departments: try departments()).map { "\($0.name):\($0.partitions)" }
        try broker.start(["--port", "0", "--address-file", address.path()] + names)
        await eventually(within: .seconds(60), "the broker has an address") { FileManager.default.fileExists(atPath: address.path()) }
        let bootstrap = try String(contentsOf: address, encoding: .utf8).split(separator: "\n").first.map(String.init) ?? ""
        let street = Street(
            intake: try service("intake", 1, intake, bootstrap, folder, ["SHAO_PHOTOWORKER": "photoworker"]),
            routing: try service("routing", 2, routing, bootstrap, folder, [:]),
            broker: broker, folder: folder, bootstrap: bootstrap)
        try await street.intake.run(["migrate"])
        try await street.routing.run(["migrate"])
        try await street.routing.run(["import", demo.path()])
        try street.intake.start()
        try street.routing.start()
        try await street.intake.ready(adminPort: admin(1))
        try await street.routing.ready(adminPort: admin(2))
        return street
    }

    func stop() async {
        await intake.terminate()
        await routing.terminate()
        await broker.kill9()
    }

    static func admin(_ place: Int) -> Int { offset + 1000 + place }

    private static func service(
        _ name: String, _ place: Int, _ database: PostgresConfiguration, _ bootstrap: String, _ folder: URL,
        _ more: [String: String]
    ) throws -> ServiceProcess {
        let common = [
            "SHAO_POSTGRES": database.conninfo, "SHAO_HTTP_PORT": "\(offset + place)", "SHAO_ADMIN_PORT": "\(admin(place))",
            "SHAO_EVENT_KEY": "event key of the fault tests", "SHAO_LINK_KEY": "link key of the fault tests",
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap, "SHAO_LOG_LEVEL": "warning", "SHAO_DRAIN_NOTICE_MS": "0", "SHAO_CLIENT_LIMITS": "off",
            "SHAO_INTAKE_URL": "http://127.0.0.1:\(admin(1))", "SHAO_ROUTING_URL": "http://127.0.0.1:\(admin(2))",
        ]
        return try ServiceProcess(name, environment: common.merging(more) { _, new in new }, logDirectory: folder)
    }

    static func departments() throws -> [DepartmentTopics] {
        struct File: Decodable {
            struct Row: Decodable {
                let code: String
                let topic: String?
            }
            let departments: [Row]
        }
        let data = try Data(contentsOf: demo.appending(path: "departments.json"))
        return try JSONDecoder().decode(File.self, from: data).departments.compactMap {
            DepartmentTopics(code: $0.code, topic: $0.topic)
        }
    }

    /// Plates with a chip whose catalogue row goes straight out to departments.
    static func straightOut() throws -> [(plate: String, category: String, called: Int)] {
        struct Catalogue: Decodable {
            struct Answer: Decodable { let question: String }
            struct Match: Decodable {
                let category: String
                let answers: [Answer]?
            }
            struct Row: Decodable {
                let match: Match
                let level: String
                let coHandlers: [String]
            }
            let rows: [Row]
        }
        struct Plates: Decodable {
            struct Chip: Decodable { let category: String }
            struct Plate: Decodable {
                let code: String
                let chips: [Chip]
            }
            let plates: [Plate]
        }
        let rows = try JSONDecoder().decode(Catalogue.self, from: Data(contentsOf: demo.appending(path: "catalogue.json"))).rows
        let plates = try JSONDecoder().decode(Plates.self, from: Data(contentsOf: demo.appending(path: "plates.json"))).plates
        let out = Dictionary(
            rows.filter { $0.level == "department" && $0.match.answers == nil }.map { ($0.match.category, 1 + $0.coHandlers.count) },
            uniquingKeysWith: { first, _ in first })
        return plates.flatMap { plate in
            plate.chips.compactMap { chip in out[chip.category].map { (plate.code, chip.category, $0) } }
        }
    }
}
