import Contracts
package import Postgres
import Synchronization
package import Telemetry

/// Looks after the log's partitions: makes them ahead of the numbers, writes closed ones to the archive, and drops what is
/// archived, heard by everyone who listens, and older than any topic's retention.
///
/// Any number may run; an advisory lock lets one work at a time. Without an archive nothing is ever dropped.
public final class LogKeeper: Sendable {
    let pool: PostgresPool
    let archive: ArchiveFolder?
    let log: Log
    private let hash: StreamHash
    private let pace: any Pace
    private let clock: any Timekeeper
    private let keep: Duration
    private let rows: Int64
    private let archived: Counter, dropped: Counter
    private let ahead: Gauge
    private let sizes: LogSizes
    private let shortage = Mutex<String?>(nil)

    /// - Parameters:
    ///   - archive: nil keeps everything in the database.
    ///   - keep: how long events stay in the database in any case, for refilling a broker.
    ///   - rows: numbers per partition.
    package init(
        pool: PostgresPool, archive: ArchiveFolder?, hash: StreamHash, keeping keep: Duration,
        rows: Int64 = EventLogMigrations.partitionRows, pace: any Pace = LoopPace(), clock: any Timekeeper = SystemTimekeeper(),
        log: Log, metrics: MetricsRegistry
    ) {
        self.pool = pool
        self.archive = archive
        self.hash = hash
        self.keep = keep
        self.rows = rows
        self.pace = pace
        self.clock = clock
        self.log = log
        archived = metrics.counter("shao_archived_total", "Events written to the archive.")
        dropped = metrics.counter("shao_partitions_dropped_total", "Partitions of outbox and stream dropped because the archive has them.")
        sizes = LogSizes(metrics)
        ahead = metrics.gauge("shao_outbox_numbers_ahead", "Numbers for which the outbox has partitions already.")
    }

    /// Why soon nothing could be written any more; nil when all is well.
    public var trouble: String? { shortage.withLock { $0 } }

    /// Once a minute, until cancelled.
    public func run() async throws {
        while !Task.isCancelled {
            do {
                try await makeAhead()
                sizes.set(try await pool.query(ArchiveQueries.sizes, as: LogSize.self))
                if archive != nil {
                    try await pool.withConnection { connection in
                        guard try await connection.query(ArchiveQueries.lead, { row in try row["won"] as Bool }).first == true else {
                            return
                        }
                        while try await archiveOnce() {}
                        try await trim()
                    }
                }
            } catch is CancellationError {
                return
            } catch {
                if Task.isCancelled { return }
                log.warning("the log's partitions could not be looked after, trying again", ["error": "\(error)"])
            }
            do { try await pace.pause(for: .seconds(60)) } catch { return }
        }
    }

    /// Two partitions ahead of the numbers given: at a thousand events a second more than half an hour.
    func makeAhead() async throws {
        let rows = rows
        let edges = try await pool.transaction { transaction in
            let won = try await transaction.query(ArchiveQueries.lock) { row in try row["won"] as Bool }
            var edges = try await transaction.query(ArchiveQueries.edges, as: PartitionEdge.self)
            guard won.first == true else { return edges }
            for place in edges.indices {
                while edges[place].upper < edges[place].current + 2 * rows {
                    let next = edges[place].upper + rows
                    try await transaction.execute(ArchiveQueries.make(edges[place].parent, edges[place].upper, next))
                    edges[place].upper = next
                }
            }
            return edges
        }
        for edge in edges where edge.parent == "outbox" {
            let left = edge.upper - edge.current
            ahead.set(Double(left))
            shortage.withLock { $0 = left < rows / 2 ? "only \(left) more events can be written: no partition could be made" : nil }
        }
    }

