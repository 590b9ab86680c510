import Contracts
import EventLog
import JSON
import Postgres

/// Keeps what the resident sees of the work on a ticket: the case as it stands, and each step of it.
enum FollowCases {
    static func apply(_ events: [AnyEnvelope], _ transaction: inout PostgresTransaction) async throws {
        let steps = events.compactMap { event in
            (event.body as? any CaseEvent).map { (event: event, snapshot: $0.snapshot) }
        }
        guard !steps.isEmpty else { return }
        transaction.enqueue(ProgressQueries.follow(steps))
        transaction.enqueue(ProgressQueries.remember(steps))
    }
}
