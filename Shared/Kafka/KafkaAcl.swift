import CLibrdkafka
import EventLoop

/// One permission of one user on a broker with an authorizer, from any host.
public struct KafkaAcl: Sendable, Hashable, CustomStringConvertible {
    public enum Resource: Sendable, Hashable {
        case topic(String)
        case group(String)
        case groups(prefix: String)
    }
    public enum Operation: String, Sendable, Hashable { case read = "Read", write = "Write" }

    /// Without `User:`.
    public let user: String
    public let operation: Operation
    public let resource: Resource

    public init(user: String, _ operation: Operation, _ resource: Resource) {
        self.user = user
        self.operation = operation
        self.resource = resource
    }

    /// As an argument list of Kafka's own `kafka-acls.sh --add`.
    public var description: String {
        let place =
            switch resource {
            case .topic(let name): "--topic \(name)"
            case .group(let name): "--group \(name)"
            case .groups(let prefix): "--group \(prefix) --resource-pattern-type prefixed"
            }
        return "--allow-principal User:\(user) --operation \(operation.rawValue) \(place)"
    }

    fileprivate var parts: (type: rd_kafka_ResourceType_t, name: String, pattern: rd_kafka_ResourcePatternType_t) {
        switch resource {
        case .topic(let name): (RD_KAFKA_RESOURCE_TOPIC, name, RD_KAFKA_RESOURCE_PATTERN_LITERAL)
        case .group(let name): (RD_KAFKA_RESOURCE_GROUP, name, RD_KAFKA_RESOURCE_PATTERN_LITERAL)
        case .groups(let prefix): (RD_KAFKA_RESOURCE_GROUP, prefix, RD_KAFKA_RESOURCE_PATTERN_PREFIXED)
        }
    }
}

extension KafkaAdmin {
    /// Grants these, beside what there is; what is granted already stays. Throws `clusterAuthorizationFailed` where
    /// this user may not, the broker's code 54 where it has no authorizer.
    public func grant(_ acls: [KafkaAcl], within timeout: Duration = .seconds(30)) async throws(KafkaError) {
        if acls.isEmpty { return }
        let outcome = await OwnThread.run("kafka-call") { [client] () -> Result<Void, KafkaError> in
            do throws(KafkaError) { return .success(try client.grant(acls, timeout)) } catch { return .failure(error) }
        }
        try outcome.get()
    }
}

extension Client {
    fileprivate func grant(_ acls: [KafkaAcl], _ timeout: Duration) throws(KafkaError) {
        var text = [CChar](repeating: 0, count: 512)
        var bindings: [OpaquePointer?] = []
        defer { for case let binding? in bindings { rd_kafka_AclBinding_destroy(binding) } }
        for acl in acls {
            let (type, name, pattern) = acl.parts
            let operation = acl.operation == .read ? RD_KAFKA_ACL_OPERATION_READ : RD_KAFKA_ACL_OPERATION_WRITE
            let binding = rd_kafka_AclBinding_new(
                type, name, pattern, "User:" + acl.user, "*", operation, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, &text, text.count)
            guard binding != nil else {
                throw KafkaError(.invalidArgument, operation: "grant", message: "\(acl): \(KafkaConfiguration.text(text))")
            }
            bindings.append(binding)
        }
        let event = try ask("grant", timeout) { options, replies in
            rd_kafka_CreateAcls(pointer, &bindings, bindings.count, options, replies)
        }
        try event.withPointer { event throws(KafkaError) in
            var count = 0
            let results = rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event), &count)
            for (acl, result) in zip(acls, UnsafeBufferPointer(start: results, count: count)) {
                guard let error = rd_kafka_acl_result_error(result) else { continue }
                let why = rd_kafka_error_string(error).map { String(cString: $0) } ?? ""
                throw KafkaError(rd_kafka_error_code(error), "grant", "\(acl): \(why)")
            }
        }
    }
}
