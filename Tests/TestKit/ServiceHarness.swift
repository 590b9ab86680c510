import CPosix
import EventLog
import EventLoop
import FoundationEssentials
import Glibc
public import HTTP
public import Postgres
public import ServiceKit
import Synchronization
public import Telemetry

/// Services of ours in this process: each with a database, ports, a log and a part of one broker of its own. They serve by a role that
/// owns nothing and has the rights they declare; `Service.pool` is the owner's.
///
///     try await ServiceHarness.run([Intake.self, Routing.self], kafka: cluster.configuration) { street in … }
public struct ServiceHarness: Sendable {
    /// One service as it runs.
    public struct Service: Sendable {
        public let name: String
        public let port: UInt16
        public let adminPort: UInt16
        public let database: PostgresConfiguration
        public let pool: PostgresPool
        public let log: LogTape
    }

    private let services: [String: Service]
    private let client: HTTPClient

    /// The service of that name. A test that asks for one it did not start is wrong.
    public func callAsFunction(_ name: String) -> Service {
        guard let service = services[name] else { preconditionFailure("no service \(name) was started") }
        return service
    }

    public var all: [Service] { services.values.sorted { $0.name < $1.name } }

    /// Any answer of a service to a request for a path.
    public func send(
        _ method: String, _ path: String, to name: String, token: String? = nil, cookie: String? = nil, _ body: [UInt8] = [],
        type: String? = nil
    ) async throws -> HTTPClient.Response {
        var request = HTTPClient.Request(method, "http://127.0.0.1:\(self(name).port)\(path)")
        request.body = body
        if let type { request.headers.append(("content-type", type)) }
        if let token { request.headers.append(("authorization", "Bearer \(token)")) }
        if let cookie { request.headers.append(("cookie", cookie)) }
        return try await client.send(request)
    }

    /// Starts the services, waits until all are ready, runs `body`, and stops them gracefully.
    ///
    /// - Parameters:
    ///   - settings: beside the common ones: by service name, for all under `""`.
    ///   - prepare: what is done in a migrated database before its service starts, by service name.
    public static func run(
        _ services: [any ServiceMain.Type], kafka: String, settings: [String: [String: String]] = [:],
        prepare: [String: @Sendable (PostgresConfiguration) async throws -> Void] = [:],
        _ body: @Sendable (ServiceHarness) async throws -> Void
    ) async throws {
        try await withDatabases(services[...], []) { databases in
            let places = try services.map { service in try Place(service.name) }
            var running: [(service: Service, stop: Signal, task: Task<Void, any Error>)] = []
            for (service, place) in zip(services, places) {
                guard let database = databases.first(where: { $0.name == service.name }) else { continue }
                try await prepare[service.name]?(database.configuration)
                let owner = try await conninfo(of: database.configuration)
                let serving = try await ServingRole.grant(service.rights, in: database.configuration, conninfo: owner)
                let environment = environment(place, places, serving, owner, kafka, settings)
                running.append(try await start(service, place, database.configuration, environment))
            }
            let client = try HTTPClient(.unrestricted)
            let harness = ServiceHarness(
                services: Dictionary(uniqueKeysWithValues: running.map { ($0.service.name, $0.service) }), client: client)
            var failure: (any Error)?
            do {
                for (service, _, task) in running { try await ready(service, client, task) }
                try await body(harness)
            } catch { failure = error }
            for (_, stop, task) in running.reversed() {
                stop.raise()
                do { try await task.value } catch { failure = failure ?? error }
            }
            if let failure { throw failure }
        }
    }

    // MARK: Steps

    private struct Place: Sendable {
        let name: String
        let port: UInt16
        let adminPort: UInt16
        init(_ name: String) throws {
            self.name = name
            port = try FreePort.next()
            adminPort = try FreePort.next()
        }
    }

    private typealias NamedDatabase = (name: String, configuration: PostgresConfiguration)

