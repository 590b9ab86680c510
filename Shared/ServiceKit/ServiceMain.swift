import EventLog
import EventLoop
import FoundationEssentials
import Glibc
public import Postgres
public import Telemetry

/// A service: its name, its tables, its settings, and how its parts are put together.
public protocol ServiceMain: Sendable {
    static var name: String { get }
    /// The service's own migrations (versions from 101); the event log's come before them.
    static var migrations: [Migration] { get throws }
    /// What serving needs of the service's own tables; every other access is denied to the role that serves.
    static var tables: [TableRights] { get }
    /// The service's own settings, beside those that all services have.
    static var settings: [ConfigurationKey] { get }
    /// The running parts, in dependency order.
    static func assemble(_ service: inout Assembly) async throws
}

extension ServiceMain {
    /// `serve` (default), `migrate`, `check`, `healthcheck`. Never returns: exits 0, 1 (failed), 64 (usage), 78 (configuration).
    public static func main() async -> Never {
        let command = CommandLine.arguments.dropFirst().first ?? "serve"
        let log = Log(name, level: Log.Level(name: ProcessInfo.processInfo.environment["SHAO_LOG_LEVEL"] ?? "info") ?? .info)
        do {
            guard ["serve", "migrate", "check", "healthcheck"].contains(command) else {
                print("usage: \(name) [serve|migrate|check|healthcheck]")
                exit(64)
            }
            let configuration = try Configuration(
                environment: ProcessInfo.processInfo.environment, keys: CommonSettings.all + settings)
            switch command {
            case "migrate": try await migrate(configuration, log)
            case "check": try await check(configuration, log)
            case "healthcheck": exit(try await HealthProbe.isReady(configuration) ? 0 : 1)
            default: try await serve(configuration, log)
            }
            exit(0)
        } catch let error as ConfigurationError {
            for problem in error.problems { log.error(problem) }
            exit(78)
        } catch {
            log.error("\(name) \(command) failed", ["error": "\(error)"])
            exit(1)
        }
    }

    /// All migrations of the database.
    public static var allMigrations: [Migration] { get throws { EventLogMigrations.all + (try migrations) } }

    /// What serving needs of all tables of the database.
    public static var rights: ServingRights { EventLogMigrations.rights + ServingRights(tables: tables) }

    private static func migrate(_ configuration: Configuration, _ log: Log) async throws {
        let role = configuration.text("SHAO_SERVING_ROLE")
        let applied = try await Task(executorPreference: EventLoop.shared) {
            try await Database.with(configuration, name, log) { pool in
                let applied = try await Migrator(pool, try allMigrations, log: log).migrate().count
                if let role { try await rights.grant(to: role, in: pool, log: log) }
                return applied
            }
        }.value
        log.info("the database is up to date", ["applied": .int(applied)])
    }

    private static func check(_ configuration: Configuration, _ log: Log) async throws {
        for (name, value) in configuration.redacted { print("\(name)=\(value)") }
        let examinations = try await tryAssembly(configuration, log)
        let (pending, found) = try await Task(executorPreference: EventLoop.shared) {
            try await Database.with(configuration, name, log) { pool in
                try await requireRights(pool)
                let pending = try await Migrator(pool, try allMigrations, log: log).pending().count
                return (pending, pending == 0 ? try await findings(examinations, pool) : [])
            }
        }.value
        guard found.isEmpty else { throw ConfigurationError(problems: found) }
        log.info("the configuration is sound and the database answers", ["pendingMigrations": .int(pending)])
        if pending > 0 { exit(1) }
    }

    /// Runs one command of the service's own on its database, with the service's settings.
    public static func withDatabase<Result: Sendable>(
        environment: [String: String], _ body: @escaping @Sendable (PostgresPool) async throws -> Result
    ) async throws -> Result {
        let configuration = try Configuration(environment: environment, keys: CommonSettings.all + settings)
        return try await Task(executorPreference: EventLoop.shared) {
            try await Database.with(configuration, name, Log(name, level: .warning), body)
        }.value
    }

    /// What of the settings serve would take and never use.
    public static func findings(_ examinations: [Assembly.Examination], _ pool: PostgresPool) async throws -> [String] {
        var findings: [String] = []
        for look in examinations { findings += try await look(pool) }
        return findings
    }

    /// Puts everything together as `serve` does, from the same files and settings, and runs none of it. Answers what `check` looks at
    /// besides.
    @discardableResult
    public static func tryAssembly(_ configuration: Configuration, _ log: Log) async throws -> [Assembly.Examination] {
        let loop = EventLoop.shared
        return try await Task(executorPreference: loop) {
            var assembly = try Assembly(name: name, configuration: configuration, loop: loop, log: log, purpose: .check)
            try await assemble(&assembly)
            return assembly.examinations
        }.value
    }

    /// `serve` refuses to start without a right that it will need: the first resident would find out.
    private static func requireRights(_ pool: PostgresPool) async throws {
        let missing = try await rights.missing(in: pool)
        if missing.isEmpty { return }
        throw ConfigurationError(problems: [
            "the role of SHAO_POSTGRES lacks \(missing.joined(separator: "; ")): run “\(name) migrate” as the tables' owner with SHAO_SERVING_ROLE set to it"
        ])
    }

    /// `serve` refuses to start on a database that is older than its migrations.
    private static func requireMigrated(_ configuration: Configuration, _ log: Log) async throws {
        let pending = try await Database.with(configuration, name, log) { pool in
            try await requireRights(pool)
            if try await ServingRights.isOwner(pool) {
                log.notice("serving as a role that may change the tables themselves; a role of its own is safer: SHAO_SERVING_ROLE")
            }
            return try await Migrator(pool, try allMigrations, log: log).pending().count
        }
        guard pending == 0 else {
            throw ConfigurationError(problems: ["the database lacks \(pending) migrations: run “\(name) migrate” first"])
        }
    }

    private static func serve(_ configuration: Configuration, _ log: Log) async throws {
        let loop = EventLoop.shared
        let stopping = Signal(on: loop)
        try await Task(executorPreference: loop) {
            var assembly = try Assembly(name: name, configuration: configuration, loop: loop, log: log)
            try await requireMigrated(configuration, log)
            try await assemble(&assembly)
            let signals = Task(executorPreference: loop) {
                await loop.firstStopSignal()
                log.notice("stopping", ["reason": "signal"])
                stopping.raise()
            }
            try await assembly.run(until: stopping)
            signals.cancel()
        }.value
        log.notice("stopped")
    }
}
