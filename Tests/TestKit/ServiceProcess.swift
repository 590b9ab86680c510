import EventLoop
public import Foundation
import HTTP
import Synchronization
import Telemetry

/// One of our executables as a process of its own, for tests that kill it.
public final class ServiceProcess: Sendable {
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    private let executable: URL
    private let environment: [String: String]
    private let log: URL
    private let process = Mutex<Process?>(nil)

    /// - Parameters:
    ///   - name: the executable's, found beside the test binary.
    ///   - environment: all it gets besides PATH.
    public init(_ name: String, environment: [String: String], logDirectory: URL) throws {
        executable = Self.products.appending(path: name)
        guard FileManager.default.isExecutableFile(atPath: executable.path()) else {
            throw Failed(description: "\(name) is not built")
        }
        self.environment = environment.merging(["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"]) { own, _ in own }
        log = logDirectory.appending(path: "\(name).log")
    }

    /// The folder of the built executables.
    public static var products: URL { URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent() }

    /// Whether the executables are there; a filtered build may have left them out.
    public static func isBuilt(_ names: String...) -> Bool {
        names.allSatisfy { FileManager.default.isExecutableFile(atPath: products.appending(path: $0).path()) }
    }

    /// Starts it; its output goes to a file that survives a failing test.
    public func start(_ arguments: [String] = []) throws {
        if !FileManager.default.fileExists(atPath: log.path()) { _ = FileManager.default.createFile(atPath: log.path(), contents: nil) }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        let started = Process()
        started.executableURL = executable
        started.arguments = arguments
        started.environment = environment
        started.standardInput = FileHandle.nullDevice
        started.standardOutput = output
        started.standardError = output
        try started.run()
        process.withLock { $0 = started }
    }

    /// Runs a command to its end. Throws with the last of its output unless it succeeds.
    public func run(_ arguments: [String], within limit: Duration = .seconds(60)) async throws {
        try start(arguments)
        guard await exited(within: limit) == 0 else {
            await kill9()
            throw Failed(description: tail)
        }
    }

    public var isRunning: Bool { process.withLock { $0?.isRunning ?? false } }

    /// SIGKILL, and waits until it is gone.
    public func kill9() async {
        process.withLock { if let running = $0, running.isRunning { kill(running.processIdentifier, SIGKILL) } }
        _ = await exited(within: .seconds(10))
    }

    /// SIGTERM, and its exit status; nil when it did not end in time.
    @discardableResult
    public func terminate(within limit: Duration = .seconds(30)) async -> Int32? {
        process.withLock { if let running = $0, running.isRunning { kill(running.processIdentifier, SIGTERM) } }
        return await exited(within: limit)
    }

    /// Waits for `/readyz` on the admin port.
    public func ready(adminPort: Int, within limit: Duration = .seconds(30)) async throws {
        let client = try HTTPClient(.unrestricted)
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            var request = HTTPClient.Request.get("http://127.0.0.1:\(adminPort)/readyz")
            request.timeout = .seconds(2)
            if let answer = try? await client.send(request), answer.status == 200 { return }
            guard isRunning else { throw Failed(description: "\(executable.lastPathComponent) ended:\n\(tail)") }
            try await EventLoop.shared.sleep(for: .milliseconds(50))
        }
        throw Failed(description: "\(executable.lastPathComponent) is not ready:\n\(tail)")
    }

    /// The last of its output.
    public var tail: String {
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(15).joined(separator: "\n")
    }

    private func exited(within limit: Duration) async -> Int32? {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            let (running, status) = process.withLock { ($0?.isRunning ?? false, $0?.isRunning == false ? $0?.terminationStatus : nil) }
            if !running { return status }
            try? await EventLoop.shared.sleep(for: .milliseconds(20))
        }
        return nil
    }
}
