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

    init(_ service: String, replica: Int, _ place: Environment, on loop: EventLoop) {
        self.service = service
        name = replica == 0 ? service : "\(service)-\(["a", "b", "c"][min(replica, 2)])"
        child = Child(name, logs: place.logs, pids: place.pids)
        postgres = Link("\(name) → Postgres", on: loop)
        doors = Link("\(name) → the others' doors", on: loop)
        kafka = Link("\(name) → Kafka", speaksKafka: true, on: loop)
        let number = Street.services.firstIndex(of: service) ?? 0
        httpPort = place.firstPort + number + 10 * replica
        adminPort = place.firstPort + 50 + number + 10 * replica
    }

    var isSpare: Bool { name != service }
    var door: Target { .port(UInt16(clamping: adminPort)) }
}

/// Five services, their database server and their broker: what `./dev up` starts, with a link of ours in every way.
final class Street: Sendable {
    static let services = ["intake", "routing", "notification", "voting", "analytics"]

    let place: Environment
    let broker: Broker
    let server: Server?
    let databases: Databases
    let client: HTTPClient
    private let network: EventLoop
    private let stations: Mutex<[ServiceProcess]>

    init(_ place: Environment, topics: [String]) throws {
        self.place = place
        let network = try EventLoop(name: "network")
        self.network = network
        broker = Broker(place, topics: topics)
        server = Server(place)
        databases = Databases(place.postgres, Self.services)
        client = try HTTPClient(.unrestricted)
        stations = Mutex(Self.services.map { ServiceProcess($0, replica: 0, place, on: network) })
    }

    var all: [ServiceProcess] { stations.withLock { $0 } }

    subscript(_ service: String) -> ServiceProcess {
        all.first { $0.name == service } ?? ServiceProcess(service, replica: 0, place, on: network)
    }

    /// Who asks for the one is led to the other: nil, to itself again.
    func lead(_ station: ServiceProcess, to other: ServiceProcess?) {
        for one in all { one.doors.lead(station.door, to: other?.door) }
    }

    // MARK: Services

    /// A second process of this service; `dismiss` ends it.
    func hire(_ service: String) async throws -> ServiceProcess {
        let spare = ServiceProcess(service, replica: 1, place, on: network)
        stations.withLock { $0.append(spare) }
        try start(spare)
        try await ready(spare)
        return spare
    }

    func dismiss(_ spare: ServiceProcess) async {
        await spare.child.end()
        spare.postgres.close()
        spare.kafka.close()
        spare.doors.close()
        stations.withLock { $0.removeAll { $0 === spare } }
    }

    /// - Parameter wrapper: a program that starts it, such as one that takes something away from it first.
    func start(_ station: ServiceProcess, with more: [String: String] = [:], wrapper: [String] = []) throws {
        let environment = try environment(of: station).merging(more) { _, new in new }
        try station.child.start(wrapper + ["\(place.products)/\(station.service)", "serve"], environment: environment)
    }

    func ready(_ station: ServiceProcess, within limit: Duration = .seconds(40)) async throws {
        let isReady = await Wait.until(limit) {
            guard station.child.isRunning else { return true }
            return try await self.get(station, "/readyz").status == 200
        }
        guard isReady, station.child.isRunning else { throw Failure("\(station.name) is not ready: \(station.child.tail)") }
    }

    func get(_ station: ServiceProcess, _ path: String, timeout: Duration = .seconds(2)) async throws -> HTTPClient.Response {
        var request = HTTPClient.Request.get("http://127.0.0.1:\(station.adminPort)\(path)")
        request.timeout = timeout
        request.largestAnswer = 4 << 20
        return try await client.send(request)
    }

    /// kill -9, and started again at once, as a supervisor would.
    func killAndRestart(_ station: ServiceProcess, with more: [String: String] = [:]) async throws {
        await station.child.kill9()
        try start(station, with: more)
    }

    private func environment(of station: ServiceProcess) throws -> [String: String] {
        guard let port = station.postgres.port(to: databaseSocket), let kafka = station.kafka.port(to: .port(broker.port)) else {
            throw Failure("no port is left")
        }
        var environment = try place.settings(of: station.service)
        environment["SHAO_POSTGRES"] = place.postgres.conninfo(station.service, port: port)
        environment["KAFKA_BOOTSTRAP_SERVERS"] = "127.0.0.1:\(kafka)"
        environment["SHAO_HTTP_PORT"] = "\(station.httpPort)"
        environment["SHAO_ADMIN_PORT"] = "\(station.adminPort)"
        environment["SHAO_DRAIN_NOTICE_MS"] = "0"
        for service in Self.services {
            let door = station.doors.port(to: self[service].door) ?? 0
            environment["SHAO_\(service.uppercased())_URL"] = "http://127.0.0.1:\(door)"
        }
        if environment["SHAO_OUTBOX_DIR"] != nil { environment["SHAO_OUTBOX_DIR"] = "\(place.state)/outbox" }
        if place.isUnsafe { environment.merge(Self.withoutSafety) { _, new in new } }
        return environment
    }

    /// Every safety setting of librdkafka and of the brokers' clients, the wrong way round.
    static let withoutSafety = [
        "SHAO_KAFKA_ACKS": "0", "SHAO_KAFKA_ENABLE_IDEMPOTENCE": "false", "SHAO_KAFKA_CHECK_CRCS": "false",
        "SHAO_KAFKA_RETRIES": "0", "SHAO_KAFKA_MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION": "64",
        "SHAO_KAFKA_AUTO_OFFSET_RESET": "latest",
    ]

    private var databaseSocket: Target { .path("\(place.postgres.socket)/.s.PGSQL.\(place.postgres.port)") }

    // MARK: All of it

    /// Everything from nothing: databases as migrated, an empty broker, five services that know the street.
    func fresh() async throws {
        await stopServices()
        try await databases.copyTemplates()
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(place.state)/outbox")) ?? [] {
            unlink("\(place.state)/outbox/\(name)")
        }
        await broker.stop()
        try await broker.start()
        if broker.isReal {
            try await Command.must(
                ["\(place.products)/routing", "topics", "--create"], environment: try environment(of: self["routing"]),
                output: "\(place.logs)/topics.log")
        }
        for station in all { try start(station) }
        for station in all { try await ready(station) }
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
                ["\(place.products)/\(service)", "migrate"], environment: try environment(of: self[service]),
                output: "\(place.logs)/migrate-\(service).log")
            try await databases.keepTemplate(service)
        }
    }

    func stopServices() async {
        await withDiscardingTaskGroup { group in
            for station in all {
                station.postgres.set(.fine)
                station.kafka.set(.fine)
                station.doors.set(.fine)
                group.addTask(executorPreference: EventLoop.shared) { await station.child.end(within: .seconds(8)) }
            }
        }
    }

    func stop() async {
        await stopServices()
        await broker.stop()
        await databases.close()
    }
}
