import Contracts
import Kafka

/// `routing rights [--create]`: what each service and each department of the city may do on a shared broker, a line each, as arguments
/// of Kafka's own kafka-acls.sh; with `--create` they are granted on the brokers of `KAFKA_BOOTSTRAP_SERVERS`, beside what there is.
public enum ListRights {
    static func acls(environment: [String: String]) throws -> [KafkaAcl] {
        Topics.rights(departments: try ListTopics.departments(environment: environment)).map(KafkaAcl.init)
    }

    public static func lines(environment: [String: String]) throws -> [String] {
        try acls(environment: environment).map(\.description)
    }

    /// Grants those that are missing.
    public static func create(environment: [String: String]) async throws {
        try await KafkaAdmin(KafkaConfiguration(environment: environment)).grant(acls(environment: environment))
    }
}

extension KafkaAcl {
    init(_ right: BrokerRight) {
        let resource: Resource =
            switch right.resource {
            case .topic(let name): .topic(name)
            case .group(let name): .group(name)
            case .groups(let prefix): .groups(prefix: prefix)
            }
        self.init(user: right.user, right.operation == .read ? .read : .write, resource)
    }
}
