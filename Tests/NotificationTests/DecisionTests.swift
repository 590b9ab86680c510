import Contracts
import Testing

@testable import Notification

@Suite struct `Who is told of what` {
    /// type (and what tells it from its twin) → audience template …
    static let table: [(String, [String])] = [
        ("case.opened", ["resident received", "310106019001 deskNew"]),
        ("case.opened", ["resident received", "310106019000 deskToDispatch"]),
        // Who is called hears of it with the dispatch; the street has nothing to do.
        ("case.opened", ["resident received"]),
        ("case.filed", ["resident accepted"]),
        ("case.declined", ["resident declined"]),
        ("case.merged", ["resident merged"]),
        ("case.withdrawn", ["resident withdrawn", "310106019001 deskWithdrawn", "light deskWithdrawn", "water deskWithdrawn"]),
        ("case.whistled", ["resident whistled", "310106019000 deskWhistled"]),
        ("case.refused", ["310106019001 deskRefused"]),
        ("case.dispatched", ["resident dispatched", "light deskLead", "water deskCo", "310106019001 deskDispatched"]),
        ("case.signed", []),
        ("case.arrived", ["resident arrived"]),
        ("case.disputed", ["310106019000 deskDisputed"]),
        ("case.adjudicated", ["water deskUpheld"]),
        ("case.adjudicated", ["water deskReassigned", "light deskRelieved"]),
        ("case.progressed", ["resident progressed"]),
        ("case.completed", []),
        ("case.completed", ["310106019001 deskCompleted"]),
        ("case.answered", ["resident answered", "310106019001 deskCompleted"]),
        ("case.answered", ["resident answered"]),
        ("case.verified", []),
        ("case.verified", ["light deskRework", "water deskRework"]),
        ("case.suspended", ["resident suspended", "310106019001 deskSuspended", "light deskSuspended", "water deskSuspended"]),
        ("case.resumed", ["resident resumed", "310106019001 deskResumed", "light deskResumed", "water deskResumed"]),
        ("case.answered", ["resident answered"]),
        ("case.closed", ["resident closed", "light deskClosed", "water deskClosed"]),
        ("case.reopened", ["resident reopened", "310106019001 deskReopened"]),
        ("case.evaluated", ["310106019001 deskEvaluated", "light deskEvaluated", "water deskEvaluated"]),
        ("case.warned", ["310106019001 deskWarned", "310106019000 deskWarned"]),
        ("case.kept", ["resident kept", "310106019001 deskKept", "light deskKept", "water deskKept"]),
        ("case.overdue", ["light deskOverdue", "310106019000 deskOverdue"]),
        ("case.reminded", ["water deskReminded"]),
        ("case.escalated", ["310106000000 deskEscalated"]),
        ("case.overdue", ["water deskDeemedSigned", "310106019000 deskOverdue"]),
        ("case.warned", ["water deskWarned", "310106019000 deskWarned"]),
        ("case.overdue", ["310106019000 deskOverdue", "310106000000 deskOverdue"]),
        ("case.joined", []),
    ]

    @Test(arguments: Array(zip(Samples.events, table).enumerated().map(\.offset)))
    func `every event goes to those whom it concerns, once each`(row: Int) {
        let (event, (type, expected)) = (Samples.events[row], Self.table[row])
        #expect(Swift.type(of: event).type == type)
        #expect(Decision.notices(of: event).map { "\($0.audience.code) \($0.template)" } == expected)
    }

    @Test func `no type of case event is forgotten by the table`() {
        let known = Set(EventRegistry.all.filter { $0.topic == Topics.cases }.map(\.type))
        #expect(Set(Self.table.map(\.0)) == known)
        #expect(Samples.events.count == Self.table.count)
    }

    @Test(arguments: [
        (CaseOwner.community(Samples.community), "310106019000"), (.street(Samples.street), "310106000000"),
        (.department(Samples.light), "310106019000"), (.none, "310106019000"),
    ])
    func `a late case goes one level up, also when it is nobody's`(owner: CaseOwner, above: String) {
        #expect(Decision.above(Samples.snapshot(owner: owner))?.code == above)
        #expect(Decision.above(Samples.snapshot(owner: .district(Samples.district))) == nil)
    }

    @Test func `an organisation that is owner and superior is told once`() {
        let event = CaseOverdue(snapshot: Samples.snapshot(owner: .none), clock: .accept, dueAt: Samples.noon)
        #expect(Decision.notices(of: event).map(\.audience.code) == ["310106019000"])
    }
}
