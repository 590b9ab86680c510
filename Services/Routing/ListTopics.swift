import Contracts
import EventLoop
import FoundationEssentials
public import Kafka

/// `routing topics [--create]`: every topic this city needs, `name:partitions` a line; with `--create` they are made on the
/// brokers of `KAFKA_BOOTSTRAP_SERVERS`. Existing ones are left as they are. Routing does it because it knows the departments.
public enum ListTopics {
    /// All topics of the city in `SHAO_DEMO_DIR`.
    public static func specs(environment: [String: String]) throws -> [KafkaTopicSpec] {
        let folder = environment["SHAO_DEMO_DIR"] ?? "deploy/demo"
        let file = "departments.json"
        guard let data = try? Data(contentsOf: URL(filePath: folder).appending(path: file)) else {
            throw DataFileError(file: file, pointer: "#", code: "unreadable", reason: "\(folder)/\(file) cannot be read")
        }
        let departments = try Directory.departmentCodes(DataFile(name: file, bytes: Array(data)))
        return Topics.all(departments: departments).map { topic in
            let milliseconds = topic.retention.components.seconds * 1_000
            return KafkaTopicSpec(
                topic.name, partitions: topic.partitions, config: ["retention.ms": String(milliseconds)])
        }
    }

    /// Prints, and creates when asked.
    public static func run(_ arguments: [String], environment: [String: String]) async throws {
        let specs = try specs(environment: environment)
        for spec in specs { print("\(spec.name):\(spec.partitions)") }
        guard arguments.contains("--create") else { return }
        var kafka = KafkaConfiguration(bootstrapServers: environment["KAFKA_BOOTSTRAP_SERVERS"] ?? "127.0.0.1:29092")
        for (name, value) in environment where name.hasPrefix(Self.prefix) {
            kafka[name.dropFirst(Self.prefix.count).lowercased().replacing("_", with: ".")] = value
        }
        try await KafkaAdmin(kafka).createTopics(specs)
    }

    private static let prefix = "SHAO_KAFKA_"
}
