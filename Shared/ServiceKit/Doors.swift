import Crypto
import EventLog
import EventLoop
public import HTTP
import JSON
import Postgres
import Telemetry

/// The two servers of a service, and who may come in.
extension Assembly {
    /// The doors: the service's routes for the gateway; health, metrics and streams on the admin port.
    public mutating func http(_ routes: Routes, internal more: Routes = Routes()) throws {
        let host = try configuration.require("SHAO_HTTP_HOST")
        let access = serviceGuard
        var admin = AdminRoutes(health: health, metrics: metrics).routes
        admin.add(contentsOf: StreamRoutes(streams: StreamStore(pool: postgres, archive: archive), access: access).routes)
        admin.add(contentsOf: AuditRoutes(name: name, history: HistoryStore(pool: postgres), access: access).routes)
        admin.add(contentsOf: ParkingRoutes(parked: parked, access: access).routes)
        admin.add(contentsOf: more)
        admin.add(contentsOf: try addRebuilder())
        try addServer("admin", host: host, port: "SHAO_ADMIN_PORT", admin, notice: .zero)
        let notice = Duration.milliseconds(try configuration.number("SHAO_DRAIN_NOTICE_MS", in: 0...60_000))
        var open = routes
        open.add(contentsOf: AdminRoutes(health: health, metrics: metrics).forGateway)
        if try !configuration.limitsClients { health.note("limits") { "SHAO_CLIENT_LIMITS is off: nobody is limited" } }
        try addServer("http", host: host, port: "SHAO_HTTP_PORT", open, notice: notice)
    }

    mutating func addServer(_ part: String, host: String, port: String, _ routes: Routes, notice: Duration) throws {
        let settings = try serverSettings(part, host: host, port: port)
        let server = try HTTPServer(
            settings, routes: routes, on: loop, log: log.part(part), metrics: metrics)
        let health = health
        let ended = Signal(on: loop)
        add(
            Part(
                part,
                run: {
                    _ = try await server.start()
                    try await ended.wait()
                },
                stop: {
                    health.beginStopping()
                    await server.drain(notice: notice, grace: .seconds(15))
                    ended.raise()
                }))
    }

    /// Problems as pages, for browsers.
    public var problemPage: @Sendable (ProblemReport) -> HTTPResponse {
        let links = try? links
        return { [site] in site.problem($0, links) }
    }

    private func serverSettings(_ part: String, host: String, port: String) throws -> HTTPServerConfiguration {
        var settings = HTTPServerConfiguration(name: part, host: host, port: try configuration.number(port, in: 0...65535))
        settings.bodyMemory = try configuration.number("SHAO_BODY_MEMORY_MIB", in: 16...65_536) << 20
        settings.bodiesPerClient = try configuration.number("SHAO_BODIES_PER_ADDRESS", in: 1...1_000_000)
        settings.passing = { Self.passing($0) }
        if part == "http" {
            settings.forwardedHops = try configuration.number("SHAO_FORWARDED_HOPS", in: 0...8)
            settings.problemPage = problemPage
            settings.unloggedRoutes = [AdminRoutes.readiness]
        } else {
            // Probes and the other services ask the admin port several times a second: the metrics count them. They come
            // straight, and all from one address.
            settings.forwardedHops = 0
            settings.bodiesPerClient = settings.maxConnections
            settings.logsRequests = false
        }
        return settings
    }

    /// A database that is away, or has more to do than it can: come again.
    static func passing(_ error: any Error) -> Problem? {
        (error as? PostgresError)?.isRetriable == true ? .unavailable(retryAfter: 5) : nil
    }

    /// Throws a configuration error that names the place in the file, never its content.
    static func staff(
        _ configuration: Configuration, _ metrics: MetricsRegistry
    ) throws(ConfigurationError) -> StaffDirectory {
        let limit = try configuration.limit("SHAO_WRONG_TOKENS")
        guard let text = configuration.text("SHAO_STAFF") else { return StaffDirectory() }
        do { return try StaffDirectory(json: Array(text.utf8), wrongTokens: limit, metrics: metrics) } catch {
            throw ConfigurationError(problems: ["SHAO_STAFF: \(error.code.rawValue) at \(error.pointer), byte \(error.offset)"])
        }
    }
}
