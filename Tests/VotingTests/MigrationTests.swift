import Contracts
import FoundationEssentials
import Postgres
import ServiceKit
import Telemetry
import TestKit
import Testing

@testable import Voting

/// What becomes of evaluations that were filed before they named a case's work.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct MigrationTests {
    @Test func `an evaluation of before is of the case that its ticket was merged into, else of its own`() async throws {
        let all = try Voting.allMigrations
        try await TemporaryDatabase.with(migrations: all.filter { $0.version < 104 }) { pool in
            let (target, merged, lost) = (TicketID(UUID()), TicketID(UUID()), TicketID(UUID()))
            // The last one's target was never heard of.
            for (ticket, into) in [(target, nil), (merged, target), (lost, TicketID(UUID()))] as [(TicketID, TicketID?)] {
                try await pool.execute(
                    """
                    INSERT INTO evaluable (ticket, number, case_version, area, category_name, merged_into)
                    VALUES (\(ticket), 'GD-20261121-000123-7', 1, '310106019001', 'x', \(into))
                    """)
                try await pool.execute(
                    """
                    INSERT INTO evaluation (id, ticket, round, party, contacted, solved, satisfied, reasons, given_at, body_hash)
                    VALUES (\(ticket), \(ticket), 1, 'resident', 'yes', 'yes', 'yes', '{}', 0, '')
                    """)
            }
            try await Migrator(pool, all, log: Log("test", level: .error)).migrate()
            for (ticket, work) in [(target, target), (merged, target), (lost, lost)] {
                let given = try await pool.query(EvaluationQueries.given(ticket), as: GivenEvaluation.self)
                #expect(given.map(\.closing) == [Closing(work: work, round: 1)])
            }
        }
    }
}
