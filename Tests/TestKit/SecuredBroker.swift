import CPosix
public import Foundation
import Glibc
public import Kafka
import Synchronization
import Testing

/// A real broker that asks for sign-in over TLS and has an authorizer, one for all tests of the process; ends with it.
///
/// From the Kafka in `KAFKA_HOME` or ../shared/kafka. Listeners: `admin` (plain; who comes there is the administrator), `client`
/// (SASL_SSL), `plain` (SASL_PLAINTEXT), `expired` (SASL_SSL with a certificate of years ago), `lost` (advertises a name that nobody
/// can resolve).
public struct SecuredBroker: Sendable {
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    public enum Door: Int, CaseIterable, Sendable {
        case admin, client, plain, expired, lost
    }

    /// What the door `lost` advertises.
    public static let lostName = "broker.shao.invalid"
    public let certificates: Certificates
    private let ports: [UInt16]

    /// Where the broker listens for this kind of client.
    public func servers(_ door: Door, host: String = "127.0.0.1") -> String { "\(host):\(ports[door.rawValue])" }
    public func port(_ door: Door) -> UInt16 { ports[door.rawValue] }

    /// The administrator's.
    public var admin: KafkaConfiguration { KafkaConfiguration(bootstrapServers: servers(.admin)) }

    /// A user's environment, as compose gives it to a service: everything but the password's file.
    public func environment(_ user: String, door: Door = .client) -> [String: String] {
        [
            "KAFKA_BOOTSTRAP_SERVERS": servers(door), "SHAO_KAFKA_SECURITY_PROTOCOL": door == .plain ? "SASL_PLAINTEXT" : "SASL_SSL",
            "SHAO_KAFKA_SASL_MECHANISM": "PLAIN", "SHAO_KAFKA_SASL_USERNAME": user,
            "SHAO_KAFKA_SSL_CA_LOCATION": certificates.authority,
        ]
    }

    /// Users whom PLAIN knows, each with the password `password(user)`. PLAIN's are told the broker at its start; Debian 12's librdkafka
    /// can sign in to Kafka 4 by no SCRAM.
    public static func password(_ user: String) -> String { "\(user)-s3cret" }

    // MARK: Start

    /// Nil when there is no Kafka or no Java; `reason` says what is missing.
    public static let home: URL? = {
        let here = URL(filePath: FileManager.default.currentDirectoryPath)
        let given = ProcessInfo.processInfo.environment["KAFKA_HOME"]
        if given == "none" { return nil }
        let places = [given.map { URL(filePath: $0) }, here.appending(path: "../shared/kafka")].compactMap(\.self)
        return places.first { FileManager.default.fileExists(atPath: $0.appending(path: "libs").path()) }
    }()
    public static var isAvailable: Bool {
        home != nil && Certificates.isAvailable && FileManager.default.isExecutableFile(atPath: "/usr/bin/java")
    }
    public static let reason = "no Kafka (KAFKA_HOME, ../shared/kafka), no /usr/bin/java, or no openssl"

    private static let started = Mutex<SecuredBroker?>(nil)

    /// The one broker, started by the first who asks; `users` beside it may sign in.
    public static func shared() throws -> SecuredBroker {
        try started.withLock { started in
            if let started { return started }
            let broker = try SecuredBroker()
            started = broker
            return broker
        }
    }

    /// Everybody who signs in anywhere in the tests.
    public static let users = ["intake", "routing", "notification", "voting", "analytics", "dept-water", "dept-water-2", "stranger"]

