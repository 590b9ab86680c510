import FoundationEssentials
import Kafka

/// Where everything is: the gateway, the checkout's state, Kafka. From options, files and environment, in this order.
struct Environment: Sendable {
    /// Without a slash at the end.
    let gateway: String
    let state: String
    /// The demo street's files.
    let data: String
    let kafka: KafkaConfiguration

    static let options: [Option] = [
        .required("gateway", "URL", "the gateway's address, as residents see it"),
        .required("state", "DIR", "the checkout's state, with secrets/staff/*.token"),
        .value("kafka", "SERVERS", "Kafka's addresses (default: KAFKA_BOOTSTRAP_SERVERS, else DIR/run/broker.address)"),
        .value("data", "DIR", "the demo street's files (default: deploy/demo beside the state)"),
    ]

    init(_ arguments: Arguments, environment: [String: String]) throws(Stop) {
        var gateway = try arguments.require("gateway")
        while gateway.hasSuffix("/") { gateway.removeLast() }
        guard gateway.hasPrefix("http://") || gateway.hasPrefix("https://") else {
            throw .usage("--gateway: “\(gateway)” is no http address")
        }
        self.gateway = gateway
        let state = try arguments.require("state")
        self.state = state
        data = arguments["data"] ?? "\(state)/../deploy/demo"
        let written = Self.text("\(state)/run/broker.address")
        let servers = arguments["kafka"] ?? environment["KAFKA_BOOTSTRAP_SERVERS"] ?? written ?? "127.0.0.1:29092"
        var kafka = KafkaConfiguration(bootstrapServers: servers)
        kafka["client.id"] = "shaoctl"
        do {
            for (property, value) in try KafkaConfiguration.properties(in: environment) { kafka[property] = value }
        } catch { throw .usage(error.description) }
        self.kafka = kafka
    }

    /// The token that `./dev up` made for this member of the demo street's staff.
    func token(_ name: String) throws(Stop) -> String {
        let path = "\(state)/secrets/staff/\(name).token"
        guard let token = Self.text(path), !token.isEmpty else {
            throw .unavailable("there is no staff token \(path); ./dev up makes it")
        }
        return token
    }

    func file(_ name: String) throws(Stop) -> [UInt8] {
        guard let data = try? Data(contentsOf: URL(filePath: "\(data)/\(name)")) else {
            throw .unavailable("\(data)/\(name) cannot be read; --data names the demo street's folder")
        }
        return Array(data)
    }

    private static func text(_ path: String) -> String? {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { return nil }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init)
    }
}
