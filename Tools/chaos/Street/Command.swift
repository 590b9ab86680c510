import FoundationEssentials
import Glibc

/// A program run to its end, off the event loop.
enum Command {
    struct Outcome: Sendable {
        let status: CInt
        let output: String
    }

    /// - Parameter output: a file for what it says; its last lines come back.
    static func run(_ command: [String], environment: [String: String], output: String) async throws -> Outcome {
        try? FileManager.default.removeItem(atPath: output)
        let parts = output.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.dropLast().joined(separator: "/")
        let child = Child(String(parts.last ?? "command").trimmingSuffix(".log"), logs: folder, pids: folder)
        let began = ContinuousClock.now
        try child.start(command, environment: environment)
        guard await Wait.until(.seconds(120), { !child.isRunning }) else {
            await child.kill9()
            throw Failure("\(command.joined(separator: " ")) did not end within \((ContinuousClock.now - began).seconds) s")
        }
        return Outcome(status: child.wasKilled ? -1 : child.exitStatus, output: child.tail)
    }

    /// The same, and nothing but success will do.
    static func must(_ command: [String], environment: [String: String], output: String) async throws {
        let outcome = try await run(command, environment: environment, output: output)
        guard outcome.status == 0 else { throw Failure("\(command.joined(separator: " ")): \(outcome.status)\n\(outcome.output)") }
    }
}
