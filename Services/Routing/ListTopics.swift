import Contracts
import EventLog
import Kafka
import Postgres
import ServiceKit

/// `routing topics [--create]`: every topic this city needs, `name:partitions` a line; with `--create` they are made on the
/// brokers of `KAFKA_BOOTSTRAP_SERVERS`. Existing ones are left as they are. Routing does it because it knows the departments.
public enum ListTopics {
    /// All topics of the city that was imported.
    static func specs(environment: [String: String]) async throws -> [KafkaTopicSpec] {
        Topics.all(departments: try await departments(environment: environment)).map { KafkaTopicSpec($0) }
    }

    static func departments(environment: [String: String]) async throws -> [DepartmentTopics] {
        let arguments = CommandLine.arguments
        if let place = arguments.firstIndex(of: "--departments"), place + 1 < arguments.count {
            return try Directory.departmentTopics(ImportCommand.read(arguments[place + 1]))
        }
        return try await Routing.withDatabase(environment: environment) { pool in
            try await pool.query(CityQueries.departments(after: 0), as: KeptEntry<Department>.self)
                .map(\.value).sorted { $0.code < $1.code }.map(\.topics)
        }
    }

    /// A line for each.
    public static func lines(environment: [String: String]) async throws -> [String] {
        try await specs(environment: environment).map { "\($0.name):\($0.partitions)" }
    }

    /// Makes those that do not exist.
    public static func create(environment: [String: String]) async throws {
        try await KafkaAdmin(KafkaConfiguration(environment: environment)).createTopics(await specs(environment: environment))
    }
}
