import EventLog
import Postgres

/// What a database holds, as the effects of its commit records one after another.
protocol DatabaseRows: Sendable {
    associatedtype Change: Sendable
    mutating func apply(_ change: Change)
    /// The highest number an identity column has given out and that is stored.
    var highestID: Int64 { get }
}

/// A Postgres primary, as far as the event log can tell it from a real one: transaction ids and snapshots, commits that become visible in
/// another order than ids were drawn, row locks, a write-ahead log whose unflushed tail a crash loses, sessions with advisory locks,
/// a server that is away for a while, and one that comes back from an older backup under another identity.
///
/// Every statement takes virtual time, may fail before it did anything, and may fail after it did everything.
final class PostgresModel<Rows: DatabaseRows>: @unchecked Sendable {
    /// What a new snapshot sees.
    var rows: Rows
    var durable: Rows
    /// Commit records that are written but not flushed, oldest first.
    var tail: [Record] = []
    var flushed = 0, written = 0
    var nextXid: UInt64, latestCompleted: UInt64, durableXid: UInt64
    /// Transactions that have an id and have not ended, ascending.
    var running: [UInt64] = []
    var systemID: Int64 = 7_000_001
    var timeline: Int32 = 1
    var isUp = true
    /// Counts the server's lives: what began in an earlier one is gone.
    var life = 0
    var lastID: Int64
    var locks: [String: RowLock] = [:]
    var sessions: [Session] = []
    var backup: Backup?
    private var flushIsDue = false

    let scheduler: Scheduler
    var random: SeededRandom
    var habits = ServerHabits()
    var tally = Tally()

    /// That the faults did bite.
    struct Tally: Sendable, Equatable {
        var refused = 0, answersLost = 0, conflicts = 0, crashes = 0, commitsLost = 0, restores = 0, sessionsCut = 0
    }

    struct Record { let xid: UInt64, changes: [Rows.Change] }
    struct Backup { let rows: Rows, xid: UInt64 }
    struct RowLock {
        var holder: ObjectIdentifier
        var waiting: [(transaction: Transaction, granted: (Bool) -> Void)] = []
    }

    init(_ rows: Rows, on scheduler: Scheduler, random: SeededRandom) {
        self.rows = rows
        durable = rows
        self.scheduler = scheduler
        self.random = random
        nextXid = 730
        latestCompleted = 729
        durableXid = 729
        lastID = rows.highestID
    }

    // MARK: snapshots

    /// `xmin:xmax:xip,…`, as `pg_current_snapshot()` prints it: xmax is one past the latest transaction that has ended.
    var snapshot: String {
        let xmax = latestCompleted + 1
        let open = running.filter { $0 < xmax }
        return "\(open.first ?? xmax):\(xmax):\(open.map(String.init).joined(separator: ","))"
    }

    /// A number of an identity column: never given twice, not even when its transaction is aborted.
    func nextID() -> Int64 {
        lastID += 1
        return lastID
    }

    var identity: DatabaseIdentity { DatabaseIdentity(systemID: systemID, timeline: timeline) }

    // MARK: the log

    func append(_ record: Record) -> Int {
        tail.append(record)
        written += 1
        if !flushIsDue {
            flushIsDue = true
            let life = life
            // The log writer flushes what asynchronous commits left behind.
            scheduler.after(random.within(20_000...600_000)) { [weak self] in
                guard let self else { return }
                flushIsDue = false
                if life == self.life { flush(upTo: written) }
            }
        }
        return written
    }

    func flush(upTo place: Int) {
        while flushed < place, !tail.isEmpty {
            let record = tail.removeFirst()
            flushed += 1
            for change in record.changes { durable.apply(change) }
            durableXid = max(durableXid, record.xid)
        }
    }
}

extension PostgresModel {
    // MARK: disasters

    /// `kill -9` of the postmaster: whatever of the log was not flushed may be gone, and everything that ran is.
    func crash(downFor duration: Int) {
        guard isUp else { return }
        tally.crashes += 1
        // The kernel may have written some of the tail by itself.
        flush(upTo: flushed + random.below(tail.count + 1))
        tally.commitsLost += tail.count
        fall(to: durable, xid: durableXid)
        scheduler.after(duration) { [weak self] in self?.isUp = true }
    }

    /// Remembers what a backup would hold now: what is durable.
    func takeBackup() { backup = Backup(rows: durable, xid: durableXid) }

    /// How a server came to be another one.
    enum Restoration: Sendable, CaseIterable {
        /// A standby was promoted; what it had not received is lost. Transaction ids go on, the timeline changes.
        case promotion
        /// A dump was loaded into a new cluster: transaction ids begin anew, rows keep the ones they were written with.
        case dump
    }

    /// Puts the last backup in the server's place. Returns false when there is none.
    func restore(_ way: Restoration, downFor duration: Int) -> Bool {
        guard isUp, let backup else { return false }
        tally.restores += 1
        durable = backup.rows
        fall(to: backup.rows, xid: way == .dump ? 740 : backup.xid)
        if way == .dump {
            systemID += 1
            timeline = 1
        } else {
            timeline += 1
        }
        scheduler.after(duration) { [weak self] in self?.isUp = true }
        return true
    }

    private func fall(to rows: Rows, xid: UInt64) {
        isUp = false
        life += 1
        self.rows = rows
        (tail, flushed, written) = ([], 0, 0)
        running = []
        durableXid = xid
        nextXid = xid + 1
        latestCompleted = xid
        // Sequences are logged 32 numbers ahead.
        lastID = rows.highestID + Int64(random.below(33))
        for session in sessions { session.isOpen = false }
        sessions = []
        let abandoned = locks.sorted { $0.key < $1.key }.flatMap(\.value.waiting)
        locks = [:]
        for waiter in abandoned { waiter.granted(false) }
    }
}

/// How a server behaves.
struct ServerHabits: Sendable {
    /// The longest way to the server or back, microseconds.
    var latency = 2_000
    /// The longest flush of the log.
    var sync = 4_000
    /// Per thousand statements: refused before anything happened, and the answer lost after everything had happened.
    var refusals = 0, lostAnswers = 0
    /// Per thousand writes: given up for another transaction's sake (class 40).
    var conflicts = 0
}
