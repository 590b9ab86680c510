import Contracts
import EventLog
import Postgres

/// Statements of the two desks.
enum DeskQueries {
    /// How many cases stand in each queue, in the order asked.
    static func counts(_ queues: [DeskQueue], at unit: CaseUnit, now: Timestamp) -> SQL {
        let columns = queues.map { queue -> SQL in
            "(SELECT count(*) FROM case_file WHERE \(ListQueries.scope(unit)) AND \(condition(queue, unit, now)))"
        }
        return "SELECT ARRAY[\(join: columns)]::bigint[] AS counts"
    }

    /// A page of a queue, the least time left first, after a place in that order.
    static func page(_ queue: DeskQueue, at unit: CaseUnit, now: Timestamp, after: QueuePlace?, limit: Int) -> SQL {
        var conditions = [ListQueries.scope(unit), condition(queue, unit, now)]
        if let after { conditions.append("(coalesce(next_due, \(Timestamp.latest)), ticket) > (\(after.due), \(after.ticket))") }
        return """
            SELECT ticket, document, report FROM case_file WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY coalesce(next_due, \(Timestamp.latest)), ticket LIMIT \(Int32(clamping: limit))
            """
    }

    private static func condition(_ queue: DeskQueue, _ unit: CaseUnit, _ now: Timestamp) -> SQL {
        var condition: SQL = "state = ANY(\(queue.states(unit).map(\.rawValue)))"
        if queue.isOwn { condition.append(" AND owner = \(unit.code)") }
        if queue == .due {
            condition.append(
                """
                 AND (next_due <= \(now) OR EXISTS (SELECT FROM case_clock k WHERE k.ticket = case_file.ticket
                    AND (k.is_overdue OR (k.warned >= \(DeskQueue.soon) AND k.fires_at IS NOT NULL))))
                """)
        }
        return condition
    }
}

/// The last case of a page.
struct QueuePlace: Sendable {
    let due: Timestamp
    let ticket: CaseID

    init(_ one: Case) {
        due = one.nextDue?.dueAt ?? .latest
        ticket = one.id
    }

    init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), let ticket = CaseID(parts[1]) else { return nil }
        due = Timestamp(milliseconds: milliseconds)
        self.ticket = ticket
    }

    var text: String { "\(due.milliseconds).\(ticket)" }
}
