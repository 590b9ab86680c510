import EventLog
import EventLoop
import HTTP
import Postgres
import Telemetry

/// The settings that every service has.
public enum CommonSettings {
    public static let all: [ConfigurationKey] = [
        .secret("SHAO_POSTGRES", "libpq connection string of this service's own database"),
        .secret("SHAO_POSTGRES_PASSWORD", "the role's password, where SHAO_POSTGRES has none", required: false),
        .secret(
            "SHAO_REBUILD_POSTGRES", "the same for rebuilds, where SHAO_POSTGRES' role may not create schemas or does not own its tables",
            required: false),
        .secret("SHAO_REBUILD_POSTGRES_PASSWORD", "that role's password, where SHAO_REBUILD_POSTGRES has none", required: false),
        .optional("SHAO_SERVING_ROLE", "for migrate: the role that serves, which is granted what it needs and nothing else"),
        .setting("SHAO_POSTGRES_POOL", "connections to Postgres", default: "8"),
        .setting("SHAO_HTTP_HOST", "address to listen on: loopback or a private network, never the outside", default: "127.0.0.1"),
        .required("SHAO_HTTP_PORT", "port for the gateway"),
        .required("SHAO_ADMIN_PORT", "port for health, metrics and the other services"),
        .setting(
            "SHAO_FORWARDED_HOPS", "proxies of yours that a request passes, the gateway included; 2 where a load balancer is before it",
            default: "1"),
        .setting("SHAO_CLIENT_LIMITS", "on; off lifts every limit per client: for measuring, never for the world", default: "on"),
        .setting("SHAO_WRONG_TOKENS", "different wrong staff tokens that one address may show", default: "30+6/min"),
        .setting("SHAO_BODY_MEMORY_MIB", "memory for the bodies of requests under way", default: "256"),
        .setting("SHAO_BODIES_PER_ADDRESS", "bodies that may be on their way from one address at a time", default: "64"),
        .setting("SHAO_STREET", "12-digit code of the street that this deployment serves", default: "310106019000"),
        .setting("SHAO_STREET_NAME", "what pages call the street", default: "彩虹街道"),
        .secret("SHAO_EVENT_KEY", "key of the streams' hashes and of the services' tokens, the same for all services"),
        .secret("SHAO_LINK_KEY", "key of residents' private links: for all but analytics", required: false),
        .secret("SHAO_STAFF", "JSON list of staff tokens", required: false),
        .setting("SHAO_LOG_LEVEL", "debug, info, notice, warning or error", default: "info"),
        .setting("SHAO_INTAKE_URL", "intake's admin address", default: "http://127.0.0.1:9101"),
        .setting("SHAO_ROUTING_URL", "routing's admin address", default: "http://127.0.0.1:9102"),
        .setting("SHAO_NOTIFICATION_URL", "notification's admin address", default: "http://127.0.0.1:9103"),
        .setting("SHAO_VOTING_URL", "voting's admin address", default: "http://127.0.0.1:9104"),
        .setting("SHAO_ANALYTICS_URL", "analytics' admin address", default: "http://127.0.0.1:9105"),
        .setting("SHAO_PUBLIC_URL", "the gateway's address as residents see it", default: "http://127.0.0.1:8080"),
        .optional("SHAO_ARCHIVE_DIR", "folder for closed ranges of the streams; without one the database keeps everything"),
        .setting("SHAO_ARCHIVE_KEEP_DAYS", "how long archived events stay in the database too, for refilling a broker", default: "31"),
        .setting("SHAO_DRAIN_NOTICE_MS", "how long readiness says 503 before the listener closes", default: "2500"),
        .setting("SHAO_PARKED_CEILING", "parked subjects in one partition at which it halts", default: "100"),
        .optional("SHAO_CRASH_AT", "for fault tests: name:n, the crash point at whose n-th passing the process kills itself"),
        .setting("KAFKA_BOOTSTRAP_SERVERS", "Kafka's addresses", default: "127.0.0.1:29092"),
    ]
}

extension Configuration {
    /// The service's own database. Throws when `SHAO_POSTGRES` is not set.
    func postgres(_ applicationName: String, poolSize: Int) throws(ConfigurationError) -> PostgresConfiguration {
        var database = PostgresConfiguration(
            conninfo: try require("SHAO_POSTGRES"), poolSize: poolSize, applicationName: applicationName)
        database.password = text("SHAO_POSTGRES_PASSWORD")
        return database
    }

    /// The same database by the role that rebuilds projections: the service's own, where no other is given.
    func rebuildPostgres(_ applicationName: String) throws(ConfigurationError) -> PostgresConfiguration {
        guard let conninfo = text("SHAO_REBUILD_POSTGRES") else { return try postgres(applicationName, poolSize: 8) }
        var database = PostgresConfiguration(conninfo: conninfo, applicationName: applicationName)
        database.password = text("SHAO_REBUILD_POSTGRES_PASSWORD")
        return database
    }
}

/// A database for the time of one command.
enum Database {
    static func with<R: Sendable>(
        _ configuration: Configuration, _ name: String, _ log: Log, _ body: (PostgresPool) async throws -> R
    ) async throws -> R {
        let pool = PostgresPool(try configuration.postgres(name, poolSize: 2), on: .shared, log: log, metrics: nil)
        let running = Task(executorPreference: EventLoop.shared) { await pool.run() }
        defer { running.cancel() }
        let result = try await body(pool)
        await pool.close()
        return result
    }
}

/// `healthcheck`: asks this service's own `/readyz`.
enum HealthProbe {
    static func isReady(_ configuration: Configuration) async throws -> Bool {
        let port = try configuration.number("SHAO_ADMIN_PORT", in: 1...65535)
        let client = try HTTPClient(.unrestricted)
        var request = HTTPClient.Request.get("http://127.0.0.1:\(port)/readyz")
        request.timeout = .seconds(3)
        let answer = try await client.send(request)
        return answer.status == 200
    }
}
