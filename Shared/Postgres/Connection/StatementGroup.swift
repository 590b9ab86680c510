import Synchronization

/// Statements sent together with one sync behind them, and the task that waits for their answers.
///
/// Unchecked because everything but the flag is touched on the loop's thread only.
final class StatementGroup: @unchecked Sendable {
    let id: UInt64
    let statements: [Statement]
    /// Keep every statement's answer instead of the last one's.
    let keepAll: Bool
    let cancelled = Atomic<Bool>(false)

    // Below: the loop's thread only.
    var started: ContinuousClock.Instant = .now
    /// The statement whose answer comes next.
    var next = 0
    var results: [PostgresResult] = []
    var error: PostgresError?
    /// On the wire: from then on the server answers it.
    var isSent = false
    /// Since when nobody waits for the answer that is to come.
    var abandonedAt: ContinuousClock.Instant?
    private var continuation: CheckedContinuation<Result<[PostgresResult], PostgresError>, Never>?

    private static let lastID = Atomic<UInt64>(0)

    init(_ statements: [Statement], keepAll: Bool) {
        id = Self.lastID.wrappingAdd(1, ordering: .relaxed).newValue
        self.statements = statements
        self.keepAll = keepAll
    }

    var isDone: Bool { continuation == nil }

    func arm(_ continuation: CheckedContinuation<Result<[PostgresResult], PostgresError>, Never>) {
        self.continuation = continuation
    }

    /// The first error wins: what follows it is only its echo.
    func failed(_ failure: PostgresError) {
        guard error == nil else { return }
        guard next < statements.count else {
            error = failure
            return
        }
        error = failure.adding(statement: statements[next].sql.text, location: statements[next].location)
    }

    func finish() {
        let waiting = continuation
        continuation = nil
        waiting?.resume(returning: error.map { .failure($0) } ?? .success(results))
    }
}

/// A command on the wire whose answer is outstanding; in the order sent.
enum Slot {
    case prepare(UInt32)
    case statement
    /// Ends a group.
    case sync
    case deallocate
    /// Ends the deallocations, which belong to no group.
    case tidied
}

/// First in, first out, without a move per element.
struct Queue<Element> {
    private var items: [Element] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }
    var count: Int { items.count - head }
    var first: Element? { isEmpty ? nil : items[head] }

    mutating func append(_ item: Element) { items.append(item) }

    @discardableResult
    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        let item = items[head]
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1024, head * 2 >= items.count {
            items.removeFirst(head)
            head = 0
        }
        return item
    }

    func allSatisfy(_ fits: (Element) -> Bool) -> Bool { items[head...].allSatisfy(fits) }

    mutating func removeAll() -> [Element] {
        defer {
            items = []
            head = 0
        }
        return Array(items[head...])
    }

    /// Takes out the first that fits, wherever it stands.
    mutating func remove(where fits: (Element) -> Bool) -> Element? {
        guard let index = items[head...].firstIndex(where: fits) else { return nil }
        return items.remove(at: index)
    }
}
