import Contracts
import EventLog
import EventLoop
import HTTP
import Postgres
import Synchronization
import Telemetry

/// Hands out ticket numbers from blocks that are taken from the database, so that a submission needs no round trip for its
/// number, nor a hop to another executor. Numbers of a block that a crash cut short are never given: a hole, never a repeat.
final class TicketNumbers: Sendable {
    fileprivate struct Block {
        var day: ChineseDay
        var next: Int32
        var last: Int32

        mutating func take(on wanted: ChineseDay) -> Int32? {
            guard day == wanted, next <= last else { return nil }
            defer { next += 1 }
            return next
        }
    }

    private let block = Mutex<Block?>(nil)
    private let refills: Refills

    init(pool: PostgresPool, on loop: EventLoop) { refills = Refills(pool: pool, on: loop) }

    /// The next number of that moment's day in China. Throws 503 when the day's million is used up.
    func next(at moment: Timestamp) async throws -> TicketNumber {
        let day = moment.day
        while true {
            if let sequence = block.withLock({ $0?.take(on: day) }) {
                guard let number = TicketNumber(day: day, sequence: Int(sequence)) else {
                    throw Problem(503, "numbers-used-up", detail: "This street has used up its ticket numbers for today.")
                }
                return number
            }
            let fresh = try await refills.fetch(day)
            // Several may have waited for this one: who comes late must not put it back in.
            block.withLock { block in
                if block?.day != fresh.day || (block?.last ?? 0) < fresh.last { block = fresh }
            }
        }
    }
}

/// One refill at a time, whoever asks.
private actor Refills {
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.serialExecutor.asUnownedSerialExecutor() }
    private let loop: EventLoop
    private let pool: PostgresPool
    private var running: Task<TicketNumbers.Block, any Error>?

    /// A second's worth at full load.
    private static let blockSize: Int32 = 2000

    init(pool: PostgresPool, on loop: EventLoop) {
        self.pool = pool
        self.loop = loop
    }

    func fetch(_ day: ChineseDay) async throws -> TicketNumbers.Block {
        if let running { return try await running.value }
        let pool = pool
        let task = Task(executorPreference: loop) {
            let key = Int32(truncatingIfNeeded: day.daysSince1970)
            let last = try await pool.query(TicketQueries.takeNumbers(day: key, count: Self.blockSize), as: Int32.self)
            CrashPoint.pass(.intakeAfterNumbers)
            guard let last = last.first else { throw PostgresError.decode("no counter came back") }
            return TicketNumbers.Block(day: day, next: last - Self.blockSize + 1, last: last)
        }
        running = task
        defer { running = nil }
        return try await task.value
    }
}
