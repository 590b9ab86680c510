import Contracts
import EventLog
import Postgres

/// Statements of the two desks.
enum DeskQueries {
    /// How many cases stand in each queue, in the order asked.
    static func counts(_ queues: [DeskQueue], at unit: CaseUnit, now: Timestamp) -> SQL {
        let columns = queues.map { queue -> SQL in
            "(SELECT count(*) FROM service_case WHERE \(ListQueries.scope(unit)) AND \(condition(queue, unit, now)))"
        }
        return "SELECT ARRAY[\(join: columns)]::bigint[] AS counts"
    }

    /// A page of a queue, the least time left first, after a place in that order: tickets only.
    static func page(_ queue: DeskQueue, at unit: CaseUnit, now: Timestamp, after: QueuePosition?, limit: Int) -> SQL {
        var conditions = [ListQueries.scope(unit), condition(queue, unit, now)]
        if let after { conditions.append("(coalesce(next_due, \(Timestamp.latest)), ticket) > (\(after.due), \(after.ticket))") }
        return """
            SELECT ticket FROM service_case WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY coalesce(next_due, \(Timestamp.latest)), ticket LIMIT \(Int32(clamping: limit))
            """
    }

    /// Where a case stands in a queue's order.
    static func place(of ticket: CaseID) -> SQL {
        "SELECT coalesce(next_due, \(Timestamp.latest)) AS due, ticket FROM service_case WHERE ticket = \(ticket)"
    }

    private static func condition(_ queue: DeskQueue, _ unit: CaseUnit, _ now: Timestamp) -> SQL {
        var condition = ListQueries.isOpen
        switch queue {
        case .all: condition = "true"
        case .due: break
        default: condition.append(" AND state = ANY(\(queue.states(unit).map(\.rawValue))::text[]::case_state[])")
        }
        if queue.isOwn { condition.append(" AND owner = \(unit.code)") }
        if queue == .due { condition.append(" AND (next_due <= \(now) OR \(isPressing))") }
        return condition
    }

    /// A clock has run out, or one that runs is nearly used. A value and no join: one look at the key for each open case.
    private static let isPressing: SQL =
        """
        coalesce((SELECT k.overdue IS NOT NULL OR CASE WHEN k.held_with IS NULL THEN \(DeskQueue.soon) <= ANY (k.warned) ELSE EXISTS (
            SELECT FROM unnest(k.warned, k.held_with) AS u(warned, held) WHERE u.warned >= \(DeskQueue.soon) AND u.held IS NULL) END
            FROM case_clock k WHERE k.ticket = service_case.ticket), false)
        """
}

/// The last case of a page.
struct QueuePosition: Sendable, PostgresRowDecodable {
    let due: Timestamp
    let ticket: CaseID

    init(row: borrowing PostgresRow) throws(PostgresError) {
        due = try row["due"]
        ticket = try row["ticket"]
    }

    init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), let ticket = CaseID(parts[1]) else { return nil }
        due = Timestamp(milliseconds: milliseconds)
        self.ticket = ticket
    }

    var text: String { "\(due.milliseconds).\(ticket)" }
}