    private init() throws {
        guard let home = Self.home else { throw Failed(description: Self.reason) }
        let folder = URL(filePath: "/tmp/shao-secured-\(UUID().uuidString.prefix(8).lowercased())")
        certificates = try Certificates(in: folder)
        ports = try (0...Door.allCases.count).map { _ in try FreePort.next() }
        let file = folder.appending(path: "server.properties")
        try Data(try properties(folder).utf8).write(to: file)
        let classes = "\(home.path())/libs/*"
        // Foundation waits for a child whose descriptors were closed, and for nothing else meanwhile: so the child ends at once, and
        // what goes on has none of our descriptors but its input.
        let script = """
            log=-Dlog4j2.configurationFile=\(home.path())/log4j2.properties
            [ -e "${log#*=}" ] || log=-Dlog4j2.configurationFile=\(home.path())/config/log4j2.yaml
            for open in /proc/self/fd/*; do number=${open##*/}; ((number <= 2)) || eval "exec $number>&-"; done
            (
                java $log -cp '\(classes)' kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAA -c '\(file.path())' >'\(folder.path())/format.log' 2>&1 </dev/null || exit 1
                java -Xmx256m $log -cp '\(classes)' kafka.Kafka '\(file.path())' >'\(folder.path())/log' 2>&1 </dev/null &
                cat >/dev/null
                kill -KILL $!
                rm -rf '\(folder.path())'
            ) <&0 &
            """
        // The broker lives as long as this process holds the other end of its input, however the process ends.
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", script]
        let leash = Pipe()
        process.standardInput = leash
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        Self.leash.withLock { $0 = leash }
    }

    private static let leash = Mutex<Pipe?>(nil)

    /// Returns when every door is open.
    public func ready() async throws {
        let isOpen = await eventually(within: .seconds(60), "the secured broker is up") { Door.allCases.allSatisfy { answers(port($0)) } }
        if !isOpen { throw Failed(description: "the broker did not start: see \(certificates.folder.path())") }
    }

    private func answers(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private func properties(_ folder: URL) throws -> String {
        let login = "org.apache.kafka.common.security"
        let users = Self.users.map { " user_\($0)=\"\(Self.password($0))\"" }.joined()
        let controller = ports[Door.allCases.count]
        let at = Door.allCases.map { "\($0)".uppercased() + "://127.0.0.1:\(ports[$0.rawValue])" }
        let advertised = Door.allCases.map { door in
            "\(door)".uppercased() + "://\(door == .lost ? Self.lostName : "127.0.0.1"):\(ports[door.rawValue])"
        }
        let signIn = ["client", "plain", "expired"].map { door in
            """
            listener.name.\(door).plain.sasl.jaas.config=\(login).plain.PlainLoginModule required\(users);
            listener.name.\(door).scram-sha-512.sasl.jaas.config=\(login).scram.ScramLoginModule required;
            """
        }
        let stores = try [("client", false), ("expired", true)].map { door, expired in
            "listener.name.\(door).ssl.keystore.type=PEM\nlistener.name.\(door).ssl.keystore.location=\(try certificates.keystore(expired: expired))"
        }
        return """
            process.roles=broker,controller
            node.id=1
            controller.quorum.voters=1@127.0.0.1:\(controller)
            listeners=\(at.joined(separator: ",")),CONTROLLER://127.0.0.1:\(controller)
            advertised.listeners=\(advertised.joined(separator: ","))
            listener.security.protocol.map=ADMIN:PLAINTEXT,CLIENT:SASL_SSL,PLAIN:SASL_PLAINTEXT,EXPIRED:SASL_SSL,LOST:PLAINTEXT,CONTROLLER:PLAINTEXT
            controller.listener.names=CONTROLLER
            inter.broker.listener.name=ADMIN
            sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
            \(signIn.joined(separator: "\n"))
            \(stores.joined(separator: "\n"))
            authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
            super.users=User:ANONYMOUS
            allow.everyone.if.no.acl.found=false
            log.dirs=\(folder.path())/data
            auto.create.topics.enable=false
            offsets.topic.replication.factor=1
            offsets.topic.num.partitions=1
            transaction.state.log.replication.factor=1
            transaction.state.log.min.isr=1
            group.initial.rebalance.delay.ms=0
            """
    }
}
