import Contracts
import Postgres
import TestKit
import Testing

@testable import EventLog

/// Who listens is listed; nobody in the list is passed over.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct SubscriptionTests {
    private static func entry(_ name: String) -> Subscription {
        .batch(TicketWithdrawn.self) { events, transaction in
            transaction.enqueue(
                "INSERT INTO heard (subject, version) SELECT \(name) || ' ' || version, version FROM unnest(\(events.map(\.version))) AS version"
            )
        }
    }

    private func heard(_ subscriptions: Subscriptions) async throws -> [String] {
        try await TemporaryDatabase.with(migrations: ConsumerWorld.migrations) { pool in
            let events = ConsumerWorld.history(ConsumerWorld.subjects(2), rounds: 1).map(\.event)
            let effects = Effects(subscriptions)
            try await pool.transaction { transaction in try await effects.apply(Array(events.prefix(1)), &transaction) }
            return try await pool.query("SELECT subject FROM heard ORDER BY n", as: String.self)
        }
    }

    @Test func `two subscriptions to one type both run, in the order in which they are listed`() async throws {
        let subscriptions = Subscriptions([Self.entry("first"), Self.entry("second")])
        #expect(subscriptions.topics == [Topics.tickets])
        #expect(try await heard(subscriptions) == ["first 1", "second 1"])
    }

    @Test func `what a projection folds and what else is done upon the same event both run`() async throws {
        let projections = ["one", "two"].map { Projection($0, tables: ["heard"], Subscriptions([Self.entry($0)])) }
        #expect(try await heard(Subscriptions(projections, [Self.entry("beside")])) == ["one 1", "two 1", "beside 1"])
    }
}
