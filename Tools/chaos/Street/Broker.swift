import EventLoop
import FoundationEssentials
import Glibc
import Synchronization

/// The Kafka of the run: the embedded one, or a real one through its script.
final class Broker: Sendable {
    let port: UInt16
    private let environment: Environment
    private let child: Child
    private let topics: [String]
    private let lives = Atomic<Int>(0)
    /// Grows with every start: what clients outside look at to begin again.
    var incarnation: Int { lives.load(ordering: .relaxed) }
    private var folder: String { "\(environment.state)/kafka" }

    init(_ environment: Environment, topics: [String]) {
        self.environment = environment
        self.topics = topics
        port = UInt16(clamping: environment.firstPort + 90)
        child = Child("broker", logs: environment.logs, pids: environment.pids)
    }

    var isReal: Bool { environment.kafka != nil }
    var bootstrap: String { "127.0.0.1:\(port)" }

    /// From nothing. A real one gets its topics from routing, as in production.
    func start() async throws {
        lives.add(1, ordering: .relaxed)
        guard let script = environment.kafka else { return try await startEmbedded() }
        try? FileManager.default.removeItem(atPath: folder)
        try await kafka([script, "start", folder, "\(port)"])
    }

    func kill() async {
        guard environment.kafka != nil else { return await child.kill9() }
        guard let pid = realPid else { return }
        _ = Glibc.kill(pid, SIGKILL)
        await Wait.until(.seconds(10)) { Glibc.kill(pid, 0) != 0 }
    }

    /// SIGSTOP and SIGCONT: a broker that hangs.
    func signal(_ number: CInt) {
        if environment.kafka == nil { child.signal(number) } else if let pid = realPid { _ = Glibc.kill(pid, number) }
    }

    /// On its old data, where it keeps any: the embedded one comes back empty.
    func restart() async throws {
        lives.add(1, ordering: .relaxed)
        guard let script = environment.kafka else { return try await startEmbedded() }
        try await kafka([script, "restart", folder, "1"])
    }

    /// As after `rm -rf` of its data, with another cluster id.
    func restartEmpty() async throws {
        lives.add(1, ordering: .relaxed)
        guard let script = environment.kafka else { return try await startEmbedded() }
        try? FileManager.default.removeItem(atPath: "\(folder)/1/data")
        try await kafka([script, "start", folder, "\(port)"])
    }

    /// Cuts the newest segment of every partition with records to this share of its length; the broker must be down.
    /// Answers how many were cut.
    func truncate(to share: Double) -> Int {
        let data = "\(folder)/1/data"
        var cut = 0
        for partition in (try? FileManager.default.contentsOfDirectory(atPath: data)) ?? [] where partition.contains(".v1-") {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(data)/\(partition)")) ?? []
            guard let newest = files.filter({ $0.hasSuffix(".log") }).max() else { continue }
            let path = "\(data)/\(partition)/\(newest)"
            var information = stat()
            guard stat(path, &information) == 0, information.st_size > 0 else { continue }
            if Glibc.truncate(path, Int(Double(information.st_size) * share)) == 0 { cut += 1 }
            // What the broker knew of a clean end or of how far the disk had it would let it believe its index.
            for stale in files where !stale.hasSuffix(".log") && stale != "partition.metadata" {
                unlink("\(data)/\(partition)/\(stale)")
            }
        }
        unlink("\(data)/.kafka_cleanshutdown")
        unlink("\(data)/recovery-point-offset-checkpoint")
        unlink("\(data)/replication-offset-checkpoint")
        return cut
    }

    func stop() async {
        if let script = environment.kafka {
            _ = try? await Command.run([script, "stop", folder], environment: variables, output: "\(environment.logs)/kafka-command.log")
        } else {
            await child.end(within: .seconds(3))
        }
    }

    private func startEmbedded() async throws {
        let address = "\(environment.state)/broker.address"
        unlink(address)
        try child.start(
            ["\(environment.products)/devbroker", "--port", "\(port)", "--address-file", address] + topics, environment: variables)
        guard await Wait.until(.seconds(30), { access(address, R_OK) == 0 || !self.child.isRunning }), child.isRunning else {
            throw Failure("the broker did not start: \(child.tail)")
        }
    }

    private var realPid: pid_t? {
        guard let text = try? Environment.text("\(folder)/1/pid") else { return nil }
        return pid_t(text.trimmingSuffix("\n"))
    }

    private func kafka(_ command: [String]) async throws {
        try await Command.must(command, environment: variables, output: "\(environment.logs)/kafka-command.log")
    }

    private var variables: [String: String] {
        var variables = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"]
        for name in ["PATH", "HOME", "JAVA_HOME"] {
            if let value = ProcessInfo.processInfo.environment[name] { variables[name] = value }
        }
        return variables
    }
}
