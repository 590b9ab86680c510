import EventLoop
import FoundationEssentials
import Glibc
import HTTP
import Synchronization

/// One process of a service, with its own links to Postgres and Kafka.
final class ServiceProcess: Sendable {
    let service: String
    /// `routing`, and `routing-b` for the second replica.
    let name: String
    let child: Child
    let postgres: Link
    let kafka: Link
    /// To the admin ports of all services: owners' streams are read over it.
    let doors: Link
    let httpPort: Int
    let adminPort: Int

    init(_ service: String, replica: Int, _ environment: Environment, on loop: EventLoop) {
        self.service = service
        name = replica == 0 ? service : "\(service)-\(["a", "b", "c"][min(replica, 2)])"
        child = Child(name, logs: environment.logs, pids: environment.pids)
        postgres = Link("\(name) → Postgres", on: loop)
        doors = Link("\(name) → the others' doors", on: loop)
        kafka = Link("\(name) → Kafka", speaksKafka: true, on: loop)
        let number = Street.services.firstIndex(of: service) ?? 0
        httpPort = environment.firstPort + number + 10 * replica
        adminPort = environment.firstPort + 50 + number + 10 * replica
    }

    var isSpare: Bool { name != service }
    var door: Target { .port(UInt16(clamping: adminPort)) }
}

/// Five services, their database server and their broker: what `./dev up` starts, with a link of ours in every way.
final class Street: Sendable {
    static let services = ["intake", "routing", "notification", "voting", "analytics"]

    let environment: Environment
    let broker: Broker
    let server: Server?
    let databases: Databases
    let client: HTTPClient
    private let network: EventLoop
    private let processes: Mutex<[ServiceProcess]>

    init(_ environment: Environment, topics: [String]) throws {
        self.environment = environment
        let network = try EventLoop(name: "network")
        self.network = network
        broker = Broker(environment, topics: topics)
        server = Server(environment)
        databases = Databases(environment.postgres, Self.services)
        client = try HTTPClient(.unrestricted)
        processes = Mutex(Self.services.map { ServiceProcess($0, replica: 0, environment, on: network) })
    }

    var all: [ServiceProcess] { processes.withLock { $0 } }

    subscript(_ service: String) -> ServiceProcess {
        all.first { $0.name == service } ?? ServiceProcess(service, replica: 0, environment, on: network)
    }

    /// Who asks for the one is led to the other: nil, to itself again.
    func lead(_ process: ServiceProcess, to other: ServiceProcess?) {
        for one in all { one.doors.lead(process.door, to: other?.door) }
    }

    // MARK: Services

    /// A second process of this service; `dismiss` ends it.
    func hire(_ service: String) async throws -> ServiceProcess {
        let spare = ServiceProcess(service, replica: 1, environment, on: network)
        processes.withLock { $0.append(spare) }
        try start(spare)
        try await ready(spare)
        return spare
    }

    func dismiss(_ spare: ServiceProcess) async {
        await spare.child.end()
        spare.postgres.close()
        spare.kafka.close()
        spare.doors.close()
        processes.withLock { $0.removeAll { $0 === spare } }
    }

    /// - Parameter wrapper: a program that starts it, such as one that takes something away from it first.
    func start(_ process: ServiceProcess, with more: [String: String] = [:], wrapper: [String] = []) throws {
        let variables = try variables(of: process).merging(more) { _, new in new }
        try process.child.start(wrapper + ["\(environment.products)/\(process.service)", "serve"], environment: variables)
    }

    func ready(_ process: ServiceProcess, within limit: Duration = .seconds(40)) async throws {
        let isReady = await Wait.until(limit) {
            guard process.child.isRunning else { return true }
            return try await self.get(process, "/readyz").status == 200
        }
        guard isReady, process.child.isRunning else { throw Failure("\(process.name) is not ready: \(process.child.tail)") }
    }

    func get(_ process: ServiceProcess, _ path: String, timeout: Duration = .seconds(2)) async throws -> HTTPClient.Response {
        var request = HTTPClient.Request.get("http://127.0.0.1:\(process.adminPort)\(path)")
        request.timeout = timeout
        request.largestAnswer = 4 << 20
        return try await client.send(request)
    }

