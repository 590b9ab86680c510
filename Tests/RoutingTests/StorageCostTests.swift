import Contracts
import FoundationEssentials
import Postgres
import TestKit
import Testing

@testable import Routing

/// What a ticket costs in routing's database. For docs/Figures.md with more tickets: `SHAO_MEASURE=1 ./dev test StorageCost`.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct StorageCostTests {
    private static let tickets = ProcessInfo.processInfo.environment["SHAO_MEASURE"] == nil ? 60 : 800
    /// Bytes of log for a ticket, the outbox included: a fifth more than was measured.
    private static let most: (opened: Int64, worked: Int64) = (7_500, 18_000)
    /// As many as a batch holds at 200 tickets a second.
    private static let batch = 2

    @Test func `write-ahead log and kept bytes of a ticket`() async throws {
        try await TestDesk.with { desk in
            try await desk.pool.execute("CREATE EXTENSION IF NOT EXISTS pg_walinspect")
            // Other suites write to the same server: what this one reads must not be recycled meanwhile.
            let slot = "storage_cost_\(ProcessInfo.processInfo.processIdentifier)"
            try await desk.pool.execute("SELECT pg_create_physical_replication_slot(\(slot), true)")
            do { try await measure(desk) } catch {
                try await desk.pool.execute("SELECT pg_drop_replication_slot(\(slot))")
                throw error
            }
            try await desk.pool.execute("SELECT pg_drop_replication_slot(\(slot))")
        }
    }

    private func measure(_ desk: TestDesk) async throws {
        let category = try #require(
            desk.city.categories.byCode.keys.sorted().first { code in
                let result = try? desk.city.read(desk.ticket(1, plate: desk.plate(), category: code.description)).opening.routing
                return result.map { $0.goesStraightOut && $0.coHandlers.isEmpty } ?? false
            })
        let tickets = try (1...Self.tickets).map { number in
            try desk.ticket(
                number, plate: desk.plate(), category: category.description, text: "彩云路 78 号门口的路灯不亮了，晚上看不清路，请来修一下。")
        }
        try await desk.pool.execute("CHECKPOINT")
        var from = try await position(desk)
        let start = ContinuousClock.now
        for first in stride(from: 0, to: tickets.count, by: Self.batch) {
            try await desk.hear(Array(tickets[first..<min(first + Self.batch, tickets.count)]))
        }
        print("opened and dispatched: \(tickets.count) in \(ContinuousClock.now - start)")
        let opened = try await report(desk, since: from)
        #expect(opened.bytes < Self.most.opened)
        from = opened.now
        for ticket in tickets {
            let call = try #require(try await desk.file(ticket.ticket).serviceCase.dispatches.first)
            desk.clock.advance(.seconds(1))
            for word in [
                FeedbackSigned(dispatch: call.id, ticket: ticket.ticket) as any Event,
                FeedbackArrived(dispatch: call.id, ticket: ticket.ticket),
                FeedbackCompleted(dispatch: call.id, ticket: ticket.ticket, text: "已更换灯泡，恢复照明。"),
            ] { try await desk.feedback(word, from: call.department.description) }
        }
        print("signed, arrived, completed:")
        #expect(try await report(desk, since: from).bytes < Self.most.worked)
    }

    private func position(_ desk: TestDesk) async throws -> String {
        try #require(try await desk.pool.query("SELECT pg_current_wal_lsn()::text", as: String.self).first)
    }

    /// Prints bytes of log and of storage for one ticket, by table with its indexes. Answers where the log is now, and its bytes a ticket.
    private func report(_ desk: TestDesk, since: String) async throws -> (now: String, bytes: Int64) {
        let now = try await position(desk)
        let rows = try await desk.pool.query(
            """
            WITH written AS (
                SELECT (regexp_match(block_ref, 'rel \\d+/(\\d+)/(\\d+)'))[1]::oid AS db,
                    (regexp_match(block_ref, 'rel \\d+/(\\d+)/(\\d+)'))[2]::oid AS node, (record_length - fpi_length)::bigint AS bytes
                FROM pg_get_wal_records_info(\(since)::pg_lsn, \(now)::pg_lsn)
            ), named AS (
                SELECT coalesce(t.relname, c.relname) AS name, c.relkind = 'i' AS is_index, w.bytes
                FROM written w JOIN pg_class c ON pg_relation_filenode(c.oid) = w.node
                LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = i.indrelid
                WHERE w.db = (SELECT oid FROM pg_database WHERE datname = current_database())
            )
            SELECT name, sum(bytes) FILTER (WHERE NOT is_index)::bigint AS heap, sum(bytes) FILTER (WHERE is_index)::bigint AS indexes,
                count(*)::bigint AS records,
                coalesce((SELECT pg_total_relation_size(oid) FROM pg_class WHERE relname = name AND relkind = 'r'), 0)::bigint AS kept
            FROM named GROUP BY name ORDER BY sum(bytes) DESC
            """
        ) { row in
            let (name, heap, indexes) = (try row["name"] as String, try row["heap"] as Int64?, try row["indexes"] as Int64?)
            return (name, heap ?? 0, indexes ?? 0, try row["records"] as Int64, try row["kept"] as Int64)
        }
        var total: (Int64, Int64) = (0, 0)
        let count = Int64(Self.tickets)
        for (name, heap, indexes, records, kept) in rows {
            print("| \(name) | \(heap / count) | \(indexes / count) | \(Double(records * 10 / count) / 10) | \(kept / count) |")
            total = (total.0 + heap + indexes, total.1 + kept)
        }
        print("| all | \(total.0 / count) WAL | \(total.1 / count) kept |")
        return (now, total.0 / count)
    }
}
