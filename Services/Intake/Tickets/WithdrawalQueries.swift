import Contracts
import EventLog
import Postgres

/// Every statement about taking a ticket back.
enum WithdrawalQueries {
    /// Locks the ticket's row.
    static func lock(_ id: TicketID) -> SQL {
        """
        SELECT t.withdrawn_at, g.last_step FROM ticket t \(ProgressQueries.lastStep) WHERE t.id = \(id)
        FOR UPDATE OF t
        """
    }

    static func withdraw(_ id: TicketID, at moment: Timestamp) -> SQL {
        "UPDATE ticket SET withdrawn_at = \(moment) WHERE id = \(id)"
    }
}

/// Whether a ticket was taken back, and how its case stands.
struct Withdrawal: PostgresRowDecodable {
    let withdrawnAt: Timestamp?
    let snapshot: CaseSnapshot?

    init(row: borrowing PostgresRow) throws(PostgresError) {
        withdrawnAt = try row["withdrawn_at"]
        snapshot = try CaseSnapshot(lastStep: try row["last_step"])
    }
}
