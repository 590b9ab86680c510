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
        let answer: CheckedContinuation<Filing?, Never>
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
    /// Photos of one statement.
    static let groupBytes = 8 << 20

    init(pool: PostgresPool, outbox: Outbox, loop: EventLoop, log: Log, metrics: MetricsRegistry) {
        self.pool = pool
        self.outbox = outbox
        self.log = log
        wakeUp = Signal(on: loop)
        groups = metrics.counter("shao_intake_commits_total", "Commits that filed tickets.")
        filed = metrics.counter("shao_intake_filed_total", "Tickets filed.")
    }

    /// How many submissions wait for a commit.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Suspends until the submission is on the disk or refused. nil at once when the queue is full or intake is stopping.
    func file(_ submission: Submission) async -> Filing? {
        await withCheckedContinuation { answer in
            let taken = state.withLock { state in
                guard !state.stopped, state.waiting.count < Self.queueLimit else { return false }
                state.waiting.append(Order(submission: submission, answer: answer))
                return true
            }
            if taken { wakeUp.raise() } else { answer.resume(returning: nil) }
        }
    }

    /// Files until cancelled; what still waits then is answered as not stored.
    func run() async throws {
        defer { stop() }
        while !Task.isCancelled {
            do {
                try await pool.withConnection { connection in
                    while true {
                        let group = take()
                        if group.isEmpty { try await wakeUp.wait() } else { await commit(group, on: connection) }
                        if !connection.isOpen { return }
                    }
                }
            } catch is CancellationError {
                return
            } catch {
                refuseWaiting()
                log.warning("no connection to file tickets on", ["error": "\(error)"])
                try await EventLoop.shared.sleep(for: .milliseconds(100))
            }
        }
    }

    private func take() -> [Order] {
        state.withLock { state in
            var count = 0
            var bytes = 0
            for order in state.waiting.prefix(Self.groupLimit) {
                bytes += order.submission.photos.reduce(0) { $0 + $1.jpeg.count }
                if count > 0, bytes > Self.groupBytes { break }
                count += 1
            }
            let group = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            return group
        }
    }

    /// One statement for all. Where one of them is at fault, halves find it, so that it does not fail its neighbours; what is the
    /// server's affair or ours (a time-out, a full disk, a table that is not there) would fail each half again.
    private func commit(_ group: [Order], on connection: PostgresConnection) async {
        do {
            CrashPoint.pass(.intakeBeforeCommit)
            let stored = try await connection.query(
                TicketQueries.insert(SubmissionRows(group.map(\.submission))), as: TicketID.self)
            CrashPoint.pass(.intakeAfterCommit)
            groups.add()
            filed.add(stored.count)
            if !stored.isEmpty { outbox.committed() }
            await answer(group, stored: Set(stored), on: connection)
        } catch {
            guard group.count > 1, connection.isOpen, (error as? PostgresError)?.isOneRowsFault == true else {
                log.warning("a group of tickets was not filed", ["error": "\(error)", "count": .int(group.count)])
                for order in group { order.answer.resume(returning: .failed(retriable: isRetriable(error))) }
                return
            }
            await commit(Array(group[..<(group.count / 2)]), on: connection)
            await commit(Array(group[(group.count / 2)...]), on: connection)
        }
    }

    private func answer(_ group: [Order], stored: Set<TicketID>, on connection: PostgresConnection) async {
        var unsettled: [Order] = []
        for order in group {
            if stored.contains(order.submission.ticket.id) {
                order.answer.resume(returning: .filed)
            } else {
                unsettled.append(order)
            }
        }
        guard !unsettled.isEmpty else { return }
        let holders = try? await connection.query(
            TicketQueries.holders(of: unsettled.compactMap(\.submission.key)), as: KeyHolder.self)
        let byKey = Dictionary((holders ?? []).map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        for order in unsettled {
            guard let key = order.submission.key, let holder = byKey[key] else {
                order.answer.resume(returning: .failed(retriable: true))
                continue
            }
            let same = holder.bodyHash == order.submission.bodyHash
            order.answer.resume(returning: same ? .repeated(holder.id, number: holder.number) : .conflict)
        }
    }

    private func isRetriable(_ error: any Error) -> Bool { FailureClass(of: error) != .lasting }

    private func refuseWaiting() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for order in waiting { order.answer.resume(returning: .failed(retriable: true)) }
    }

    private func stop() {
        state.withLock { $0.stopped = true }
        refuseWaiting()
    }
}
