import Foundation
import TestKit

/// A reader of topics that is neither librdkafka nor ours: kafkajs without plug-ins, and the CloudEvents project's own parser.
enum OutsideReader {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/checks/cloudevents.mjs").standardizedFileURL
    private static let node = ["/usr/local/bin/node", "/usr/bin/node"].first { FileManager.default.isExecutableFile(atPath: $0) }
    static let isHere = node != nil && FileManager.default.fileExists(atPath: script.path)

    /// Reads `count` records from the topic's beginning; what it says, and whether each of them is a CloudEvent.
    static func read(_ topic: String, _ count: Int, from servers: String) async throws -> (text: String, allAreEvents: Bool) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: node ?? "/usr/bin/node")
        process.arguments = [script.path, servers, topic, "\(count)", "60"]
        process.standardOutput = output
        process.standardError = output
        let status: Int32 = try await withCheckedThrowingContinuation { ended in
            process.terminationHandler = { ended.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { ended.resume(throwing: error) }
        }
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        return (text, status == 0)
    }
}
