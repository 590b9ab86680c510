import Contracts
import EventLog
import Postgres

/// Every statement about reviews of a refusal.
enum ReviewQueries {
    /// Locks the ticket's row.
    static func lock(_ id: TicketID) -> SQL {
        last(id).appending(" FOR UPDATE")
    }

    static func last(_ id: TicketID) -> SQL {
        "SELECT withdrawals, reviews, reviewed_refusal, review_hash FROM ticket WHERE id = \(id)"
    }

    static func request(_ id: TicketID, of refusal: Timestamp, hash: [UInt8], at moment: Timestamp) -> SQL {
        """
        UPDATE ticket SET reviewed_at = \(moment), reviewed_refusal = \(refusal), review_hash = \(hash), reviews = reviews + 1
        WHERE id = \(id)
        """
    }
}

/// How often, and of which refusal last, the reporter asked for a review.
struct Review: PostgresRowDecodable {
    let withdrawals: Int32
    let reviews: Int32
    let refusal: Timestamp?
    /// Of the form that asked last; nothing for those of before it was kept.
    let hash: [UInt8]?

    init(row: borrowing PostgresRow) throws(PostgresError) {
        withdrawals = try row["withdrawals"]
        reviews = try row["reviews"]
        refusal = try row["reviewed_refusal"]
        hash = try row["review_hash"]
    }
}
