import FoundationEssentials
import Glibc

/// Where everything lies, as `./dev chaos` says it.
struct Environment: Sendable {
    /// State of this run: env/ (a file of settings per service), log/, pids/, outbox/.
    let state: String
    /// The built executables.
    let products: String
    /// The demo street's files.
    let demo: String
    let firstPort: Int
    let postgres: PostgresSettings
    /// A script that starts and ends a real Kafka; nil: the embedded broker.
    let kafka: String?
    /// A small file system that holds pg_wal; nil: none could be mounted.
    let small: String?
    /// Every safety setting of Kafka's clients off.
    let isUnsafe: Bool

    var logs: String { "\(state)/log" }
    var pids: String { "\(state)/pids" }

    init(_ options: Options) throws {
        state = try options.require("state")
        products = try options.require("products")
        demo = try options.require("demo")
        firstPort = try options.number("first-port", default: 31_000)
        postgres = try PostgresSettings(options)
        kafka = options.text("kafka-script")
        small = options.text("small")
        isUnsafe = options.has("unsafe-kafka")
        for folder in [logs, pids, "\(state)/outbox"] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
    }

    /// The settings that `./dev up` would start the service with.
    func settings(of service: String) throws -> [String: String] {
        let text = try Self.text("\(state)/env/\(service)")
        var settings: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { settings[String(parts[0])] = String(parts[1]) }
        }
        return settings
    }

    /// A secret by its setting: the value, or the content of the file that is named.
    func secret(_ name: String, of service: String) throws -> String {
        let settings = try settings(of: service)
        if let value = settings[name] { return value }
        guard let file = settings[name + "_FILE"] else { throw Failure("\(service) has no \(name)") }
        return try Self.text(file).trimmingSuffix("\n")
    }

    /// A staff token of the demo street.
    func token(_ name: String) throws -> String { try Self.text("\(state)/secrets/staff/\(name).token").trimmingSuffix("\n") }

    static func text(_ path: String) throws -> String {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { throw Failure("\(path) cannot be read") }
        return String(decoding: data, as: UTF8.self)
    }
}

/// Where Postgres is, and, where this run may end and start it, how.
struct PostgresSettings: Sendable {
    /// The folder of its socket.
    let socket: String
    let port: Int
    /// A role for all services; nil: each has its own, with its password in the pass file.
    let user: String?
    let passFile: String?
    let prefix: String
    /// Present when the server is this run's own.
    let own: (programs: String, data: String, log: String)?

    init(_ options: Options) throws {
        socket = try options.require("postgres-socket")
        port = try options.number("postgres-port", default: 5432)
        user = options.text("postgres-user")
        passFile = options.text("postgres-passfile")
        prefix = options.text("database-prefix") ?? ""
        own =
            if let programs = options.text("postgres-programs"), let data = options.text("postgres-data") {
                (programs, data, options.text("postgres-log") ?? "/dev/null")
            } else { nil }
    }

    var superuser: String { "host='\(socket)' port=\(port) user=postgres" }

    func database(_ service: String) -> String { prefix + service }

    func role(_ service: String) -> String { user ?? service }

    /// For a service, through a link of ours.
    func conninfo(_ service: String, port: UInt16) -> String {
        var text = "host=127.0.0.1 port=\(port) user=\(role(service)) dbname=\(database(service)) sslmode=disable gssencmode=disable"
        if let passFile { text += " passfile='\(passFile)'" }
        return text
    }
}

extension String {
    func trimmingSuffix(_ end: String) -> String { hasSuffix(end) ? String(dropLast(end.count)) : self }
}
