import FoundationEssentials
import Glibc

/// The Postgres of the run, where it is the run's own to end and start.
struct Server: Sendable {
    let programs: String
    let data: String
    private let log: String
    private let environment: Environment

    init?(_ environment: Environment) {
        guard let own = environment.postgres.own else { return nil }
        (programs, data, log) = own
        self.environment = environment
    }

    var pid: pid_t? {
        guard let text = try? Environment.text("\(data)/postmaster.pid") else { return nil }
        return text.split(separator: "\n").first.flatMap { pid_t($0) }
    }

    /// kill -9 of the postmaster; its children notice and end.
    func kill() async throws {
        guard let pid else { throw Failure("Postgres has no pid") }
        _ = Glibc.kill(pid, SIGKILL)
        await Wait.until(.seconds(10)) { Glibc.kill(pid, 0) != 0 }
    }

    /// No checkpoint, no goodbye: what a power cut leaves.
    func stopImmediately() async throws { try await control(["stop", "-w", "-s", "-m", "immediate", "-t", "20"]) }

    /// Tries again while children of a killed one still hold its memory.
    func start() async throws {
        var last: (any Error)?
        let started = await Wait.until(.seconds(60), every: .milliseconds(100)) {
            do {
                try await control(["start", "-w", "-s", "-t", "60", "-l", log])
                return true
            } catch {
                last = error
                return false
            }
        }
        if !started { throw last ?? Failure("Postgres did not start") }
        if let pid { try? Data("\(pid) \(Self.startTime(pid))\n".utf8).write(to: URL(filePath: "\(environment.pids)/postgres")) }
    }

    /// As a standby that has read all there is and takes over: a timeline of its own.
    func startPromoted() async throws {
        try await asOwner(["/usr/bin/touch", "\(data)/standby.signal"])
        try await start()
        try await control(["promote", "-w", "-s", "-t", "30"])
    }

    /// Data and log as they lie there; the server must be down.
    func copy(to backup: String, small: String?) async throws {
        try await asOwner(["/bin/rm", "-rf", backup])
        try await asOwner(["/bin/cp", "-a", data, backup])
        if let small { try await asOwner(["/bin/cp", "-a", "\(small)/wal", "\(backup)-wal"]) }
    }

    func copyBack(from backup: String, small: String?) async throws {
        try await asOwner(["/bin/rm", "-rf", data])
        try await asOwner(["/bin/mv", backup, data])
        guard let small else { return }
        try await asOwner(["/bin/rm", "-rf", "\(small)/wal"])
        try await asOwner(["/bin/cp", "-a", "\(backup)-wal", "\(small)/wal"])
        try await asOwner(["/bin/rm", "-rf", "\(backup)-wal"])
    }

    func control(_ arguments: [String]) async throws {
        try await asOwner(["\(programs)/pg_ctl"] + arguments + ["-D", data])
    }

    /// Postgres refuses to be run by root; its files belong to the user of that name.
    private func asOwner(_ command: [String]) async throws {
        let whole = getuid() == 0 ? ["/usr/sbin/runuser", "-u", "postgres", "--"] + command : command
        try await Command.must(
            whole, environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"], output: "\(environment.logs)/pg_ctl.log")
    }

    private static func startTime(_ pid: pid_t) -> String {
        let text = (try? Environment.text("/proc/\(pid)/stat")) ?? ""
        guard let end = text.lastIndex(of: ")") else { return "0" }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? String(fields[19]) : "0"
    }
}
