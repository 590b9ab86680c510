import CLibrdkafka
import EventLoop

/// One permission of one user on a broker with an authorizer, from any host.
public struct KafkaAcl: Sendable, Hashable, CustomStringConvertible {
    public enum Resource: Sendable, Hashable {
        case topic(String)
        case group(String)
        case groups(prefix: String)
    }
    public enum Operation: String, Sendable, Hashable {
        case read = "Read"
        case write = "Write"
    }

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

extension KafkaAcl {
    /// Nil for what this type cannot say.
    fileprivate init?(binding: OpaquePointer) {
        guard let name = rd_kafka_AclBinding_name(binding).map({ String(cString: $0) }),
            let principal = rd_kafka_AclBinding_principal(binding).map({ String(cString: $0) }), principal.hasPrefix("User:"),
            rd_kafka_AclBinding_host(binding).map({ String(cString: $0) }) == "*"
        else { return nil }
        switch rd_kafka_AclBinding_operation(binding) {
        case RD_KAFKA_ACL_OPERATION_READ: operation = .read
        case RD_KAFKA_ACL_OPERATION_WRITE: operation = .write
        default: return nil
        }
        switch (rd_kafka_AclBinding_restype(binding), rd_kafka_AclBinding_resource_pattern_type(binding)) {
        case (RD_KAFKA_RESOURCE_TOPIC, RD_KAFKA_RESOURCE_PATTERN_LITERAL): resource = .topic(name)
        case (RD_KAFKA_RESOURCE_GROUP, RD_KAFKA_RESOURCE_PATTERN_LITERAL): resource = .group(name)
        case (RD_KAFKA_RESOURCE_GROUP, RD_KAFKA_RESOURCE_PATTERN_PREFIXED): resource = .groups(prefix: name)
        default: return nil
        }
        user = String(principal.dropFirst("User:".count))
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

    /// All permissions that the broker which answers goes by. Not those of kinds that this type cannot say, nor of single hosts.
    public func acls(within timeout: Duration = .seconds(10)) async throws(KafkaError) -> Set<KafkaAcl> {
        let outcome = await OwnThread.run("kafka-call") { [client] () -> Result<Set<KafkaAcl>, KafkaError> in
            do throws(KafkaError) { return .success(try client.acls(timeout)) } catch { return .failure(error) }
        }
        return try outcome.get()
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

    fileprivate func acls(_ timeout: Duration) throws(KafkaError) -> Set<KafkaAcl> {
        var text = [CChar](repeating: 0, count: 512)
        guard
            let filter = rd_kafka_AclBindingFilter_new(
                RD_KAFKA_RESOURCE_ANY, nil, RD_KAFKA_RESOURCE_PATTERN_ANY, nil, nil, RD_KAFKA_ACL_OPERATION_ANY,
                RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, &text, text.count)
        else { throw KafkaError(.invalidArgument, operation: "list rights", message: KafkaConfiguration.text(text)) }
        defer { rd_kafka_AclBinding_destroy(filter) }
        let event = try ask("list rights", timeout) { options, replies in
            rd_kafka_DescribeAcls(pointer, filter, options, replies)
        }
        return try event.withPointer { event throws(KafkaError) in
            var count = 0
            let found = rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event), &count)
            return Set(UnsafeBufferPointer(start: found, count: count).compactMap { $0.flatMap(KafkaAcl.init(binding:)) })
        }
    }
}
