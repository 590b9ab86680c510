import CPosix
import EventLoop
import FoundationEssentials
import Glibc
public import Postgres
import Telemetry

/// A service: its name, its tables, its settings, and how its parts are put together.
public protocol ServiceMain: Sendable {
    static var name: String { get }
    /// The service's own migrations (versions from 101); the event log's come before them.
    static var migrations: [Migration] { get throws }
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
    public static var allMigrations: [Migration] { get throws { EventLogTables.migrations + (try migrations) } }

    private static func migrate(_ configuration: Configuration, _ log: Log) async throws {
        let applied = try await Task(executorPreference: EventLoop.shared) {
            try await Database.with(configuration, name, log) { pool in
                try await Migrator(pool, try allMigrations, log: log).migrate().count
            }
        }.value
        log.info("the database is up to date", ["applied": .int(applied)])
    }

    private static func check(_ configuration: Configuration, _ log: Log) async throws {
        for (name, value) in configuration.redacted { print("\(name)=\(value)") }
        let pending = try await Task(executorPreference: EventLoop.shared) {
            try await Database.with(configuration, name, log) { pool in
                try await Migrator(pool, try allMigrations, log: log).pending().count
            }
        }.value
        log.info("the configuration is sound and the database answers", ["pendingMigrations": .int(pending)])
        if pending > 0 { exit(1) }
    }

    private static func serve(_ configuration: Configuration, _ log: Log) async throws {
        let loop = EventLoop.shared
        let stopping = Signal(on: loop)
        try await Task(executorPreference: loop) {
            var assembly = try Assembly(name: name, configuration: configuration, loop: loop, log: log)
            try await assembly.requireMigrated(try allMigrations)
            try await assemble(&assembly)
            let parts = assembly.finished()
            let signals = Task(executorPreference: loop) {
                await Signals.firstStop(loop)
                log.notice("stopping", ["reason": "signal"])
                stopping.raise()
            }
            let group = ServiceGroup(parts, on: loop, log: log)
            try await group.run(until: stopping)
            signals.cancel()
        }.value
        log.notice("stopped")
    }
}

/// SIGTERM and SIGINT as something to wait for.
enum Signals {
    /// Returns when the first one arrives; a second one does nothing more, the group has its own deadlines.
    static func firstStop(_ loop: EventLoop) async {
        let fd = cpx_stop_descriptor()
        guard fd >= 0 else { return }
        while !Task.isCancelled {
            guard let ready = try? await loop.wait(fd, for: .readable), ready.contains(.readable) else { break }
            return
        }
    }
}