    /// Writes the oldest closed range that is not archived. False when there is none.
    func archiveOnce() async throws -> Bool {
        guard let archive, let range = try await pool.query(ArchiveQueries.nextToArchive, as: LogRange.self).first else { return false }
        let writer = try await away { try ArchiveWriter(archive, name: "\(range.lower)-\(range.upper - 1)") }
        var after = max(0, range.lower) - 1
        var count = 0
        while true {
            let page = try await pool.query(PublisherQueries.next(after: after, limit: 2000), as: StreamRecord.self)
                .filter { $0.pos < range.upper }
            guard let last = page.last else { break }
            let before = try await hashes(before: page, range)
            try await away { try writer.append(page, before: before) }
            (after, count) = (last.pos, count + page.count)
        }
        let expected = try await pool.query(ArchiveQueries.count(range), as: Int64.self)
        guard expected == [Int64(count)] else {
            throw EventLogError(
                .damaged, "the stream has \(expected) records from \(range.lower) to \(range.upper - 1), the outbox \(count)")
        }
        let (hash, (folder, parts)) = (self.hash, try await away { try writer.finish() })
        try await away { for part in parts { try archive.verify(part, hash) } }
        try await pool.transaction { transaction in
            if !parts.isEmpty { try await transaction.execute(ArchiveQueries.register(parts, range)) }
            try await transaction.execute(ArchiveQueries.close(range, folder))
        }
        archived.add(count)
        log.notice("a range of the stream is archived", ["from": .int(range.lower), "to": .int(range.upper - 1), "events": .int(count)])
        return true
    }

    /// What each partition's history was before its first record of the range.
    private func hashes(before page: [StreamRecord], _ range: LogRange) async throws -> [StreamPartition: [UInt8]] {
        var first: [StreamPartition: Int64] = [:]
        for record in page where first[record.partition] == nil { first[record.partition] = record.seq }
        let places = first.filter { $0.value > 1 }.map { ($0.key, $0.value - 1) }
        let found = try await pool.query(ArchiveQueries.hashes(places), as: StreamHead.self)
        return Dictionary(found.map { ($0.partition, $0.hash) }, uniquingKeysWith: { a, _ in a })
    }

    /// Drops what the archive has and nobody needs here.
    func trim() async throws {
        guard let archive else { return }
        var horizon: Int64 = 0
        for range in try await pool.query(ArchiveQueries.archivedRanges, as: LogRange.self) {
            guard try await mayGo(range) else { break }
            if !range.isDropped {
                let parts = try await pool.query(ArchiveQueries.parts(of: range), as: ArchivedPart.self)
                try await away { for part in parts { try archive.verifyBytes(part) } }
            }
            horizon = range.upper
        }
        if horizon == 0 { return }
        for range in try await pool.query(ArchiveQueries.closedOutbox, as: LogRange.self) {
            guard try await drop("outbox", range, below: horizon) else { break }
        }
        for range in try await pool.query(ArchiveQueries.archivedRanges, as: LogRange.self) where !range.isDropped && range.upper <= horizon
        {
            guard try await drop("stream", range, below: horizon) else { break }
        }
    }

    /// Whether everyone is past the range: publisher, every consumer that ever told its place, the time events are kept.
    private func mayGo(_ range: LogRange) async throws -> Bool {
        if range.isDropped { return true }
        let limit = clock.now().adding(milliseconds: -keep.wholeMilliseconds)
        return try await pool.query(ArchiveQueries.isPassed(range, before: limit)) { row in try row["passed"] as Bool }.first == true
    }

    /// In one transaction: nobody writes there any more, nothing in it is needed, it is gone. False when not now.
    private func drop(_ parent: String, _ range: LogRange, below horizon: Int64) async throws -> Bool {
        do {
            let gone = try await pool.transaction(retrying: .never) { transaction in
                // Writers queue behind a waiting lock, so it does not wait long.
                transaction.enqueue("SET LOCAL lock_timeout = '200ms'")
                transaction.enqueue("SET LOCAL statement_timeout = '5min'")
                let answer = try await transaction.query(ArchiveQueries.drop(parent, range, horizon)) { row in try row["gone"] as Bool }
                return answer.first == true
            }
            if gone {
                dropped.add()
                log.notice("a partition was dropped: the archive has it", ["table": .string(range.table(parent))])
            }
            return gone
        } catch let error as PostgresError where error.sqlState == "55P03" {
            log.debug("a partition is in use, trying again later", ["table": .string(range.table(parent))])
            return false
        }
    }
}
