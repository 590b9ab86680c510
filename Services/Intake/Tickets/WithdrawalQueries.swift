import Contracts
import EventLog
import Postgres

/// Every statement about taking a ticket back.
enum WithdrawalQueries {
    /// Locks the ticket's row.
    static func lock(_ id: TicketID) -> SQL {
        """
        SELECT t.withdrawn_at, t.withdrawals, t.reviews, \(isWithdrawing) AS is_withdrawing, g.last_step FROM ticket t \(ProgressQueries.lastStep)
        WHERE t.id = \(id) FOR UPDATE OF t
        """
    }

    static func withdraw(_ id: TicketID, at moment: Timestamp) -> SQL {
        "UPDATE ticket SET withdrawn_at = \(moment), withdrawals = withdrawals + 1 WHERE id = \(id)"
    }

    /// Whether routing has yet to answer a withdrawal of ticket `t`: each gets one of these events, and in their order.
    static let isWithdrawing: SQL = """
        (t.withdrawals > (
            SELECT count(*) FROM progress_step s WHERE s.ticket = t.id AND s.type IN ('case.withdrawn.v1', 'case.kept.v1')))
        """
}

/// Whether a ticket was taken back, what routing said to that, and how its case stands.
struct Withdrawal {
    /// The last time.
    let withdrawnAt: Timestamp?
    let withdrawals: Int32
    let reviews: Int32
    let isWithdrawing: Bool
    let snapshot: CaseSnapshot?
}

extension Withdrawal: PostgresRowDecodable {
    init(row: borrowing PostgresRow) throws(PostgresError) {
        withdrawnAt = try row["withdrawn_at"]
        withdrawals = try row["withdrawals"]
        reviews = try row["reviews"]
        isWithdrawing = try row["is_withdrawing"]
        snapshot = try CaseSnapshot(lastStep: try row["last_step"])
    }
}
