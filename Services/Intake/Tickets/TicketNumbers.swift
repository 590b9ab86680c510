import Contracts
import EventLog
import EventLoop
import HTTP
import Postgres

/// Hands out ticket numbers from blocks that are taken from the database, so that a submission needs no round trip for its
/// number. Numbers of a block that a crash cut short are never given: a hole, never a repeat.
actor TicketNumbers {
    private struct Block {
        var day: ChineseDay
        var next: Int32
        var last: Int32
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.serialExecutor.asUnownedSerialExecutor() }
    private let loop: EventLoop
    private let pool: PostgresPool
    private var block: Block?
    private var refill: Task<Block, any Error>?

    /// A second's worth at full load.
    private static let blockSize: Int32 = 2000

    init(pool: PostgresPool, on loop: EventLoop) {
        self.pool = pool
        self.loop = loop
    }

    /// The next number of that moment's day in China. Throws 503 when the day's million is used up.
    func next(at moment: Timestamp) async throws -> TicketNumber {
        let day = moment.day
        while true {
            if var current = block, current.day == day, current.next <= current.last {
                let sequence = current.next
                current.next += 1
                block = current
                guard let number = TicketNumber(day: day, sequence: Int(sequence)) else {
                    throw Problem(503, "numbers-used-up", detail: "This street has used up its ticket numbers for today.")
                }
                return number
            }
            let fresh = try await fetch(day)
            if block?.day != fresh.day || (block?.last ?? 0) < fresh.last { block = fresh }
        }
    }

    /// One refill at a time, whoever asks.
    private func fetch(_ day: ChineseDay) async throws -> Block {
        if let refill { return try await refill.value }
        let pool = pool
        let task = Task(executorPreference: loop) {
            let key = Int32(truncatingIfNeeded: day.daysSince1970)
            let last = try await pool.query(TicketQueries.takeNumbers(day: key, count: Self.blockSize), as: Int32.self)
            guard let last = last.first else { throw PostgresError.decode("no counter came back") }
            return Block(day: day, next: last - Self.blockSize + 1, last: last)
        }
        refill = task
        defer { refill = nil }
        return try await task.value
    }
}
