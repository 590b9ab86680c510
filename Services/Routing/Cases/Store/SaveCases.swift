import Contracts
import Postgres

/// Saves what was decided: for each case the difference of two values, as rows that are new and rows that changed. All groups
/// together travel in one round trip.
struct SaveCases {
    private let opened: [CaseOutcome], updated: [CaseOutcome]
    private(set) var startedClocks = ClockColumns()
    private var changedClocks = ClockColumns()
    private var newOrders = OrderColumns(), changedOrders = OrderColumns()
    private var newDisputes: [(ordinal: Int16, dispute: Dispute)] = [], changedDisputes: [Dispute] = []
    private var newWhistles: [(ticket: CaseID, whistle: Whistle)] = [], closedWhistles: [(id: WhistleID, at: Timestamp)] = []
    private var joined: [CaseParty] = [], left: [CaseParty] = []

    /// - Parameter outcomes: at most one for each case.
    init(_ outcomes: [CaseOutcome], in city: City) {
        opened = outcomes.filter { $0.before == nil }
        updated = outcomes.filter { $0.before != nil }
        for outcome in outcomes {
            addClocks(outcome, city.calendar(of: outcome.after))
            addOrders(outcome.before, outcome.after)
            addDisputes(outcome.before, outcome.after)
            addWhistle(outcome.before, outcome.after)
            addParties(outcome)
        }
    }

    /// When the clocks fire that these outcomes set.
    var firesAt: [Timestamp] { (startedClocks.firesAt + changedClocks.firesAt).compactMap(\.self) }

    func enqueue(in transaction: inout PostgresTransaction) {
        if !opened.isEmpty {
            let (columns, opening) = (CaseColumns(opened), OpeningColumns(opened))
            transaction.enqueue(CatalogueQueries.keep(opened.map(\.after.routing)))
            transaction.enqueue(CaseWriteQueries.insert(columns, opening))
            transaction.enqueue(CaseWriteQueries.insertReports(opening, of: columns.tickets))
        }
        if !updated.isEmpty { transaction.enqueue(CaseWriteQueries.update(CaseColumns(updated))) }
        if !startedClocks.isEmpty { transaction.enqueue(ClockQueries.insert(startedClocks)) }
        if !changedClocks.isEmpty { transaction.enqueue(ClockQueries.update(changedClocks)) }
        // An open whistle gives way before another one opens.
        if !closedWhistles.isEmpty { transaction.enqueue(OrderQueries.closeWhistles(closedWhistles)) }
        if !newWhistles.isEmpty { transaction.enqueue(OrderQueries.addWhistles(newWhistles)) }
        if !newOrders.isEmpty { transaction.enqueue(OrderQueries.addOrders(newOrders)) }
        if !changedOrders.isEmpty { transaction.enqueue(OrderQueries.changeOrders(changedOrders)) }
        if !newDisputes.isEmpty { transaction.enqueue(OrderQueries.addDisputes(newDisputes)) }
        if !changedDisputes.isEmpty { transaction.enqueue(OrderQueries.changeDisputes(changedDisputes)) }
        if !joined.isEmpty { transaction.enqueue(OrderQueries.addParties(joined)) }
        if !left.isEmpty { transaction.enqueue(OrderQueries.closeParties(left)) }
    }

    // MARK: Differences

    private mutating func addClocks(_ outcome: CaseOutcome, _ calendar: WorkCalendar) {
        let (set, firesAt) = (ClockSet(outcome.after), outcome.after.fires(in: calendar))
        guard let before = outcome.before else { return startedClocks.add(set, of: outcome.after.id, firesAt: firesAt) }
        // A case that is over fires no warnings, so the instant may change although the clocks do not.
        guard ClockSet(before) != set || before.fires(in: calendar) != firesAt else { return }
        changedClocks.add(set, of: outcome.after.id, firesAt: firesAt)
    }

    private mutating func addOrders(_ before: ServiceCase?, _ after: ServiceCase) {
        for (place, dispatch) in after.dispatches.enumerated() {
            guard let old = before?.dispatch(dispatch.id) else {
                newOrders.add(dispatch, of: after, at: place)
                continue
            }
            if old != dispatch { changedOrders.add(dispatch, of: after, at: place) }
        }
    }

    private mutating func addDisputes(_ before: ServiceCase?, _ after: ServiceCase) {
        for (place, dispute) in after.disputes.enumerated() {
            guard let old = before?.disputes.first(where: { $0.dispatch == dispute.dispatch }) else {
                newDisputes.append((Int16(clamping: place), dispute))
                continue
            }
            if old != dispute { changedDisputes.append(dispute) }
        }
    }

    private mutating func addWhistle(_ before: ServiceCase?, _ after: ServiceCase) {
        let old = before?.whistle
        guard old?.id != after.whistle?.id else { return }
        if let old { closedWhistles.append((old.id, after.changedAt)) }
        if let new = after.whistle { newWhistles.append((after.id, new)) }
    }

    private mutating func addParties(_ outcome: CaseOutcome) {
        for change in outcome.decisions.flatMap(\.parties) {
            let party = CaseParty(
                ticket: outcome.after.id, version: Int32(clamping: change.version), party: change.party.ticket,
                number: change.party.number, by: change.by, at: outcome.after.changedAt)
            if change.isJoined { joined.append(party) } else { left.append(party) }
        }
    }
}