    /// kill -9, and started again at once, as a supervisor would.
    func killAndRestart(_ process: ServiceProcess, with more: [String: String] = [:]) async throws {
        await process.child.kill9()
        try start(process, with: more)
    }

    private func variables(of process: ServiceProcess) throws -> [String: String] {
        guard let port = process.postgres.port(to: databaseSocket), let kafka = process.kafka.port(to: .port(broker.port)) else {
            throw Failure("no port is left")
        }
        var variables = try environment.settings(of: process.service)
        variables["SHAO_POSTGRES"] = environment.postgres.conninfo(process.service, port: port)
        variables["KAFKA_BOOTSTRAP_SERVERS"] = "127.0.0.1:\(kafka)"
        variables["SHAO_HTTP_PORT"] = "\(process.httpPort)"
        variables["SHAO_ADMIN_PORT"] = "\(process.adminPort)"
        variables["SHAO_DRAIN_NOTICE_MS"] = "0"
        for service in Self.services {
            let door = process.doors.port(to: self[service].door) ?? 0
            variables["SHAO_\(service.uppercased())_URL"] = "http://127.0.0.1:\(door)"
        }
        if variables["SHAO_OUTBOX_DIR"] != nil { variables["SHAO_OUTBOX_DIR"] = "\(environment.state)/outbox" }
        if environment.isUnsafe { variables.merge(Self.withoutSafety) { _, new in new } }
        return variables
    }

    /// Every safety setting of librdkafka and of the brokers' clients, the wrong way round.
    static let withoutSafety = [
        "SHAO_KAFKA_ACKS": "0", "SHAO_KAFKA_ENABLE_IDEMPOTENCE": "false", "SHAO_KAFKA_CHECK_CRCS": "false",
        "SHAO_KAFKA_RETRIES": "0", "SHAO_KAFKA_MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION": "64",
        "SHAO_KAFKA_AUTO_OFFSET_RESET": "latest",
    ]

    private var databaseSocket: Target { .path("\(environment.postgres.socket)/.s.PGSQL.\(environment.postgres.port)") }

    // MARK: All of it

    /// Everything from nothing: databases as migrated, an empty broker, five services that know the street.
    func fresh() async throws {
        await stopServices()
        try await databases.copyTemplates()
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(environment.state)/outbox")) ?? [] {
            unlink("\(environment.state)/outbox/\(name)")
        }
        await broker.stop()
        try await broker.start()
        if broker.isReal {
            try await Command.must(
                ["\(environment.products)/routing", "topics", "--create"], environment: try variables(of: self["routing"]),
                output: "\(environment.logs)/topics.log")
        }
        for process in all { try start(process) }
        for process in all { try await ready(process) }
        guard await Wait.until(.seconds(60), { try await self.databases.count("intake", DatabaseQueries.plates) > 0 }) else {
            throw Failure("intake never heard of the plates: \(self["intake"].child.tail)")
        }
    }

    /// Migrated databases to copy from, made by the services themselves.
    func prepare() async throws {
        await databases.open()
        for service in Self.services {
            guard try await databases.makeTemplate(service) else { continue }
            try await Command.must(
                ["\(environment.products)/\(service)", "migrate"], environment: try variables(of: self[service]),
                output: "\(environment.logs)/migrate-\(service).log")
            if service == "routing" { try await importCity() }
            try await databases.keepTemplate(service)
        }
    }

    /// The demo's places, units and rules, by routing's own command.
    func importCity() async throws {
        try await Command.must(
            ["\(environment.products)/routing", "import", environment.demo], environment: try variables(of: self["routing"]),
            output: "\(environment.logs)/import.log")
    }

    func stopServices() async {
        await withDiscardingTaskGroup { group in
            for process in all {
                process.postgres.set(.fine)
                process.kafka.set(.fine)
                process.doors.set(.fine)
                group.addTask(executorPreference: EventLoop.shared) { await process.child.end(within: .seconds(8)) }
            }
        }
    }

    func stop() async {
        await stopServices()
        await broker.stop()
        await databases.close()
    }
}
