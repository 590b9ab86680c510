import Synchronization

/// What `/readyz` asks: every dependency by name, and whether the service is stopping.
public final class Health: Sendable {
    /// nil when well, else what is wrong.
    public typealias Check = @Sendable () async -> String?

    /// What an operator should know though the service does its work; nil when there is nothing.
    public typealias Note = @Sendable () -> String?

    private struct State {
        var checks: [(name: String, check: Check)] = []
        var notes: [(name: String, note: Note)] = []
        var facts: [(name: String, fact: Note)] = []
        var stopping = false
    }
    private let state = Mutex(State())

    public init() {}

    public func add(_ name: String, _ check: @escaping Check) {
        state.withLock { $0.checks.append((name, check)) }
    }

    /// Shown by `/readyz?verbose`; never a reason to be not ready.
    public func note(_ name: String, _ note: @escaping Note) {
        state.withLock { $0.notes.append((name, note)) }
    }

    /// Shown by `/readyz?verbose` beside what is well: how something runs here.
    public func describe(_ name: String, _ fact: @escaping Note) {
        state.withLock { $0.facts.append((name, fact)) }
    }

    /// How things run.
    func facts() -> [(name: String, fact: String)] {
        state.withLock { $0.facts }.compactMap { name, fact in fact().map { (name, $0) } }
    }

    /// What there is to know.
    func remarks() -> [(name: String, remark: String)] {
        state.withLock { $0.notes }.compactMap { name, note in note().map { (name, $0) } }
    }

    /// From now on `/readyz` answers 503, so that the gateway sends nothing new.
    public func beginStopping() { state.withLock { $0.stopping = true } }

    public var isStopping: Bool { state.withLock { $0.stopping } }

    /// The check that fails while the service ends.
    static let stopping = "stopping"

    /// Each dependency with its trouble.
    public func report() async -> [(name: String, trouble: String?)] {
        var report: [(String, String?)] = isStopping ? [(Self.stopping, "the service is shutting down")] : []
        // All at once: the slowest decides how long it takes, not their sum.
        let checks = state.withLock { $0.checks }
        let troubles = await withTaskGroup(of: (Int, String?).self) { group in
            for (place, check) in checks.enumerated() { group.addTask { (place, await check.check()) } }
            return await group.reduce(into: [Int: String?]()) { $0[$1.0] = .some($1.1) }
        }
        for (place, check) in checks.enumerated() { report.append((check.name, troubles[place] ?? nil)) }
        return report
    }
}
