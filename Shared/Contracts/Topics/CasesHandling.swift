public import JSON

extension Topics {
    static let handlingEvents: [EventKind] = [
        EventKind(CaseSigned.self), EventKind(CaseArrived.self), EventKind(CaseDisputed.self), EventKind(CaseAdjudicated.self),
        EventKind(CaseProgressed.self), EventKind(CaseCompleted.self), EventKind(CaseReminded.self),
    ]
}

/// A unit has signed for it 签收.
public struct CaseSigned: UnitEvent, Hashable {
    public static var type: String { "case.signed" }

    public var snapshot: CaseSnapshot
    public var department: DepartmentCode
    /// The time to sign was over, so the unit counts as having signed.
    public var byRule: Bool?

    public init(snapshot: CaseSnapshot, department: DepartmentCode, byRule: Bool? = nil) {
        self.snapshot = snapshot
        self.department = department
        self.byRule = byRule
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), department: try m.required("department"),
            byRule: try m.optional("byRule"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("department", department)
        o.member("byRule", byRule)
    }
}

/// A unit has turned up 报到.
public struct CaseArrived: UnitEvent, Hashable {
    public static var type: String { "case.arrived" }

    public var snapshot: CaseSnapshot
    public var department: DepartmentCode

    public init(snapshot: CaseSnapshot, department: DepartmentCode) {
        self.snapshot = snapshot
        self.department = department
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(snapshot: try m.required("snapshot"), department: try m.required("department"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("department", department)
    }
}

/// A unit says that it is not its own 派单异议; the handling clock goes on.
public struct CaseDisputed: UnitEvent, Hashable {
    public static var type: String { "case.disputed" }

    public var snapshot: CaseSnapshot
    public var department: DepartmentCode
    public var ground: DisputeGround
    public private(set) var text: String?
    public var words: String? { text }

    public init(snapshot: CaseSnapshot, department: DepartmentCode, ground: DisputeGround, text: PublicText? = nil) {
        self.snapshot = snapshot
        self.department = department
        self.ground = ground
        self.text = text?.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), department: try m.required("department"),
            ground: try m.required("ground"), text: try m.optionalPublicText("text"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("department", department)
        o.member("ground", ground)
        o.member("text", text)
    }
}

/// The dispute is decided 裁定.
public struct CaseAdjudicated: ActorEvent, StaffEvent, Hashable {
    public static var type: String { "case.adjudicated" }

    public var snapshot: CaseSnapshot
    public var verdict: Verdict
    /// The unit it goes to instead.
    public var to: DepartmentCode?
    public var by: Actor
    /// The unit whose dispute it was.
    public var department: DepartmentCode?
    /// Why it was decided so.
    public private(set) var reason: String?

    public init(
        snapshot: CaseSnapshot, verdict: Verdict, to: DepartmentCode? = nil, by: Actor, department: DepartmentCode? = nil,
        reason: PublicText? = nil
    ) {
        self.snapshot = snapshot
        self.verdict = verdict
        self.to = to
        self.by = by
        self.department = department
        self.reason = reason?.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), verdict: try m.required("verdict"), to: try m.optional("to"),
            by: try m.required("by"),
            department: try m.optional("department"),
            reason: try m.optionalPublicText("reason"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("verdict", verdict)
        o.member("to", to)
        o.member("by", by)
        o.member("department", department)
        o.member("reason", reason)
    }
}

/// A unit reports how far it is.
public struct CaseProgressed: UnitEvent, Hashable {
    public static var type: String { "case.progressed" }

    public var snapshot: CaseSnapshot
    public var department: DepartmentCode
    public private(set) var text: String
    public var words: String? { text }

    public init(snapshot: CaseSnapshot, department: DepartmentCode, text: PublicText) {
        self.snapshot = snapshot
        self.department = department
        self.text = text.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), department: try m.required("department"),
            text: try m.publicText("text"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("department", department)
        o.member("text", text)
    }
}

/// A unit says that it is done 办结.
public struct CaseCompleted: UnitEvent, Hashable {
    public static var type: String { "case.completed" }

    public var snapshot: CaseSnapshot
    public var department: DepartmentCode
    public private(set) var text: String
    public var words: String? { text }
    public var photos: [PhotoID]

    public init(snapshot: CaseSnapshot, department: DepartmentCode, text: PublicText, photos: [PhotoID]) {
        self.snapshot = snapshot
        self.department = department
        self.text = text.description
        self.photos = photos
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), department: try m.required("department"),
            text: try m.publicText("text"), photos: try m.required("photos"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("department", department)
        o.member("text", text)
        o.member("photos", photos)
    }
}

/// The street or the district asks a called unit for a word 催办. It changes no clock.
public struct CaseReminded: UnitEvent, StaffEvent, Hashable {
    public static var type: String { "case.reminded" }

    public var snapshot: CaseSnapshot
    public var department: DepartmentCode
    public var by: Actor
    public private(set) var text: String
    public var words: String? { text }

    public init(snapshot: CaseSnapshot, department: DepartmentCode, by: Actor, text: PublicText) {
        self.snapshot = snapshot
        self.department = department
        self.by = by
        self.text = text.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), department: try m.required("department"), by: try m.required("by"),
            text: try m.publicText("text"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("department", department)
        o.member("by", by)
        o.member("text", text)
    }
}
