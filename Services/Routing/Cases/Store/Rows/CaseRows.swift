import Contracts
import EventLog
import Postgres

/// A row that belongs to a case, as it was found.
struct CasePart<Value: PostgresRowDecodable>: PostgresRowDecodable {
    let ticket: CaseID
    let content: Result<Value, PostgresError>

    init(row: borrowing PostgresRow) throws(PostgresError) {
        ticket = try row["ticket"]
        do { content = .success(try Value(row: row)) } catch { content = .failure(error) }
    }
}

/// The row of a case with its report and its catalogue's result: all but what the rows around it say.
struct CaseRow: PostgresRowDecodable {
    let serviceCase: ServiceCase
    let report: CaseReport

    init(row: borrowing PostgresRow) throws(PostgresError) {
        serviceCase = try ServiceCase(row: row)
        report = try CaseReport(row: row)
    }
}

/// A case's row by its keys alone, which are read even where the rest cannot be.
struct CaseKey: PostgresRowDecodable {
    let row: CasePart<CaseRow>
    let number: TicketNumber?

    init(row: borrowing PostgresRow) throws(PostgresError) {
        self.row = try CasePart(row: row)
        number = TicketNumber(try row["number"])
    }
}

/// One unit called to a case, and what it said against it.
struct OrderRow: PostgresRowDecodable {
    let dispatch: Dispatch
    let dispute: Dispute?
    /// The dispute's place among those of the case.
    let ordinal: Int

    init(row: borrowing PostgresRow) throws(PostgresError) {
        dispatch = try Dispatch(row: row)
        let ordinal: Int? = try row["dispute_ordinal"]
        dispute = ordinal == nil ? nil : try Dispute(row: row, of: dispatch)
        self.ordinal = ordinal ?? 0
    }
}

/// The rows of some cases, as one trip brought them.
struct CaseRows: Sendable {
    let cases: [CaseKey]
    let clocks: [CasePart<ClockSet>]
    let whistles: [CasePart<Whistle>]
    let orders: [CasePart<OrderRow>]
    let parties: [CasePart<JoinedTicket>]

    /// The cases whole, in the order of their rows. A part that cannot be read damages its own case.
    func assembled() -> [StoredCase] {
        let clocks = Dictionary(grouping: clocks, by: \.ticket)
        let whistles = Dictionary(grouping: whistles, by: \.ticket)
        let orders = Dictionary(grouping: orders, by: \.ticket)
        let parties = Dictionary(grouping: parties, by: \.ticket)
        return cases.map { key in
            let id = key.row.ticket
            do throws(PostgresError) {
                let row = try key.row.content.get()
                var serviceCase = row.serviceCase
                guard let set = try clocks[id]?.first?.content.get() else { throw .decode("a case without a row of clocks") }
                serviceCase.clocks = set.running
                serviceCase.restingOverall = set.resting
                serviceCase.whistle = try whistles[id]?.first?.content.get()
                try Self.add(orders[id] ?? [], to: &serviceCase)
                for party in parties[id] ?? [] { serviceCase.joined.append(try party.content.get()) }
                return StoredCase(ticket: id, number: key.number, content: .success(CaseFile(serviceCase: serviceCase, report: row.report)))
            } catch { return StoredCase(ticket: id, number: key.number, content: .failure(error)) }
        }
    }

    private static func add(_ orders: [CasePart<OrderRow>], to serviceCase: inout ServiceCase) throws(PostgresError) {
        var disputes: [(ordinal: Int, dispute: Dispute)] = []
        for order in orders {
            let row = try order.content.get()
            serviceCase.dispatches.append(row.dispatch)
            if let dispute = row.dispute { disputes.append((row.ordinal, dispute)) }
        }
        serviceCase.disputes = disputes.sorted { $0.ordinal < $1.ordinal }.map(\.dispute)
    }
}
