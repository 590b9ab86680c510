/// One thing that one user may do on a shared broker; what is in no list is denied.
public struct BrokerRight: Sendable, Hashable {
    public enum Resource: Sendable, Hashable {
        case topic(String)
        case group(String)
        /// Every group whose id begins so.
        case groups(prefix: String)
    }
    /// Looking at what is read or written goes with it.
    public enum Operation: Sendable, Hashable, CaseIterable { case read, write }

    /// The broker's user: a service's name, or `dept-<code>`.
    public let user: String
    public let operation: Operation
    public let resource: Resource

    public init(user: String, _ operation: Operation, _ resource: Resource) {
        self.user = user
        self.operation = operation
        self.resource = resource
    }
}

extension Topics {
    /// All rights of the five services and these departments: owners write, readers read, each in groups of its own. Nobody makes,
    /// alters or deletes a topic; that is the administrator's.
    public static func rights(departments: [DepartmentTopics]) -> [BrokerRight] {
        let services = Service.allCases.filter { $0 != .department }
        var rights = services.flatMap { groups(of: $0.rawValue) }
        rights += departments.map { BrokerRight(user: $0.department.brokerUser, .read, .groups(prefix: $0.department.brokerUser + ".")) }
        var members: [Topic: [String]] = [:]
        for department in departments {
            for topic in [department.dispatch, department.feedback, department.feedback.deadLetter] {
                members[topic, default: []].append(department.department.brokerUser)
            }
        }
        for topic in all(departments: departments) {
            let writers = topic.owner == .department ? members[topic] ?? [] : [topic.owner.rawValue]
            rights += writers.map { BrokerRight(user: $0, .write, .topic(topic.name)) }
            rights += services.filter(topic.readers.contains).map { BrokerRight(user: $0.rawValue, .read, .topic(topic.name)) }
            guard topic.readers.contains(.department) else { continue }
            rights += (members[topic] ?? []).map { BrokerRight(user: $0, .read, .topic(topic.name)) }
        }
        return rights
    }

    private static func groups(of service: String) -> [BrokerRight] {
        [
            BrokerRight(user: service, .read, .group("shao-\(service)")),
            BrokerRight(user: service, .read, .groups(prefix: "shao-\(service)-")),
        ]
    }
}

extension DepartmentCode {
    /// Its user on a shared broker. Its groups begin with that and a dot: no code has one, so no department's groups can begin with
    /// another's.
    public var brokerUser: String { "dept-\(description)" }
}
