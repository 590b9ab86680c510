public import JSON

extension Topics {
    static let closingEvents: [EventKind] = [
        EventKind(CaseClosed.self), EventKind(CaseReopened.self), EventKind(CaseEvaluated.self), EventKind(CaseWarned.self),
        EventKind(CaseOverdue.self),
    ]
}

/// Closed with an honest ending 结案.
public struct CaseClosed: CaseEvent, Hashable {
    public static var type: String { "case.closed" }
    public var variant: CaseEventVariant { .closed(self) }

    public var snapshot: CaseSnapshot
    public var ending: Ending

    public init(snapshot: CaseSnapshot, ending: Ending) {
        self.snapshot = snapshot
        self.ending = ending
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(snapshot: try m.required("snapshot"), ending: try m.required("ending"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("ending", ending)
    }
}

/// Not solved after all.
public struct CaseReopened: CaseEvent, Hashable {
    public static var type: String { "case.reopened" }
    public var variant: CaseEventVariant { .reopened(self) }

    public var snapshot: CaseSnapshot
    public private(set) var reason: String

    public init(snapshot: CaseSnapshot, reason: PublicText) {
        self.snapshot = snapshot
        self.reason = reason.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(snapshot: try m.required("snapshot"), reason: try m.publicText("reason"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("reason", reason)
    }
}

/// The one who raised it has evaluated it 一事一评.
public struct CaseEvaluated: CaseEvent, Hashable {
    public static var type: String { "case.evaluated" }
    public var variant: CaseEventVariant { .evaluated(self) }

    public var snapshot: CaseSnapshot
    public var contacted: Contacted
    public var solved: Solved
    public var satisfied: Satisfied

    public init(snapshot: CaseSnapshot, contacted: Contacted, solved: Solved, satisfied: Satisfied) {
        self.snapshot = snapshot
        self.contacted = contacted
        self.solved = solved
        self.satisfied = satisfied
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), contacted: try m.required("contacted"),
            solved: try m.required("solved"), satisfied: try m.required("satisfied"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("contacted", contacted)
        o.member("solved", solved)
        o.member("satisfied", satisfied)
    }
}

/// A clock has used up part of its time.
public struct CaseWarned: StaffEvent, Hashable {
    public static var type: String { "case.warned" }
    public var staffVariant: StaffEventVariant { .warned(self) }

    public var snapshot: CaseSnapshot
    public var clock: ClockKind
    /// 50, 80 or 100 of the whole time.
    public var percent: Int
    /// The unit whose clock it is, where each called unit has its own.
    public var department: DepartmentCode?
    public var about: DepartmentCode? { department }

    public init(snapshot: CaseSnapshot, clock: ClockKind, percent: Int, department: DepartmentCode? = nil) {
        self.snapshot = snapshot
        self.clock = clock
        self.percent = percent
        self.department = department
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), clock: try m.required("clock"),
            percent: try m.required("percent"),
            department: try m.optional("department"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("clock", clock)
        o.member("percent", percent)
        o.member("department", department)
    }
}

/// A clock has run out 超时.
public struct CaseOverdue: CaseEvent, Hashable {
    public static var type: String { "case.overdue" }
    public var variant: CaseEventVariant { .overdue(self) }
    public var departments: [DepartmentCode] { department.map { [$0] } ?? [] }

    public var snapshot: CaseSnapshot
    public var clock: ClockKind
    public var dueAt: Timestamp
    /// The unit whose clock it was, where each called unit has its own.
    public var department: DepartmentCode?

    public init(snapshot: CaseSnapshot, clock: ClockKind, dueAt: Timestamp, department: DepartmentCode? = nil) {
        self.snapshot = snapshot
        self.clock = clock
        self.dueAt = dueAt
        self.department = department
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), clock: try m.required("clock"),
            dueAt: try m.required("dueAt"),
            department: try m.optional("department"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("clock", clock)
        o.member("dueAt", dueAt)
        o.member("department", department)
    }
}
