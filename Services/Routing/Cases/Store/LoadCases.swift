import Contracts
import Postgres

/// Which cases are meant.
enum CaseChoice: Sendable {
    case tickets([CaseID])
    case number(TicketNumber)
    /// The one that an order belongs to.
    case dispatch(DispatchID)

    static func ticket(_ id: CaseID) -> CaseChoice { .tickets([id]) }
}

/// How the cases' own rows are locked. Always in the order of the tickets, so that two groups never wait for each other.
enum CaseLock: Sendable {
    case waiting
    /// What somebody else has locked is left out.
    case skipping
}

/// The statements that bring some cases whole, the cases' own rows first.
private struct CaseTrip {
    typealias Answer = ([CaseKey], [CasePart<ClockSet>], [CasePart<Whistle>], [CasePart<OrderRow>], [CasePart<JoinedTicket>])

    let cases: PostgresQuery<CaseKey>
    let clocks: PostgresQuery<CasePart<ClockSet>>
    let whistles: PostgresQuery<CasePart<Whistle>>
    let orders: PostgresQuery<CasePart<OrderRow>>
    let parties: PostgresQuery<CasePart<JoinedTicket>>

    init(_ choice: CaseChoice, _ lock: CaseLock? = nil) {
        cases = PostgresQuery(CaseQueries.cases(choice, lock))
        clocks = PostgresQuery(CaseQueries.clocks(choice))
        whistles = PostgresQuery(CaseQueries.whistles(choice))
        orders = PostgresQuery(CaseQueries.orders(choice))
        parties = PostgresQuery(CaseQueries.parties(choice))
    }

    static func assembled(_ answer: Answer) -> [StoredCase] {
        CaseRows(cases: answer.0, clocks: answer.1, whistles: answer.2, orders: answer.3, parties: answer.4).assembled()
    }
}

extension PostgresTransaction {
    /// Locks the cases and reads them as they stand under the lock, in one round trip.
    ///
    /// Each statement behind the first sees what was committed when it began, hence all that those wrote for whom the lock was waited.
    mutating func lockCases(_ choice: CaseChoice, _ lock: CaseLock = .waiting) async throws -> [StoredCase] {
        let trip = CaseTrip(choice, lock)
        return CaseTrip.assembled(
            try await query(together: trip.cases, trip.clocks, trip.whistles, trip.orders, trip.parties))
    }

    /// Reads cases without a lock. Their rows belong together only over one snapshot (`TransactionMode.readOnlySnapshot`).
    mutating func readCases(_ ids: [CaseID]) async throws -> [StoredCase] {
        guard !ids.isEmpty else { return [] }
        let trip = CaseTrip(.tickets(ids))
        let cases = CaseTrip.assembled(try await query(together: trip.cases, trip.clocks, trip.whistles, trip.orders, trip.parties))
        let found = Dictionary(cases.map { ($0.ticket, $0) }, uniquingKeysWith: { first, _ in first })
        return ids.compactMap { found[$0] }
    }
}

extension PostgresPool {
    /// Reads cases as they stood at one moment, in one round trip.
    func readCases(_ choice: CaseChoice) async throws -> [StoredCase] {
        let trip = CaseTrip(choice)
        return CaseTrip.assembled(try await query(together: trip.cases, trip.clocks, trip.whistles, trip.orders, trip.parties))
    }

    /// The cases whose tickets a statement answers, in its order, all over one snapshot.
    func readCases(listedBy page: SQL) async throws -> [StoredCase] {
        try await transaction(.readOnlySnapshot) { transaction in
            try await transaction.readCases(try await transaction.query(page, as: CaseID.self))
        }
    }
}
