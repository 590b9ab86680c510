public import JSON

extension Topics {
    static let handlingEvents: [EventKind] = [
        EventKind(CaseSigned.self), EventKind(CaseArrived.self), EventKind(CaseDisputed.self), EventKind(CaseAdjudicated.self),
        EventKind(CaseProgressed.self), EventKind(CaseCompleted.self), EventKind(CaseReminded.self),
        EventKind(CaseEscalated.self),
    ]
}

/// The events among the staff, for who tells the staff of them.
public enum StaffEventVariant: Sendable {
    case refused(CaseRefused)
    case adjudicated(CaseAdjudicated)
    case reminded(CaseReminded)
    case escalated(CaseEscalated)
    case warned(CaseWarned)
}

/// A unit has signed for it 签收.
public struct CaseSigned: CaseEvent, Hashable {
    public static var type: String { "case.signed" }
    public var variant: CaseEventVariant { .signed(self) }
    public var departments: [DepartmentCode] { [department] }

    public var snapshot: CaseSnapshot
    public var department: DepartmentCode
    /// The time to sign was over, so the unit counts as having signed.
    public var isByRule: Bool { by == .clock }

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

/// A unit has turned up 报到.
public struct CaseArrived: CaseEvent, Hashable {
    public static var type: String { "case.arrived" }
    public var variant: CaseEventVariant { .arrived(self) }
    public var departments: [DepartmentCode] { [department] }

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
public struct CaseDisputed: CaseEvent, Hashable {
    public static var type: String { "case.disputed" }
    public var variant: CaseEventVariant { .disputed(self) }
    public var departments: [DepartmentCode] { [department] }

    public var snapshot: CaseSnapshot
    public var department: DepartmentCode
    public var ground: DisputeGround
    public private(set) var text: String?

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
public struct CaseAdjudicated: StaffEvent, Hashable {
    public static var type: String { "case.adjudicated" }
    public var staffVariant: StaffEventVariant { .adjudicated(self) }
    public var departments: [DepartmentCode] { [department, to].compactMap { $0 } }

    public var snapshot: CaseSnapshot
    public var verdict: Verdict
    /// The unit it goes to instead.
    public var to: DepartmentCode?
    /// The unit whose dispute it was.
    public var department: DepartmentCode?
    public var about: DepartmentCode? { department }
    /// Why it was decided so.
    public private(set) var reason: String?
    public var words: String? { reason }

    public init(
        snapshot: CaseSnapshot, verdict: Verdict, to: DepartmentCode? = nil, department: DepartmentCode? = nil,
        reason: PublicText? = nil
    ) {
        self.snapshot = snapshot
        self.verdict = verdict
        self.to = to
        self.department = department
        self.reason = reason?.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), verdict: try m.required("verdict"), to: try m.optional("to"),
            department: try m.optional("department"),
            reason: try m.optionalPublicText("reason"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("verdict", verdict)
        o.member("to", to)
        o.member("department", department)
        o.member("reason", reason)
    }
}

/// Who works on it, a called unit or the holder itself, tells how far it is.
public struct CaseProgressed: CaseEvent, Hashable {
    public static var type: String { "case.progressed" }
    public var variant: CaseEventVariant { .progressed(self) }

    public var snapshot: CaseSnapshot
    public private(set) var text: String

    public init(snapshot: CaseSnapshot, text: PublicText) {
        self.snapshot = snapshot
        self.text = text.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(snapshot: try m.required("snapshot"), text: try m.publicText("text"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("text", text)
    }
}

/// A unit says that it is done 办结.
public struct CaseCompleted: CaseEvent, Hashable {
    public static var type: String { "case.completed" }
    public var variant: CaseEventVariant { .completed(self) }
    public var departments: [DepartmentCode] { [department] }

    public var snapshot: CaseSnapshot
    public var department: DepartmentCode
    public private(set) var text: String
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
public struct CaseReminded: StaffEvent, Hashable {
    public static var type: String { "case.reminded" }
    public var staffVariant: StaffEventVariant { .reminded(self) }

    public var snapshot: CaseSnapshot
    public var department: DepartmentCode
    public var about: DepartmentCode? { department }
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

/// The street asks its district to watch the case 提级. It changes neither state nor clock.
public struct CaseEscalated: StaffEvent, Hashable {
    public static var type: String { "case.escalated" }
    public var staffVariant: StaffEventVariant { .escalated(self) }
    public var about: DepartmentCode? { nil }

    public var snapshot: CaseSnapshot
    public private(set) var reason: String
    public var words: String? { reason }

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
