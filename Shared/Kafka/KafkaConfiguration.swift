import CLibrdkafka

/// Properties of a Kafka client, by librdkafka's own names; every one passes through.
///
/// What is not given takes the value of ``producerDefaults`` or ``consumerDefaults``: librdkafka's own lose data in silence
/// (no idempotence, automatic commits, records dropped after five minutes). Values of secret properties are never printed.
/// SASL and TLS: `security.protocol`, `sasl.*`, `ssl.*`. A common configuration may hold properties of both sides;
/// what concerns the other side is ignored by the library with a log line.
public struct KafkaConfiguration: Sendable, ExpressibleByDictionaryLiteral {
    private(set) var properties: [String: String]

    public init(dictionaryLiteral elements: (String, String)...) {
        properties = Dictionary(elements, uniquingKeysWith: { _, later in later })
    }

    public init(_ properties: [String: String]) {
        self.properties = properties
    }

    /// Comma-separated `host:port`.
    public init(bootstrapServers: String) {
        properties = ["bootstrap.servers": bootstrapServers]
    }

    /// The value given for a property; `nil` where the default holds.
    public subscript(property: String) -> String? {
        get { properties[property] }
        set { properties[property] = newValue }
    }

    /// A copy in which the other's values win.
    public func merging(_ other: KafkaConfiguration) -> KafkaConfiguration {
        KafkaConfiguration(properties.merging(other.properties) { _, theirs in theirs })
    }

    /// For both sides.
    public static let commonDefaults: [String: String] = [
        "client.id": "shao",
        "client.software.name": "shao",
        "socket.keepalive.enable": "true",  // a silent peer is noticed although nothing is sent
        "socket.nagle.disable": "true",
        "reconnect.backoff.ms": "100",
        "reconnect.backoff.max.ms": "1000",  // a broker that restarts is found within a second
        "statistics.interval.ms": "0",
        // Also how long a topic made later stays unread, and how long one waits that a client asked for while it was connecting: librdkafka
        // now and then forgets that question, and its default of five minutes is then a standstill.
        "topic.metadata.refresh.interval.ms": "10000",
        "allow.auto.create.topics": "false",  // a misspelt topic is an error, not a new topic
    ]

    /// Order and no loss first, then small latency: a batch leaves after 2 ms.
    public static let producerDefaults: [String: String] = [
        "acks": "all",
        "enable.idempotence": "true",
        "max.in.flight": "5",
        "message.timeout.ms": "0",  // never given up: a time-out would tear a hole into the order
        "linger.ms": "2",
        "batch.size": "262144",
        "compression.codec": "none",  // kafkajs, for one, reads no other than gzip without a plug-in
        "message.max.bytes": "1000000",  // below a stock broker's 1 048 588; the outbox takes nothing that does not fit
        "topic.metadata.propagation.max.ms": "10000",  // a topic that is missing holds up its sender for so long
        "queue.buffering.max.messages": "20000",
        "queue.buffering.max.kbytes": "16384",
        "partitioner": "murmur2_random",  // Java's, so that foreign producers agree
    ]

    /// Positions are ours to decide: no automatic commit or store, and a missing start offset is an error.
    public static let consumerDefaults: [String: String] = [
        "enable.auto.commit": "false",
        "enable.auto.offset.store": "false",
        "auto.offset.reset": "error",
        "check.crcs": "true",
        "fetch.wait.max.ms": "50",
        "fetch.error.backoff.ms": "100",
        "queued.min.messages": "5000",
        "queued.max.messages.kbytes": "8192",
        "enable.partition.eof": "true",
        "partition.assignment.strategy": "range",  // cooperative-sticky is broken before 2.10 (hangs, loops, lost assignments)
        "session.timeout.ms": "10000",
        "heartbeat.interval.ms": "3000",
        "max.poll.interval.ms": "300000",
    ]

    /// The wrappers' own mechanics; changing them would make reports or logs vanish.
    private static let fixed: [String: String] = ["log.queue": "true", "delivery.report.only.error": "false"]

    enum Side {
        case producer, consumer, admin

        var defaults: [String: String] {
            switch self {
            case .producer: KafkaConfiguration.commonDefaults.merging(KafkaConfiguration.producerDefaults) { $1 }
            case .consumer: KafkaConfiguration.commonDefaults.merging(KafkaConfiguration.consumerDefaults) { $1 }
            case .admin: KafkaConfiguration.commonDefaults
            }
        }

        var fixed: [String: String] {
            self == .producer ? KafkaConfiguration.fixed : ["log.queue": "true"]
        }
    }
}

extension KafkaConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Sorted `name=value`, secrets as `****`.
    public var description: String {
        properties.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.isSecret($0.key) ? "****" : $0.value)" }.joined(separator: " ")
    }

    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["properties": description]) }

    /// Judged by name, so that properties of later library versions are covered too.
    static func isSecret(_ name: String) -> Bool {
        ["password", "secret", "token", "jaas", "pem", "oauthbearer.config"].contains { name.contains($0) }
    }
}

extension KafkaConfiguration {
    /// The library's configuration object, owned by the caller.
    func makeConf(_ side: Side, extra: [String: String] = [:]) throws(KafkaError) -> OpaquePointer {
        let conf: OpaquePointer = rd_kafka_conf_new()
        do throws(KafkaError) {
            for (name, value) in side.defaults.merging(extra, uniquingKeysWith: { $1 }) where !isGiven(name) {
                try Self.set(conf, name, value)
            }
            for (name, value) in properties {
                if side.fixed[name] != nil { throw Self.refusal(name, "is set by the client and cannot be changed") }
                try Self.set(conf, name, value)
            }
            for (name, value) in side.fixed { try Self.set(conf, name, value) }
        } catch {
            rd_kafka_conf_destroy(conf)
            throw error
        }
        return conf
    }

    /// Under its own name or an alias: a default set afterwards would win over the alias.
    private func isGiven(_ name: String) -> Bool {
        properties[name] != nil || (Self.aliases[name] ?? []).contains { properties[$0] != nil }
    }

    private static let aliases: [String: [String]] = [
        "acks": ["request.required.acks"], "max.in.flight": ["max.in.flight.requests.per.connection"],
        "message.timeout.ms": ["delivery.timeout.ms"], "linger.ms": ["queue.buffering.max.ms"],
        "compression.codec": ["compression.type"],
    ]

    private static func set(_ conf: OpaquePointer, _ name: String, _ value: String) throws(KafkaError) {
        var text = [CChar](repeating: 0, count: 512)
        switch rd_kafka_conf_set(conf, name, value, &text, text.count) {
        case RD_KAFKA_CONF_OK: return
        case RD_KAFKA_CONF_UNKNOWN: throw refusal(name, "is not known to librdkafka \(String(cString: rd_kafka_version_str()))")
        default: throw refusal(name, isSecret(name) ? "has a bad value" : "has a bad value: \(Self.text(text))")
        }
    }

    private static func refusal(_ name: String, _ why: String) -> KafkaError {
        KafkaError(.configuration, operation: "configure", message: "property \"\(name)\" \(why)")
    }

    /// A C buffer's text up to its NUL.
    static func text(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