    private static func withDatabases(
        _ services: ArraySlice<any ServiceMain.Type>, _ made: [NamedDatabase], _ body: ([NamedDatabase]) async throws -> Void
    ) async throws {
        guard let service = services.first else { return try await body(made) }
        try await TemporaryDatabase.withConfiguration(migrations: try service.allMigrations) { configuration in
            try await withDatabases(services.dropFirst(), made + [(service.name, configuration)], body)
        }
    }

    /// The scratch server's, with the temporary database in place of its own: of a repeated keyword libpq takes the last.
    private static func conninfo(of database: PostgresConfiguration) async throws -> String {
        let names = try await TemporaryDatabase.withPool(database) {
            try await $0.query("SELECT current_database()::text", as: String.self)
        }
        return database.conninfo + names.map { " dbname=\($0)" }.joined()
    }

    private static func environment(
        _ place: Place, _ places: [Place], _ serving: String, _ owner: String, _ kafka: String, _ settings: [String: [String: String]]
    ) -> [String: String] {
        var environment = [
            "SHAO_POSTGRES": serving, "SHAO_REBUILD_POSTGRES": owner, "SHAO_HTTP_PORT": "\(place.port)",
            "SHAO_ADMIN_PORT": "\(place.adminPort)", "SHAO_EVENT_KEY": "event key of a test", "KAFKA_BOOTSTRAP_SERVERS": kafka,
            "SHAO_DRAIN_NOTICE_MS": "0",
        ]
        for other in places { environment["SHAO_\(other.name.uppercased())_URL"] = "http://127.0.0.1:\(other.adminPort)" }
        for more in [settings[""], settings[place.name]].compactMap({ $0 }) { environment.merge(more) { _, new in new } }
        return environment
    }

    private static func start(
        _ service: any ServiceMain.Type, _ place: Place, _ database: PostgresConfiguration, _ environment: [String: String]
    ) async throws -> (Service, Signal, Task<Void, any Error>) {
        let tape = LogTape()
        let configuration = try Configuration(environment: environment, keys: CommonSettings.all + service.settings)
        let loop = EventLoop.shared
        let stop = Signal(on: loop)
        let pool = PostgresPool(database, on: loop, log: Log("test", level: .error))
        let task = Task(executorPreference: loop) {
            let watching = Task(executorPreference: loop) { await pool.run() }
            var assembly = try Assembly(name: service.name, configuration: configuration, loop: loop, log: Log(service.name, sink: tape))
            do {
                try await service.assemble(&assembly)
                try await assembly.run(until: stop)
            } catch {
                await pool.close(within: .zero)
                await watching.value
                throw error
            }
            await pool.close()
            await watching.value
        }
        return (
            Service(name: service.name, port: place.port, adminPort: place.adminPort, database: database, pool: pool, log: tape), stop, task
        )
    }

    private static func ready(_ service: Service, _ client: HTTPClient, _ task: Task<Void, any Error>) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            let request = HTTPClient.Request.get("http://127.0.0.1:\(service.adminPort)/readyz?verbose")
            if let answer = try? await client.send(request), answer.status == 200 { return }
            try await EventLoop.shared.sleep(for: .milliseconds(25))
        }
        task.cancel()
        throw ServiceProcess.Failed(description: "\(service.name) is not ready:\n\(service.log.tail)")
    }
}

/// Keeps what a service logs, whole.
public final class LogTape: LogSink {
    private let lines = Mutex<[String]>([])
    public init() {}
    public func write(_ line: [UInt8]) { lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
    public var text: String { lines.withLock { $0.joined() } }
    public var tail: String { lines.withLock { $0.suffix(15).joined() } }
}

/// Ports that nobody listens on now. Somebody may before we do; then the service says so.
public enum FreePort {
    public static func next() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError(call: "socket") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard outcome else { throw SystemError(call: "bind") }
        return UInt16(bigEndian: address.sin_port)
    }
}
