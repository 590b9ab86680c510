import Contracts
import EventLog
import FoundationEssentials
import Kafka

/// `routing topics [--create]`: every topic this city needs, `name:partitions` a line; with `--create` they are made on the
/// brokers of `KAFKA_BOOTSTRAP_SERVERS`. Existing ones are left as they are. Routing does it because it knows the departments.
public enum ListTopics {
    /// All topics of the city in `SHAO_DEMO_DIR`.
    static func specs(environment: [String: String]) throws -> [KafkaTopicSpec] {
        Topics.all(departments: try departments(environment: environment)).map { KafkaTopicSpec($0) }
    }

    static func departments(environment: [String: String]) throws -> [DepartmentTopics] {
        let folder = environment["SHAO_DEMO_DIR"] ?? "deploy/demo"
        let file = "departments.json"
        guard let data = try? Data(contentsOf: URL(filePath: folder).appending(path: file)) else {
            throw DataFileError(file: file, pointer: "#", code: "unreadable", reason: "\(folder)/\(file) cannot be read")
        }
        return try Directory.departmentTopics(DataFile(name: file, bytes: Array(data)))
    }

    /// A line for each.
    public static func lines(environment: [String: String]) throws -> [String] {
        try specs(environment: environment).map { "\($0.name):\($0.partitions)" }
    }

    /// Makes those that do not exist.
    public static func create(environment: [String: String]) async throws {
        try await KafkaAdmin(KafkaConfiguration(environment: environment)).createTopics(specs(environment: environment))
    }
}
