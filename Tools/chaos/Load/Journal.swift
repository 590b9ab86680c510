import FoundationEssentials
import Glibc
import Synchronization

/// What residents asked for, written to the disk before each request leaves: the only memory of what may have happened.
final class Journal: Sendable {
    enum Outcome: Sendable, Equatable {
        /// No answer, or one that says nothing about what was done.
        case unknown
        case accepted(id: String)
        /// Refused at the first attempt: it must not have been done.
        case refused(status: Int)
    }

    struct Entry: Sendable {
        let kind: Kind
        var attempts = 0
        var outcome = Outcome.unknown
        /// The ticket that an evaluation is about.
        let about: String?
    }

    enum Kind: String, Sendable { case report, evaluation }

    private let file: CInt
    private let state = Mutex(State())

    private struct State {
        var entries: [String: Entry] = [:]
        var unknowns = 0, unavailable = 0
    }

    init(_ path: String) throws {
        unlink(path)
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure("the journal \(path) cannot be written") }
    }

    deinit { close(file) }

    /// Returns when it is on the disk.
    func asking(_ kind: Kind, _ key: String, about: String? = nil) throws {
        try write("asking \(kind.rawValue) \(key)\n", mustLast: true)
        state.withLock { $0.entries[key, default: Entry(kind: kind, about: about)].attempts += 1 }
    }

    /// - Parameter status: of the answer; nil when none came.
    func answered(_ key: String, status: Int?, id: String?) throws {
        try write("answered \(key) \(status.map(String.init) ?? "-") \(id ?? "-")\n", mustLast: false)
        state.withLock { state in
            guard var entry = state.entries[key] else { return }
            switch status {
            case 201: entry.outcome = .accepted(id: id ?? "")
            case let status? where (400..<500).contains(status) && status != 409 && status != 429 && entry.attempts == 1:
                entry.outcome = .refused(status: status)
            case nil: state.unknowns += 1
            default: state.unavailable += status == 503 ? 1 : 0
            }
            state.entries[key] = entry
        }
    }

    /// A moment to come back to.
    func mark() -> Set<String> {
        state.withLock { state in
            Set(state.entries.filter { if case .accepted = $0.value.outcome { true } else { false } }.keys)
        }
    }

    /// What was accepted since may be gone: a backup was played back. Answers how much.
    func void(since mark: Set<String>) -> Int {
        state.withLock { state in
            var count = 0
            for (key, entry) in state.entries where !mark.contains(key) {
                guard case .accepted = entry.outcome else { continue }
                state.entries[key]?.outcome = .unknown
                count += 1
            }
            return count
        }
    }

    /// The databases are as if nothing had ever been asked.
    func forget() { state.withLock { $0 = State() } }

    var entries: [String: Entry] { state.withLock { $0.entries } }
    var accepted: Int { state.withLock { $0.entries.values.count { if case .accepted = $0.outcome { true } else { false } } } }
    /// Requests without an answer, and answers 503, so far.
    var troubles: (unknown: Int, unavailable: Int) { state.withLock { ($0.unknowns, $0.unavailable) } }

    private func write(_ line: String, mustLast: Bool) throws {
        let bytes = Array(line.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count, !mustLast || fdatasync(file) == 0 else {
            throw Failure("the journal cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}
