import Contracts
import EventLog
import JSON
import Postgres

/// Every statement about the resident's view of a case.
enum ProgressQueries {
    static func follow(_ steps: [(event: AnyEnvelope, snapshot: CaseSnapshot)]) -> SQL {
        """
        INSERT INTO progress (ticket, version, snapshot)
        SELECT * FROM unnest(\(steps.map(\.snapshot.ticket)), \(steps.map(\.event.version)), \(steps.map(\.snapshot.json)))
        ON CONFLICT (ticket) DO UPDATE SET version = excluded.version, snapshot = excluded.snapshot
        WHERE progress.version < excluded.version
        """
    }

    static func remember(_ steps: [(event: AnyEnvelope, snapshot: CaseSnapshot)]) -> SQL {
        """
        INSERT INTO progress_step (ticket, version, type, time, event)
        SELECT * FROM unnest(\(steps.map(\.snapshot.ticket)), \(steps.map(\.event.version)), \(steps.map(\.event.type)),
            \(steps.map(\.event.time)), \(steps.map(\.event.payload)))
        ON CONFLICT DO NOTHING
        """
    }

    static func steps(_ ticket: TicketID) -> SQL {
        "SELECT type, time, event FROM progress_step WHERE ticket = \(ticket) ORDER BY version"
    }
}

/// One step of a case as it was heard.
struct ProgressStep: PostgresRowDecodable {
    let type: String
    let time: Timestamp
    let event: [UInt8]

    init(row: borrowing PostgresRow) throws(PostgresError) {
        type = try row["type"]
        time = try row["time"]
        event = try row["event"]
    }
}
