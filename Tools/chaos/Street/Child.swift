import CPosix
import EventLoop
import FoundationEssentials
import Glibc
import Synchronization

/// A process of the street under test: started, stopped, continued and killed at will. It leads a group of its own, so what it
/// starts itself goes with it, and stands in the pid folder, so `./dev` can end what a killed run left behind.
final class Child: Sendable {
    let name: String
    private let log: String
    private let pidFile: String
    private let state = Mutex<(pid: pid_t, status: CInt?)>((0, nil))

    init(_ name: String, logs: String, pids: String) {
        self.name = name
        log = "\(logs)/\(name).log"
        pidFile = "\(pids)/\(name)"
    }

    /// - Parameters:
    ///   - command: the program's path and its arguments.
    ///   - environment: all it gets.
    func start(_ command: [String], environment: [String: String]) throws {
        guard !isRunning else { throw Failure("\(name) runs already") }
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A connection of ours that a child holds too would never end.
        _ = cpx_spawn_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var pid = pid_t()
        let code = posix_spawn(&pid, command.first ?? "", &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw Failure("\(command.first ?? name): \(String(cString: strerror(code)))") }
        state.withLock { $0 = (pid, nil) }
        try? Data("\(pid) \(Self.startTime(pid))\n".utf8).write(to: URL(filePath: pidFile))
    }

    /// 0 when it was never started.
    var pid: pid_t { state.withLock { $0.pid } }

    var isRunning: Bool {
        state.withLock { state in
            guard state.pid > 0, state.status == nil else { return false }
            var status: CInt = 0
            if waitpid(state.pid, &status, WNOHANG) == 0 { return true }
            state.status = status
            return false
        }
    }

    /// Whether SIGKILL ended it, by whomever it was sent.
    var wasKilled: Bool { !isRunning && state.withLock { ($0.status ?? 0) & 0x7F == SIGKILL } }

    /// Its exit code, 128 and more for a signal; -1 while it runs.
    var exitStatus: CInt {
        if isRunning { return -1 }
        let status = state.withLock { $0.status ?? 0 }
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
    }

    func signal(_ number: CInt) {
        let pid = pid
        if isRunning { _ = kill(pid, number) }
    }

    /// SIGKILL, and waits until it is gone; what it had started is killed too.
    func kill9() async {
        let pid = pid
        signal(SIGKILL)
        await Wait.until(.seconds(10)) { !self.isRunning }
        if pid > 0 { _ = kill(-pid, SIGKILL) }
    }

    /// SIGTERM; SIGKILL after the grace.
    func end(within grace: Duration = .seconds(20)) async {
        signal(SIGCONT)
        signal(SIGTERM)
        if await !Wait.until(grace, { !self.isRunning }) { await kill9() }
        unlink(pidFile)
    }

    /// The last lines that it wrote.
    var tail: String {
        guard let data = try? Data(contentsOf: URL(filePath: log)) else { return "" }
        return String(decoding: data.suffix(4000), as: UTF8.self).split(separator: "\n").suffix(6).joined(separator: "\n")
    }

    /// Resident memory in MiB and open descriptors; nil when it is gone.
    var weight: (mib: Int, descriptors: Int)? {
        guard isRunning, let text = try? String(decoding: Data(contentsOf: URL(filePath: "/proc/\(pid)/statm")), as: UTF8.self),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? 0
        return (pages * 4096 / 1_048_576, descriptors)
    }

    /// Clock ticks since boot, as `./dev` writes them: field 22, after a name that may hold blanks.
    private static func startTime(_ pid: pid_t) -> String {
        guard let data = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/stat")) else { return "0" }
        let text = String(decoding: data, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return "0" }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? String(fields[19]) : "0"
    }
}

/// Why the run, or one fault of it, cannot go on.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Waiting for something to be so.
enum Wait {
    /// Asks again and again; false when it is not so by then.
    @discardableResult
    static func until(_ limit: Duration, every pause: Duration = .milliseconds(20), _ isSo: () async throws -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            if (try? await isSo()) == true { return true }
            guard ContinuousClock.now < deadline, (try? await EventLoop.shared.sleep(for: pause)) != nil else { return false }
        }
    }

    static func pass(_ time: Duration) async throws { try await EventLoop.shared.sleep(for: time) }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
