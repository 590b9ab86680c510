import FoundationEssentials
import Glibc
public import Testing

/// Files as a careless deployment leaves them.
public enum SecretFiles {
    public struct Bad: Sendable, CustomTestStringConvertible {
        public let reason: String
        /// Nothing: there is no such file.
        let content: [UInt8]?
        let isFolder: Bool, isPipe: Bool
        public init(_ reason: String, _ content: [UInt8]?, isFolder: Bool = false, isPipe: Bool = false) {
            (self.reason, self.content, self.isFolder, self.isPipe) = (reason, content, isFolder, isPipe)
        }
        public var testDescription: String { reason }
    }

    public static let bad: [Bad] = [
        Bad("does not exist", nil), Bad("is empty", []), Bad("is empty", [10]), Bad("is a folder, not a file", nil, isFolder: true),
        Bad("is a pipe, not a file", nil, isPipe: true),
        Bad("is not text in UTF-8", [0xFF, 0xFE]), Bad("is not text in UTF-8", [65, 0, 66]),
        Bad("is larger than 1048576 bytes: is it the right file?", [UInt8](repeating: 65, count: 1 << 20 + 1)),
    ]

    public static func with(_ file: Bad, _ body: (String) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "shao-secret-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: url) }
        if file.isFolder { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false) }
        if file.isPipe { #expect(mkfifo(url.path(), 0o600) == 0) }
        if let content = file.content { try Data(content).write(to: url) }
        try body(url.path())
    }
}
