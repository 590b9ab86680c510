import Contracts
import EventLoop
import Kafka

/// `routing rights [--create]`: what each service and each department of the city may do on a shared broker, a line each, as arguments
/// of Kafka's own kafka-acls.sh; with `--create` they are granted on the brokers of `KAFKA_BOOTSTRAP_SERVERS`, beside what there is.
public enum ListRights {
    static func acls(environment: [String: String]) async throws -> [KafkaAcl] {
        Topics.rights(departments: try await ListTopics.departments(environment: environment)).map(KafkaAcl.init)
    }

    public static func lines(environment: [String: String]) async throws -> [String] {
        try await acls(environment: environment).map(\.description)
    }

    /// Grants those that are missing, and returns when the broker goes by them: Kafka 4.3 says "done" some seconds before, and a service
    /// that is refused meanwhile tries again only after half a minute.
    public static func create(environment: [String: String], within limit: Duration = .seconds(30)) async throws {
        let admin = try KafkaAdmin(KafkaConfiguration(environment: environment))
        let wanted = Set(try await acls(environment: environment))
        let deadline = ContinuousClock.now + limit
        try await admin.grant(wanted.sorted { $0.description < $1.description })
        while true {
            let missing = wanted.subtracting(try await admin.acls())
            if missing.isEmpty { return }
            guard ContinuousClock.now < deadline else {
                let words = "\(missing.count) rights are granted but not in force after \(limit)"
                throw KafkaError(.timedOut, operation: "grant", message: words)
            }
            try await EventLoop.shared.sleep(for: .milliseconds(100))
        }
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
