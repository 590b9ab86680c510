import Contracts

/// What became of one case in one transaction: one or more decisions, one after the other.
struct CaseOutcome: Sendable {
    /// Nothing for a case that was just opened.
    let before: ServiceCase?
    let report: CaseReport
    private(set) var decisions: [Decision]
    /// The event or request that led to it.
    var cause: EventID?

    init(before: ServiceCase?, report: CaseReport, decision: Decision, cause: EventID? = nil) {
        self.before = before
        self.report = report
        decisions = [decision]
        after = decision.after
        self.cause = cause
    }

    private(set) var after: ServiceCase

    mutating func add(_ decision: Decision) {
        decisions.append(decision)
        after = decision.after
    }

    /// Units that were called.
    var newDispatches: [Dispatch] { after.dispatches.filter { before?.dispatch($0.id) == nil } }
}
