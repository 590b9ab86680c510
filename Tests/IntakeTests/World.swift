import Contracts
import EventLog
import EventLoop
import Foundation
import HTTP
import JSON
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import Intake
@testable import ServiceKit

/// All suites that need Postgres, one after the other.
@Suite(.serialized, .enabled(if: TemporaryDatabase.isAvailable, "SHAO_TEST_POSTGRES names no scratch server"))
struct IntakeService {}

/// Intake as it runs, without Kafka: real server, real Postgres, real photo workers; what it logs is kept.
final class World: Sendable {
    let pool: PostgresPool
    let links: PrivateLinks
    let use: UseCases
    let outbox: Outbox
    let commit: GroupCommit
    let clock: ManualTimekeeper
    let log: CollectedLog
    let port: Int
    let adminPort: Int
    let serviceToken: String

    static let plate = "ANWVVR1E"
    static let category = "E06010"
    static let community = "310106019001"
    static let staffToken = "token-of-the-community"
    static let callerToken = "token-of-the-hotline"

    private init(_ service: Assembly, _ commit: GroupCommit, _ photos: PhotoWorkerPool, _ clock: ManualTimekeeper, _ log: CollectedLog)
        async throws
    {
        pool = service.postgres
        links = try service.links
        outbox = service.outbox
        use = try UseCases(service, commit: commit, photos: photos)
        self.commit = commit
        self.clock = clock
        self.log = log
        serviceToken = service.bearer
        var configuration = HTTPServerConfiguration(name: "http", host: "127.0.0.1", port: 0)
        configuration.problemPage = service.problemPage
        let server = try HTTPServer(configuration, routes: routes(use), on: .shared, log: service.log)
        port = try await server.start()
        let admin = try HTTPServer(
            HTTPServerConfiguration(name: "admin", host: "127.0.0.1", port: 0), routes: internalRoutes(use), on: .shared, log: service.log)
        adminPort = try await admin.start()
        servers = [server, admin]
    }
    private let servers: [HTTPServer]

