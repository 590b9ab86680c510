/// What the kernel keeps a photo worker from, as the worker itself found by trying.
struct PhotoPosture: Sendable, Equatable, CustomStringConvertible {
    private let words: [String]

    /// What must hold before a resident's bytes are decoded: not the superuser, nothing gained by starting programs, the
    /// system calls of decoding alone, and that no attempt at files, network or other processes succeeds.
    private static let needed = ["user", "no-new-privileges", "calls", "files", "network", "processes"]
    /// Of these one at least: no file is within reach, even of a process that gets past the calls.
    private static let walls = ["landlock", "empty-root"]

    init(_ text: String) {
        words = text.split(separator: " ").map(String.init).filter { word in
            word.utf8.count <= 32 && word.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D }
        }
    }

    /// What is wanting; empty when the worker is confined.
    var missing: [String] {
        Self.needed.filter { !words.contains($0) }
            + (Self.walls.contains(where: words.contains) ? [] : [Self.walls.joined(separator: " or ")])
    }

    var description: String { words.joined(separator: ", ") }
}

/// What is done where the kernel cannot confine a worker.
public enum PhotoConfinement: String, Sendable, CaseIterable {
    /// No photo is taken; reports without one are.
    case required
    /// The worker is confined as far as the kernel goes.
    case bestEffort = "best-effort"
}
