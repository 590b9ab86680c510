import Contracts
public import Foundation
import Kafka

/// The secured broker with a city's topics and rights, made once by the job that operators run: `routing topics` and `routing rights`.
public struct SecuredStreet: Sendable {
    public let broker: SecuredBroker
    /// Departments of this city; the code of one begins with the other's.
    public static let departments = ["water", "water-2"]

    private static let prepared = Task<SecuredStreet, any Error> { try await SecuredStreet() }
    public static func shared() async throws -> SecuredStreet { try await prepared.value }

    public static var isAvailable: Bool { SecuredBroker.isAvailable && ServiceProcess.isBuilt("routing", "shaoctl") }
    public static let reason = SecuredBroker.reason + ", or routing and shaoctl are not built"

    private init() async throws {
        broker = try SecuredBroker.shared()
        try await broker.ready()
        let folder = broker.certificates.folder.appending(path: "city")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let entries = Self.departments.map { #"{"code": "\#($0)", "name": "\#($0)", "shortName": "\#($0)", "home": "310000000000"}"# }
            .joined(separator: ", ")
        try Data(#"{"departments": [\#(entries)]}"#.utf8).write(to: folder.appending(path: "departments.json"))
        let environment = ["KAFKA_BOOTSTRAP_SERVERS": broker.servers(.admin)]
        let departments = ["--departments", folder.appending(path: "departments.json").path()]
        // Twice: what is there already stays.
        for _ in 0..<2 {
            for job in ["topics", "rights"] {
                try await ServiceProcess("routing", environment: environment, logDirectory: folder).run([job, "--create"] + departments)
            }
        }
        for user in SecuredBroker.users {
            try Data((SecuredBroker.password(user) + "\n").utf8).write(to: passwordFile(user))
        }
    }

    public func passwordFile(_ user: String) -> URL { broker.certificates.folder.appending(path: "kafka-\(user)") }

    /// A user's settings as a service reads them: from the environment, the password from its file, over TLS.
    public func environment(_ user: String, door: SecuredBroker.Door = .client) -> [String: String] {
        broker.environment(user, door: door).merging(["SHAO_KAFKA_SASL_PASSWORD_FILE": passwordFile(user).path()]) { $1 }
    }
}