    /// Runs `body` against a service on a database of its own that knows one plate.
    /// - Parameters:
    ///   - commits: whether the group commit runs from the start.
    ///   - settings: beside the usual ones; limits hold only where one is given here.
    ///   - photoWorker: the program that makes photos small.
    static func with(
        commits: Bool = true, settings: [String: String] = [:], photoWorker: String = Pictures.worker, _ body: (World) async throws -> Void
    ) async throws {
        try await TemporaryDatabase.withConfiguration(migrations: try Intake.allMigrations) { postgres in
            let database = try #require(
                try await TemporaryDatabase.withPool(postgres) {
                    try await $0.query("SELECT current_database()::text", as: String.self).first
                })
            let log = CollectedLog()
            let clock = ManualTimekeeper()
            let service = try Assembly(
                name: "intake", configuration: try configuration("\(postgres.conninfo) dbname=\(database)", settings), loop: .shared,
                log: Log("intake", level: .debug, sink: log), clock: clock)
            var limits = PhotoWorkerPool.Limits()
            limits.timeout = .seconds(120)
            let photos = PhotoWorkerPool(executable: photoWorker, limits: limits, on: .shared, log: service.log)
            let commit = GroupCommit(
                pool: service.postgres, outbox: service.outbox, loop: .shared, log: service.log, metrics: service.metrics)
            let running = Task(executorPreference: EventLoop.shared) { [pool = service.postgres] in await pool.run() }
            let world = try await World(service, commit, photos, clock, log)
            let committing = commits ? Task(executorPreference: EventLoop.shared) { try await commit.run() } : nil
            let result: Result<Void, any Error>
            do {
                try await world.seed()
                result = .success(try await body(world))
            } catch { result = .failure(error) }
            for server in world.servers { await server.drain(notice: .zero, grace: .seconds(2)) }
            committing?.cancel()
            try? await committing?.value
            await photos.close()
            await service.postgres.close()
            await running.value
            try result.get()
        }
    }

    private static func configuration(_ conninfo: String, _ settings: [String: String]) throws -> Configuration {
        let staff =
            #"[{"name":"值班","role":"community","org":"\#(community)","tokenSHA256":"\#(Self.digest(staffToken))"},"#
            + #"{"name":"热线","role":"caller","org":"310106019000","tokenSHA256":"\#(Self.digest(callerToken))"}]"#
        return try Configuration(
            environment: [
                "SHAO_POSTGRES": conninfo, "SHAO_POSTGRES_POOL": "4", "SHAO_HTTP_PORT": "0", "SHAO_ADMIN_PORT": "0",
                "SHAO_EVENT_KEY": "event key", "SHAO_LINK_KEY": "link key", "SHAO_STAFF": staff,
                "SHAO_PUBLIC_URL": "http://caihong.example:8080", "SHAO_CLIENT_LIMITS": settings.isEmpty ? "off" : "on",
            ].merging(settings) { $1 }, keys: CommonSettings.all + Intake.settings)
    }

    private func seed() async throws {
        let plate = PlateRegistered(
            plate: try #require(PlateCode(Self.plate)), kind: .lamp, name: "彩虹路 12 号灯杆", lat: 31.2304, lng: 121.4737,
            grid: try #require(AreaCode("310106019001002")), community: try #require(AreaCode(Self.community)),
            street: try #require(AreaCode("310106019000")),
            chips: [PlateChip(category: try #require(CategoryCode(Self.category)), label: "暴露垃圾")])
        let area = AreaRegistered(area: plate.community, level: .community, name: "彩虹一社区")
        try await pool.execute(PlateQueries.learn([(1, plate)]))
        try await pool.execute(PlateQueries.learn([(Int32(1), area)], into: .area))
    }

    /// Rows of everything that a submission may write.
    func rows() async throws -> [Int] {
        let tables: [SQL] = [
            "SELECT count(*) FROM ticket", "SELECT count(*) FROM outbox", "SELECT count(*) FROM photo", "SELECT count(*) FROM contact",
        ]
        var counts: [Int] = []
        for table in tables { counts += try await pool.query(table, as: Int.self) }
        return counts
    }

    /// Events of the outbox in the order in which they were written.
    func events() async throws -> [(type: String, version: Int32, payload: String)] {
        try await pool.query("SELECT type, version, payload FROM outbox ORDER BY event_id") { row in
            (try row["type"] as String, try row["version"] as Int32, String(decoding: try row["payload"] as [UInt8], as: UTF8.self))
        }
    }

    func send(_ request: Request, admin: Bool = false) async throws -> RawResponse {
        let client = try await RawHTTP.connect(port: admin ? adminPort : port, patience: .seconds(120))
        // A refusal may come, and the connection end, before all of the body is taken.
        try? await client.send(request.bytes)
        return try await client.response(toHead: request.method == "HEAD")
    }

    func get(_ path: String, _ headers: [(String, String)] = []) async throws -> RawResponse {
        try await send(Request("GET", path, headers: headers))
    }

    /// Files a good report and returns its answer.
    func file(_ json: String = #"{"plate":"ANWVVR1E","category":"E06010"}"#, key: String? = nil) async throws -> Filed {
        var request = Request.json(json)
        if let key { request.headers.append(("Idempotency-Key", key)) }
        let answer = try await send(request)
        try #require(answer.status == 201, "\(answer.text)")
        return try Filed(answer)
    }
}

/// The answer to a report.
struct Filed {
    let id: TicketID
    let number: String
    let link: String
    var token: String { String(link.dropFirst(3)) }

    init(_ answer: RawResponse) throws {
        id = try #require(answer.member("id").flatMap { TicketID($0) })
        number = try #require(answer.member("number"))
        link = try #require(answer.member("status_url")?.replacing("\\/", with: "/"))
    }
}

/// What was logged.
final class CollectedLog: LogSink {
    private let lines = Mutex("")
    var text: String { lines.withLock { $0 } }
    func write(_ line: [UInt8]) { lines.withLock { $0 += String(decoding: line, as: UTF8.self) } }
}
